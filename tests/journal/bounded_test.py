"""What is kept of requests has its bound: the journal's entries, and what rewinding needs."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from tests.support import Deploy


def test_what_is_kept_does_not_grow_with_the_calls(deploy: Deploy) -> None:
    call = deploy(journal_size=50, rate_limit="100000/second")

    def kept_after(calls: int) -> int:
        for _ in range(calls):
            assert call.get("/api/v1/pools").status_code == 200
        gc.collect()
        return len(gc.get_objects())

    settled = kept_after(300)
    assert kept_after(1200) < settled + 500
    assert len(call.deployment.journal) == 50


def test_the_audit_log_lets_its_oldest_entries_go(deploy: Deploy) -> None:
    call = deploy(event_logs_kept=200)
    for number in range(310):
        assert call.post("/api/v1/variables", json={"key": f"k{number}", "value": "x"}).status_code == 200

    told = call.get("/api/v1/eventLogs?order_by=event_log_id&limit=1").get_json()

    assert 200 <= told["total_entries"] < 300
    assert told["event_logs"][0]["event_log_id"] == 310 - told["total_entries"] + 1
    call.deployment.rewind(300)  # what went since is there again, in its place
    entries = [entry.event_log_id for entry in call.deployment.airflow.event_logs]
    assert entries == sorted(entries)
    assert entries[-1] == 299


MEBIBYTE = 1024 * 1024


def _memory() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.parametrize("way", ["changed", "made and deleted", "refused"])
def test_long_values_do_not_stay_in_memory(deploy: Deploy, way: str) -> None:
    call = deploy(journal_bytes=4 * MEBIBYTE)
    call.post("/api/v1/variables", json={"key": "long", "value": "first"})
    tracemalloc.start()
    try:
        before = _memory()
        for number in range(40):
            body = {"key": "long", "value": f"{number}-" + "x" * (MEBIBYTE // 2)}
            if way == "made and deleted":
                call.delete("/api/v1/variables/long")
                assert call.post("/api/v1/variables", json=body).status_code == 200
            elif way == "changed":
                assert call.patch("/api/v1/variables/long", json=body).status_code == 200
            else:
                refused = {"connection_id": "c", "conn_type": "http", "password": [body["value"]]}
                assert call.post("/api/v1/connections", json=refused).status_code == 400
        grown = _memory() - before
    finally:
        tracemalloc.stop()
    assert grown < 12 * MEBIBYTE
    assert call.get("/__mock__/journal").get_json()["total_entries"] < 120


def test_an_error_is_still_told_when_its_entry_had_to_go(deploy: Deploy) -> None:
    call = deploy(journal_bytes=100_000)
    call.get("/api/v1/dags/none")
    for _ in range(100):
        call.get("/api/v1/pools")
    (error,) = call.deployment.journal.errors()
    assert (error.number, error.status, error.mark) == (1, 404, None)
    assert len(call.deployment.journal) < 60


def test_snapshots_are_bounded_listed_and_deleted(deploy: Deploy) -> None:
    call = deploy(kept_snapshots=2)
    assert [call.post("/__mock__/snapshot").get_json()["id"] for _ in range(2)] == [1, 2]

    refused = call.post("/__mock__/snapshot")
    assert (refused.status_code, "kept_snapshots" in refused.get_json()["detail"]) == (400, True)

    assert call.delete("/__mock__/snapshots/1").status_code == 204
    assert call.delete("/__mock__/snapshots/1").status_code == 404
    assert call.post("/__mock__/restore/1").status_code == 404
    assert call.post("/__mock__/snapshot").get_json()["id"] == 3
    assert [each["id"] for each in call.get("/__mock__/snapshots").get_json()["snapshots"]] == [2, 3]
    assert call.post("/__mock__/restore/2").status_code == 204
    assert call.delete("/__mock__/snapshots").status_code == 204
    assert call.get("/__mock__/snapshots").get_json() == {"snapshots": [], "total_entries": 0}


def test_the_audit_log_keeps_the_beginning_of_a_very_long_body(deploy: Deploy) -> None:
    call = deploy()
    call.post("/api/v1/variables", json={"key": "long", "value": "x" * 100_000})
    (log,) = call.get("/api/v1/eventLogs?event=api.variable.create").get_json()["event_logs"]
    assert len(log["extra"]) == 65_535
