"""The audit-log row that a call leaves, also when it is then refused (observed; Airflow's rule is action_logging)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_airflow.answers import Oops, Refusal
from mock_airflow.api.airflow2 import pages
from mock_airflow.domain.masking import AIRFLOWS_LEVELS, masked
from mock_airflow.journal.why import Why
from mock_airflow.storage.on_demand import on_demand

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.api.operation import Call
    from mock_airflow.domain import event_logs
else:
    (event_logs,) = on_demand("mock_airflow.domain", "event_logs")

_NOT_EXTRA = frozenset(
    {"csrf_token", "_csrf_token", "is_paused", "dag_id", "task_id", "dag_run_id", "run_id", "execution_date"}
)
_redacted = partial(masked, levels=AIRFLOWS_LEVELS)


def record_event(event: str, call: Call, request: Request) -> None:
    """Write who called what with which parameters, secrets masked.

    Raises Refusal or Oops for bodies that Airflow stumbles over here; then nothing is written.
    """
    given = [*(request.args.items(multi=True) if request.query_string else ()), *call.path.items()]
    parameters = {name: _redacted(value, name) for name, value in given if name not in _NOT_EXTRA}
    body = _logged_body(call, request)
    noun = event.partition(".")[0]
    if noun == "variable":
        extra = _variable(body or parameters)
    elif noun == "connection":
        extra = _connection(body or parameters)
    else:
        extra = {**parameters, **{name: _redacted(value, name) for name, value in body.items()}}
    names = {**(request.args.to_dict() if request.query_string else {}), **call.path}
    if "is_paused" in names:
        extra["is_paused"] = names["is_paused"] == "false"
    origin = request.headers.get("Origin")
    from_own_page = origin is not None and f"{origin}/" == request.root_url
    for one in event.split():  # an operation that is carried out by calling another leaves a row of each (observed)
        event_logs.record(
            call.airflow,
            f"{'ui' if from_own_page else 'api'}.{one}",
            owner="anonymous" if call.principal.anonymous else call.principal.name,
            extra=json.dumps(extra),
            dag_id=names.get("dag_id"),
            task_id=names.get("task_id"),
            run_id=names.get("run_id") or names.get("dag_run_id"),
        )


def _logged_body(call: Call, request: Request) -> Mapping[str, Any]:
    """The JSON body, of operations without one as well; nothing of a body under another type than application/json."""
    if "application/json" not in request.headers.get("Content-Type", ""):
        return {}
    body = call.body
    if call.operation.body is None:
        try:
            body = json.loads(request.get_data(cache=True))
        except (ValueError, RecursionError):
            raise Refusal(
                status=400,
                body=pages.bad_request_page(),
                content_type="text/html; charset=utf-8",
                why=Why(
                    "The content type says application/json, but there is no JSON body, and Airflow logs it first.",
                    would_pass="the same request without a Content-Type",
                ),
            ) from None
    if body and not isinstance(body, dict):
        raise Oops("The body is not an object, so Airflow cannot log it.", bare=True)
    return body or {}


def _variable(given: Mapping[str, Any]) -> dict[str, Any]:
    """A variable's value is masked if a key that sounds secret stands before it; nothing else is (observed)."""
    told: dict[str, Any] = {}
    key: Any = None
    for name, value in given.items():
        told[name] = value
        if name == "key":
            key = value
        elif key and name in ("val", "value"):
            told[name] = _redacted(value, key)
            key = None
    return told


def _connection(given: Mapping[str, Any]) -> dict[str, Any]:
    """A connection's extra is told as an object, and any JSON but an object makes Airflow fail (observed)."""
    told = {name: _redacted(value, name) for name, value in given.items()}
    extra = given.get("extra")
    if extra:
        try:
            content = json.loads(extra)
        except json.JSONDecodeError:
            told["extra"] = "Encountered non-JSON in `extra` field"
        except (ValueError, RecursionError):
            raise Oops("The extra is JSON of a size that Airflow cannot read.", bare=True) from None
        else:
            if not isinstance(content, dict):
                raise Oops("The extra is JSON but no object, so Airflow cannot log it.", bare=True)
            told["extra"] = {name: _redacted(value, name) for name, value in content.items()}
    return told
