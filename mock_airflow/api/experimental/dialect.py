"""How the experimental API takes requests in: whoever is let in may do everything, and bodies are read afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access.admission import Admission
from mock_airflow.access.first_backend import by_first_backend
from mock_airflow.answers import ApiProblem, Oops
from mock_airflow.api.airflow2.dialect import Dialect2
from mock_airflow.api.experimental.answers import BodyProblem, TextProblem
from mock_airflow.api.operation import Call, Operation
from mock_airflow.domain import errors
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request


_RUN_ID_MALFORMED = (
    "The provided run ID '{run_id}' is invalid. It does not match either the configured pattern: "
    "'^[A-Za-z0-9_.~:+-]+$' or the built-in pattern: '^(?:manual|scheduled|dataset_triggered)__"
    r"(?:\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}}\+00:00)$'"
)
# Status and text by the error's kind, its names in braces. A 500 is Airflow's general exception (observed).
_WORDS: dict[type[errors.DomainError], tuple[int, str]] = {
    errors.DagNotFoundError: (404, "Dag id {dag_id} not found in DagModel"),
    errors.TaskNotFoundError: (404, "Task {task_id} not found in dag {dag_id}"),
    errors.LogicalDateNotFoundError: (404, "Dag Run for date {logical_date} not found in dag {dag_id}"),
    errors.PoolNotFoundError: (404, "Pool '{name}' doesn't exist"),
    errors.DefaultPoolIsFixedError: (400, "default_pool cannot be deleted"),
    errors.RunIdMalformedError: (500, _RUN_ID_MALFORMED),
    errors.ParamInvalidError: (500, "Invalid input for param {param}: {reason}"),
    errors.TasksStillRunningError: (500, "TaskInstances still running"),
}
_DEPRECATION = (
    "<https://airflow.apache.org/docs/apache-airflow/{version}/upgrading-to-2.html"
    '#migration-guide-from-experimental-api-to-stable-api-v1>; rel="deprecation"; type="text/html"'
)


class ExperimentalDialect(Dialect2):
    """No shape step, no permissions, one kind of error, and headers that tell of the API's end (observed)."""

    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call of whoever is let in. Undeclared parameters are ignored, and of a repeated one the first counts."""
        request = admission.request
        principal = admission.principal or admission.let_in(by_first_backend)
        query = {name: request.args[name] for name in operation.query if name in request.args}
        body = _forced_json(request) if operation.body is not None else None
        return Call(operation, admission.deployment, principal, path, query, body, request.headers)

    def worded(self, error: errors.DomainError, call: Call) -> ApiProblem:
        """The answer for a refused verb. A 500 is a bug of Airflow's own, so a setting decides."""
        status, text = _WORDS.get(type(error), (400, str(error)))
        if status == 500 and not call.settings.airflow_bugs:
            status = 400
        return TextProblem(status, text.format(**error.names), why=Why(str(error)))

    def excused(self, oops: Oops) -> ApiProblem:
        """The clean answer where a real Airflow fails, without ``airflow_bugs``."""
        return TextProblem(400, oops.detail)

    def dress(self, headers: Headers, admission: Admission) -> None:
        """Add what every answer has, refusals too: the deprecation, and a session for whoever logged in (observed)."""
        headers["Deprecation"] = "true"
        headers["Link"] = _DEPRECATION.format(version=admission.deployment.settings.airflow_version)
        headers["Vary"] = "Cookie"
        with admission.deployment.lock:
            cookie = admission.deployment.sessions.cookie_of(admission.principal)
        if cookie is not None:
            headers["Set-Cookie"] = cookie


def _forced_json(request: Request) -> Any:
    """The body as JSON whatever its content type says. Raises BodyProblem."""
    try:
        return json.loads(request.get_data(cache=True))
    except (ValueError, RecursionError):
        raise BodyProblem from None
