"""Cases of the rules in ``mock_airflow/review/rules/secrets.py``."""

from __future__ import annotations

from tests.review.rules.case import Story, asks, case, dated

case("secret-in-url", asks("/dags?api_key=7f3a91c2d4e5"), asks("/dags?tags=token"))
case(
    "secret-in-conf",
    dated({"conf": {"db": {"password": "hunter2-hunter2"}}}),
    dated({"conf": {"password": None, "connection_id": "warehouse"}}),
)
case(
    "secret-in-conf",
    dated({"conf": {"url": "postgres://me:hunter2@db/x"}}),
    dated({"conf": {"url": "postgres://db/x"}}),
)


def variable(key: str, value: str) -> Story:
    return lambda t: t.post("/variables", {"key": key, "value": value})


URL = "postgres://me:hunter2hunter2@db/x"
case("secret-variable-in-clear", variable("warehouse", URL), variable("warehouse_secret", URL))
case("secret-variable-in-clear", variable("warehouse", URL), variable("warehouse", "postgres://db/x"))
