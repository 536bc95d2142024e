"""Cases of the rules in ``mock_airflow/review/rules/versions.py``."""

from __future__ import annotations

from tests.review.rules.case import DATE, THREE, asks, case, dated, polling

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
