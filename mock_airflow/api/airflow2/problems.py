"""How Airflow 2 words its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_airflow.answers import ApiProblem
from mock_airflow.api.airflow2.json_text import text_of
from mock_airflow.domain import errors
from mock_airflow.journal.why import UNSAID, Why

PROBLEM_JSON = "application/problem+json"

_SECTIONS = {
    400: "BadRequest",
    401: "Unauthenticated",
    403: "PermissionDenied",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "AlreadyExists",
    500: "Unknown",
}
_STATUS = ((errors.NotFoundError, 404), (errors.AlreadyExistsError, 409), (errors.InvalidError, 400))


class Words(NamedTuple):
    """Title and detail of an error, with the error's names in braces. The status follows from the error's kind."""

    title: str | None
    detail: str | None = None


class Problem(ApiProblem):
    """A refusal, worded: an answer in problem+json.

    ``linked`` errors point into Airflow's reference, others say ``about:blank``.
    """

    content_type = PROBLEM_JSON

    def __init__(
        self,
        status: int,
        title: str | None,
        detail: str | None = None,
        *,
        linked: bool = True,
        headers: Mapping[str, str] | None = None,
        why: Why = UNSAID,
    ) -> None:
        self.linked = linked
        super().__init__(status, title, detail, headers=headers, why=why)

    def body(self, airflow_version: str) -> str:
        """The answer's text; the type's address names the version."""
        kind = "about:blank"
        if self.linked and self.status in _SECTIONS:
            kind = (
                f"https://airflow.apache.org/docs/apache-airflow/{airflow_version}/stable-rest-api-ref.html"
                f"#section/Errors/{_SECTIONS[self.status]}"
            )
        told = {"detail": self.detail, "status": self.status, "title": self.title, "type": kind}
        return text_of(told) + "\n"


def bad_request(detail: str | None, title: str | None = "Bad Request") -> Problem:
    """A 400."""
    return Problem(400, title, detail)


def worded(error: errors.DomainError, words: Mapping[type[errors.DomainError], Words]) -> Problem:
    """The answer for a refused verb: the operation's own words, else those for the error everywhere."""
    kind = type(error)
    status = next(status for base, status in _STATUS if isinstance(error, base))
    chosen = words.get(kind) or DEFAULT_WORDS.get(kind) or Words("Bad Request", str(error))
    names = error.names
    return Problem(
        status,
        chosen.title.format(**names) if chosen.title is not None else None,
        chosen.detail.format(**names) if chosen.detail is not None else None,
        why=Why(str(error)),
    )


DEFAULT_WORDS: dict[type[errors.DomainError], Words] = {
    errors.DagNotFoundError: Words("DAG not found", "The DAG with dag_id: {dag_id} was not found"),
    errors.TaskNotFoundError: Words("Task not found"),
    errors.DagRunNotFoundError: Words(
        "DAGRun not found", "DAGRun with DAG ID: '{dag_id}' and DagRun ID: '{run_id}' not found"
    ),
    errors.TaskInstanceNotFoundError: Words("Task instance not found"),
    errors.TaskInstanceIsMappedError: Words(
        "Task instance not found", "Task instance is mapped, add the map_index value to the URL"
    ),
    errors.AssetNotFoundError: Words("Dataset not found", "The Dataset with uri: `{uri}` was not found"),
    errors.NoDataIntervalError: Words("Bad Request", "{reason}"),
    errors.PoolNotFoundError: Words("Not Found", "Pool with name:'{name}' not found"),
    errors.VariableNotFoundError: Words("Variable not found", "Variable does not exist"),
    errors.ConnectionNotFoundError: Words(
        "Connection not found", "The Connection with connection_id: `{connection_id}` was not found"
    ),
    errors.ConfigSectionNotFoundError: Words("section not found.", "section={section} not found."),
    errors.ConfigOptionNotFoundError: Words(
        "Config not found.", "The option [{section}/{option}] is not found in config."
    ),
    errors.UserNotFoundError: Words("User not found", "The User with username `{username}` was not found"),
    errors.RoleNotFoundError: Words("Role not found", "Role with name {name!r} was not found"),
    errors.EventLogNotFoundError: Words("Event Log not found"),
    errors.ImportErrorNotFoundError: Words(
        "Import error not found", "The ImportError with import_error_id: `{import_error_id}` was not found"
    ),
    errors.DagSourceNotFoundError: Words("Dag source not found"),
    errors.DagFileNotFoundError: Words("File not found"),
    errors.RunIdTakenError: Words(
        "Conflict", "DAGRun with DAG ID: '{dag_id}' and DAGRun ID: '{run_id}' already exists"
    ),
    errors.LogicalDateTakenError: Words(
        "Conflict", "DAGRun with DAG ID: '{dag_id}' and DAGRun logical date: '{logical_date}' already exists"
    ),
    errors.PoolNameTakenError: Words("Conflict", "Pool: {name} already exists"),
    errors.ConnectionIdTakenError: Words("Conflict", "Connection already exist. ID: {connection_id}"),
    errors.RoleNameTakenError: Words(
        "Conflict", "Role with name {name!r} already exists; please update with the PATCH endpoint"
    ),
    errors.TasksStillRunningError: Words("Conflict", "Task instances of dag with id: '{dag_id}' are still running"),
    errors.DagHasImportErrorsError: Words("DAG cannot be triggered", "DAG with dag_id: '{dag_id}' has import errors"),
    errors.RunIdReservedError: Words(
        "Bad Request", "A manual DAG run cannot use ID {run_id!r} since it is reserved for {kind} runs"
    ),
    errors.ParamInvalidError: Words("Bad Request", "Invalid input for param {param}: {reason}"),
    errors.ConnectionIdTooLongError: Words("Bad Request", "The key has to be less than {longest} characters"),
    errors.ConnectionIdMalformedError: Words(
        "Bad Request",
        "The key {connection_id!r} has to be made of alphanumeric characters, dashes, dots and underscores exclusively",
    ),
    errors.ConnectionIdFixedError: Words("Bad Request", "The connection_id cannot be updated."),
    errors.RolesUnknownError: Words("Bad Request", "Unknown roles: {listed}"),
    errors.UserMaskUnknownError: Words("Bad Request", "Unknown update masks: {listed}"),
    errors.ActionUnknownError: Words("Bad Request", "The specified action: {action!r} was not found"),
    errors.ResourceUnknownError: Words("Bad Request", "The specified resource: {resource!r} was not found"),
    errors.DefaultPoolIsFixedError: Words("Bad Request", "Default Pool's name can't be modified"),
}
