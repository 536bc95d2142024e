"""The steps of a request in Airflow 3: who asks, whether they may, then what they ask (observed).

A refusal for a wrong parameter is a 422 that lists every fault, and comes only after 401 and 403.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mock_airflow.access.admission import Admission
from mock_airflow.access.permissions import Access, DagInBody
from mock_airflow.access.principals import NOBODY, Principal
from mock_airflow.answers import Answer, ApiProblem, Oops
from mock_airflow.api.airflow3.accept import see_accepted
from mock_airflow.api.airflow3.body import read_body, sent_body
from mock_airflow.api.airflow3.json_text import text_of
from mock_airflow.api.airflow3.parameters import read_path, read_query
from mock_airflow.api.airflow3.problems import Detail, Fault, database_words, invalid, worded
from mock_airflow.api.dialect import Dialect
from mock_airflow.api.operation import Call, Operation
from mock_airflow.domain import event_logs
from mock_airflow.domain.errors import DomainError
from mock_airflow.domain.masking import MASK, masked_in_3 as masked
from mock_airflow.domain.records.json_object import unstorable
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request


def _in_clear(sent: Any) -> Any:
    """What of a body is kept as it is: the value of a variable that is not a text is kept as JSON, all of it ASCII."""
    if not isinstance(sent, dict):
        return sent
    return {name: each for name, each in sent.items() if name != "value" or isinstance(each, str)}


class BulkAccess(Access, frozen=True):
    """What a bulk change demands: the method that each of its actions stands for, hence nothing for none (observed)."""


_METHOD_OF = {"create": "POST", "update": "PUT", "delete": "DELETE"}
INTERNAL = Answer("Internal Server Error", 500, "text/plain; charset=utf-8")
# Written to the audit log even where they are forbidden; all others only once they are permitted (code).
_LOGGED_FIRST = frozenset(
    (
        *("pause_backfill", "unpause_backfill", "cancel_backfill", "create_backfill"),
        *("get_task_instances_batch", "post_clear_task_instances", "patch_task_group_instances", "patch_task_instance"),
        *("post_variable", "patch_variable", "delete_variable", "bulk_variables"),
        *("create_xcom_entry", "update_xcom_entry", "delete_xcom_entry"),
    )
)
_QUIET_WHEN_DRY = ("clear_dag_run", "post_clear_task_instances")
_NAMES = ("dag_id", "task_id", "dag_run_id", "run_id", "logical_date")


class Dialect3(Dialect):
    """How ``/api/v2`` takes a request in and words what it refuses."""

    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call, once it may come in and is well formed. Raises Refusal for a 401, Detail for a 403 or a 422."""
        request = admission.request
        sent = sent_body(request) if operation.body is not None else None
        principal = admission.principal or NOBODY
        if operation.access is not None:
            principal = admission.principal or admission.let_in()
            if getattr(operation.body, "read_twice", False):
                self._see_what_authorises(operation, admission, principal, path, sent)
            if operation.event is not None and operation.event in _LOGGED_FIRST:
                _record(operation.event, admission, principal, path)
            dag_id = path.get("dag_id")
            if isinstance(operation.access, DagInBody):
                dag_id = _dag_named(sent, operation, admission)
            needed = demanded(operation.access, request)
            missing = needed.missing(principal.permissions, None if dag_id == "~" else dag_id) if needed else None
            if missing is not None:
                who = f"{principal.name!r} acts as {', '.join(principal.roles) or 'no role'}"
                raise Detail(
                    403,
                    "Forbidden",
                    why=Why(f"{who}; {missing} is needed.", "permission", would_pass=f"a role with {missing}"),
                )
        if operation.event is not None and operation.event not in _LOGGED_FIRST:
            _record(operation.event, admission, principal, path)
        if operation.headers:
            see_accepted(operation, request.headers)
        faults: list[Fault] = []
        values = read_path(path, operation.in_path, faults)
        query = self.query_of(operation, request, faults)
        call = Call(operation, admission.deployment, principal, values, query, None, request.headers, sent=request)
        if operation.there is not None and not faults:
            operation.there(call)
        body = None
        if operation.body is not None:
            twice = isinstance(operation.access, BulkAccess)  # for authorisation too
            body = read_body(operation.body, sent, faults, twice=twice)
        if faults:
            raise invalid(faults)
        if sent is not None and (odd := unstorable(_in_clear(sent))) is not None:
            raise Oops(f"The body has {odd}, which no database takes and no answer holds.")
        return call if body is None else replace(call, body=body)

    def _see_what_authorises(
        self, operation: Operation, admission: Admission, principal: Principal, path: Mapping[str, Any], sent: Any
    ) -> None:
        """Refuse what is malformed, where it is what the permission depends on. Raises Detail (422)."""
        faults: list[Fault] = []
        read_path(path, operation.in_path, faults)
        self.query_of(operation, admission.request, faults)
        read_body(operation.body, sent, faults)
        if faults:
            if operation.event is not None:
                _record(operation.event, admission, principal, path)
            raise invalid(faults)

    def read_query(self, operation: Operation, sent: Mapping[str, list[str]], faults: list[Any]) -> Mapping[str, Any]:
        """The values of a query; everything that is wrong is added to ``faults``."""
        return read_query(operation.query, sent, faults)

    def worded(self, error: DomainError, call: Call) -> ApiProblem:
        """The answer for a refused verb."""
        return worded(error, call.operation.words)

    def excused(self, oops: Oops) -> ApiProblem:
        """The clean answer where a real Airflow fails, without ``airflow_bugs``."""
        return Detail(400, oops.detail)

    def failed(self, oops: Oops) -> Answer:
        """The 500 of a real server: a plain text."""
        return INTERNAL

    def dress(self, headers: Headers, admission: Admission) -> None:
        """Add nothing; Airflow 3's headers are the same on every answer, and set in ``corridor/answers.py``."""


