"""What datasets queue for the DAGs that wait for them, over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy

A, B = "s3://lake/a", "s3://lake/b"
DAGS = "/api/v1/dags/{}/datasets/queuedEvent"
DATASETS = "/api/v1/datasets/queuedEvent"


@pytest.fixture
def call(deploy: Deploy) -> Any:
    dags = [{"dag_id": name, "tasks": ["x"], "schedule": [A, B]} for name in ("both", "again")]
    datasets = [{"uri": uri, "consuming_dags": [{"dag_id": "both"}, {"dag_id": "again"}]} for uri in (A, B)]
    queued = [
        {"dag_id": "both", "uri": A, "created_at": "2025-05-01T00:00:00Z"},
        {"dag_id": "both", "uri": B, "created_at": "2025-05-02T00:00:00Z"},
        {"dag_id": "again", "uri": B, "created_at": "2025-05-03T00:00:00Z"},
    ]
    return deploy({"dags": dags, "datasets": datasets, "queued_events": queued}, runs="manual")


def queued(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told = answer.get_json()
    assert told["total_entries"] == len(told["queued_events"])
    return [f"{one['dag_id']} {one['uri'][-1]}" for one in told["queued_events"]]


def not_found(answer: Any) -> str:
    told = answer.get_json()
    assert (answer.status_code, told["title"]) == (404, "Queue event not found")
    return str(told["detail"])


def test_what_is_queued_is_listed_by_dag_and_by_dataset(call: Any) -> None:
    assert queued(call.get(DAGS.format("both"))) == ["both a", "both b"]
    assert queued(call.get(f"{DATASETS}/{B}")) == ["both b", "again b"]
    assert queued(call.get(f"{DATASETS}/s3%3A%2F%2Flake%2Fa")) == ["both a"]
    one = call.get(f"{DAGS.format('both')}/{A}").get_json()
    assert one == {"created_at": "2025-05-01T00:00:00+00:00", "dag_id": "both", "uri": A}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("2025-05-02T00:00:00Z", ["both a"]),
        ("2025-05-02T02:00:01+02:00", ["both a", "both b"]),
        (None, ["both a", "both b"]),
    ],
)
def test_before_is_strict(call: Any, before: str | None, expected: list[str]) -> None:
    query = {} if before is None else {"before": before}
    assert queued(call.get(DAGS.format("both"), query_string=query)) == expected


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nothing_queued_is_a_404(call: Any, method: str) -> None:
    early = {"before": "2025-01-01T00:00:00Z"}
    assert not_found(call(method, DAGS.format("none"))) == "Queue event with dag_id: `none` was not found"
    assert (
        not_found(call(method, DAGS.format("both"), query_string=early))
        == "Queue event with dag_id: `both` was not found"
    )
    assert not_found(call(method, f"{DATASETS}/x")) == "Queue event with dataset uri: `x` was not found"
    told = not_found(call(method, f"{DAGS.format('again')}/{A}"))
    assert told == f"Queue event with dag_id: `again` and dataset uri: `{A}` was not found"


@pytest.mark.parametrize(
    ("where", "left"),
    [
        (DAGS.format("both"), [f"{DATASETS}/{B}"]),
        (f"{DAGS.format('both')}/{B}", [DAGS.format("both"), f"{DATASETS}/{B}"]),
        (f"{DATASETS}/{B}", [DAGS.format("both")]),
    ],
)
def test_delete_forgets_what_it_names_and_no_more(call: Any, where: str, left: list[str]) -> None:
    answer = call.delete(where)

    assert (answer.status_code, answer.data, answer.content_type) == (204, b"", "application/json")
    assert not_found(call.get(where))
    assert [len(queued(call.get(one))) for one in left] == [1] * len(left)


def test_delete_is_logged_with_its_parameters(call: Any) -> None:
    call.delete(f"{DAGS.format('both')}/{A}", query_string={"before": "2025-06-01T00:00:00Z"})

    logged = call.get("/api/v1/eventLogs", query_string={"dag_id": "both"}).get_json()["event_logs"]
    assert [(one["event"], one["extra"]) for one in logged] == [
        ("api.delete_dag_dataset_queued_event", f'{{"before": "2025-06-01T00:00:00Z", "uri": "{A}"}}')
    ]


@pytest.mark.parametrize("where", [DAGS.format("both"), f"{DAGS.format('both')}/{A}", f"{DATASETS}/{A}"])
def test_viewer_reads_and_does_not_delete(call: Any, where: str) -> None:
    assert call.get(where, by="viewer").status_code == 200
    assert call.delete(where, by="viewer").status_code == 403
