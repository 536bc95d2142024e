"""Refusals, changes, connections, and what an Airflow 3 does otherwise."""

from __future__ import annotations

from typing import Any

from tests.review.rules.case import DATE, THREE, Story, asks, case, dated, polling
from tests.review.talking import Talker

case("refusal-repeated", asks(*["/dags/none"] * 3), asks(*["/dags/none"] * 2))


def awaited(t: Talker) -> None:
    for _ in range(3):
        t.get("/dags/none", wait=5)
    t.airflow.add_dag("none")
    t.get("/dags/none", wait=5)


case("refusal-repeated", asks(*["/dags/none"] * 3), awaited)


case(
    "error-read-as-success",
    asks("/dags/none", "/dags/etl/dagRuns/None"),
    asks("/dags/etl", "/dags/etl/dagRuns/None"),
)


def refused_run(waits: bool) -> Story:
    def story(t: Talker) -> None:
        t.post("/dags/none/dagRuns", {"dag_run_id": "mine"})
        if waits:
            t.get("/dags/none/dagRuns/mine", wait=5)

    return story


case("error-read-as-success", refused_run(True), refused_run(False))


def patched(body: dict[str, Any], mask: str = "") -> Story:
    def story(t: Talker) -> None:
        t.post("/variables", {"key": "limit", "value": "10", "description": "of the nightly job"})
        t("PATCH", f"/variables/limit{mask}", json=body)

    return story


WHOLE = {"key": "limit", "value": "20", "description": ""}
case("patch-resets-fields", patched(WHOLE), patched(WHOLE, "?update_mask=value"), **THREE)
case("patch-resets-fields", patched(WHOLE), patched({"key": "limit", "value": "20"}))
case("patch-resets-fields", patched(WHOLE), patched({"key": "limit", "value": "10", "description": ""}))


def deletes(*, look: bool = False, runs: int = 2) -> Story:
    def story(t: Talker) -> None:
        for _ in range(runs):
            t.airflow.trigger("etl")
            t.airflow.clock.advance(600)
        if look:
            t.get("/dags/etl/dagRuns?limit=1")
        t("DELETE", "/dags/etl")

    return story


case("delete-takes-along", deletes(), deletes(look=True))
case("delete-takes-along", deletes(), deletes(runs=0))


def connections(*ports: int) -> Story:
    def story(t: Talker) -> None:
        for port in ports:
            t.get("/pools", peer=str(port))

    return story


case("connection-for-every-call", connections(1, 2, 3, 4, 5), connections(1, 1, 2, 3, 4))
case("connection-for-every-call", connections(1, 2, 3, 4, 5), connections(1, 2, 3, 4))


def called(agent: str) -> Story:
    def story(t: Talker) -> None:
        t.agent = agent
        t.get("/pools")

    return story


case("no-name-of-its-own", called("python-requests/2.32.0"), called("night-loader/1.0 python-requests/2.32.0"))
case("no-name-of-its-own", called("OpenAPI-Generator/2.10.0/python"), called("node-exporter/1.2 (ops)"))
case("no-name-of-its-own", called("Python/3.11 aiohttp/3.9.5"), called("loader"))


case("deprecated-operation", asks("/users"), asks("/auth/fab/v1/users"))
case(
    "deprecated-operation",
    asks("/api/experimental/dags/etl/dag_runs"),
    asks("/dags/etl/dagRuns"),
    enable_experimental_api=True,
)
case("deprecated-field", dated({"execution_date": DATE}), dated({"logical_date": DATE}))
GTE = "/dags/etl/dagRuns?execution_date_gte="
case("date-without-zone", asks(f"{GTE}2025-01-01T00:00:00"), asks(f"{GTE}2025-01-01T00:00:00Z"))
case("date-without-zone", asks(f"{GTE}2025-01-01T00:00:00+02:00"), asks(f"{GTE}2025-01-01T00:00:00%2B02:00"))
case(
    "date-without-zone",
    dated({"logical_date": "2025-01-01T00:00:00"}),
    dated({"dag_run_id": "2025-01-01T00:00:00", "note": "2025-01-01"}),
)
case("poll-where-wait-is", polling(5, 10), polling(4, 10), **THREE)
case("poll-where-wait-is", polling(5, 10), polling(5, 10, path="/dags/etl/dagRuns/{run}/taskInstances"), **THREE)
