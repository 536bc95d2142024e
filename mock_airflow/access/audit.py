"""The audit-log row that a call leaves, also when it is then refused (observed; the rule is Airflow's action_logging)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mock_airflow.domain import event_logs
from mock_airflow.domain.masking import masked

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.api.operation import Call

_NOT_EXTRA = frozenset(
    {"csrf_token", "_csrf_token", "is_paused", "dag_id", "task_id", "dag_run_id", "run_id", "execution_date"}
)


def record_event(event: str, call: Call, request: Request) -> None:
    """Write who called what with which parameters, secrets masked."""
    given = [*request.args.items(multi=True), *call.path.items()]
    extra = {name: masked(value, name) for name, value in given if name not in _NOT_EXTRA}
    if isinstance(call.body, dict) and "application/json" in request.headers.get("Content-Type", ""):
        extra |= {name: masked(value, name) for name, value in call.body.items()}
    names = {**request.args.to_dict(), **call.path}
    if "is_paused" in names:
        extra["is_paused"] = names["is_paused"] == "false"
    from_own_page = request.headers.get("Origin", "") + "/" == request.root_url
    event_logs.record(
        call.airflow,
        f"{'ui' if from_own_page else 'api'}.{event}",
        owner="anonymous" if call.principal.anonymous else call.principal.name,
        extra=json.dumps(extra),
        dag_id=names.get("dag_id"),
        task_id=names.get("task_id"),
        run_id=names.get("run_id") or names.get("dag_run_id"),
    )