def _dag_named(sent: Any, operation: Operation, admission: Admission) -> str | None:
    """The DAG that a body names. Raises Detail for what can be no name, before anybody asks who sent it (observed)."""
    named = sent.get("dag_id") if isinstance(sent, dict) else None
    if named is None or isinstance(named, str):
        return named
    site = admission.deployment
    if isinstance(named, (list, dict)) and operation.event is not None and site.settings.airflow_bugs:
        why = Why("The audit log, which is written before, has no place for such a name.")
        raise Detail(500, database_words(site.airflow, "Database error"), why=why)
    raise Detail(400, "'dag_id' must be a string")


def demanded(access: Access, request: Request) -> Access | None:
    """What has to be permitted for this request. Raises Oops for a bulk action that a real server stumbles over."""
    if not isinstance(access, BulkAccess):
        return access
    try:
        sent = json.loads(request.get_data(cache=True) or b"null") if request.is_json else None
    except (ValueError, RecursionError):
        return None
    actions = sent.get("actions") if isinstance(sent, dict) else None
    needed: Access | None = None
    for each in actions if isinstance(actions, list) else ():
        word = each.get("action") if isinstance(each, dict) else None
        if word not in _METHOD_OF:
            raise Oops(f"There is no bulk action {word!r}, at which a real Airflow fails.")
        one = Access(_METHOD_OF[word], access.resources, access.dag, access.any_dag)
        needed = one if needed is None else needed.and_also(one) if needed.also is None else needed
    return needed


def _record(event: str, admission: Admission, principal: Principal, path: Mapping[str, Any]) -> None:
    """Write the call to the audit log, as it is written before its body is checked (observed)."""
    request = admission.request
    body: Any = None
    if request.mimetype == "application/json":
        try:
            body = json.loads(request.get_data(cache=True) or b"null")
        except (ValueError, RecursionError):
            body = None
    told = dict(body) if isinstance(body, dict) else {}
    if event in _QUIET_WHEN_DRY and isinstance(body, dict) and told.get("dry_run", True):
        return
    given = {**{name: texts[-1] for name, texts in request.args.lists()}, **path}
    extra = {name: masked(value, name) for name, value in given.items() if name not in _NAMES}
    if "variable" in event:
        extra = _of_each(told or extra, _variable)
    elif "connection" in event:
        extra = _of_each(told or extra, _connection)
    else:
        extra |= {name: masked(value, name) for name, value in told.items()}
    extra["method"] = request.method
    names = given | {name: value for name, value in told.items() if name in _NAMES and isinstance(value, str)}
    event_logs.record(
        admission.deployment.airflow,
        event,
        owner=principal.name,
        extra=json.dumps(extra),
        dag_id=names.get("dag_id"),
        task_id=names.get("task_id"),
        run_id=names.get("run_id") or names.get("dag_run_id") or None,
    )


def _of_each(told: Mapping[str, Any], mask: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The body with its secrets masked: it is one thing, or the actions of a bulk change on many (code)."""
    actions = told.get("actions")
    if not isinstance(actions, list):
        return mask(told)
    shown = []
    for action in actions:
        if isinstance(action, dict) and isinstance(action.get("entities"), list):
            entities = [mask(each) if isinstance(each, dict) else each for each in action["entities"]]
            action = {**action, "entities": entities}
        shown.append(action)
    return {**told, "actions": shown}


def _variable(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: MASK if name in ("val", "value") else value for name, value in told.items()}


def _connection(told: Mapping[str, Any]) -> dict[str, Any]:
    """A connection, of whose extra only the names are told (observed)."""
    shown = {name: masked(value, name) for name, value in told.items()}
    if told.get("extra"):
        try:
            extra = json.loads(told["extra"])
        except (ValueError, TypeError, RecursionError):
            shown["extra"] = "Encountered non-JSON in `extra` field"
        else:
            no_object = "Expected JSON object in `extra` field, got non-dict JSON"
            shown["extra"] = dict.fromkeys(extra, MASK) if isinstance(extra, dict) else no_object
    return shown


def answer(value: Any, status: int = 200) -> Answer:
    """Any value as an answer."""
    return Answer(text_of(value), status)
