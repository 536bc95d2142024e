"""How Airflow 3 words its errors: ``{"detail": ...}``, with a text, a list of faults or an object (observed)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from string import ascii_letters, digits
from typing import Any

from mock_airflow.answers import ApiProblem, Oops
from mock_airflow.api.airflow3.json_text import text_of
from mock_airflow.api.operation import Call
from mock_airflow.domain import errors
from mock_airflow.domain.airflow import Airflow
from mock_airflow.journal.why import UNSAID, Why

Fault = Mapping[str, Any]


class Detail(ApiProblem):
    """A refusal as Airflow 3 words it. ``told`` is what stands under ``key``: a text, faults, or an object."""

    def __init__(
        self,
        status: int,
        told: Any,
        *,
        key: str = "detail",
        headers: Mapping[str, str] | None = None,
        why: Why = UNSAID,
    ) -> None:
        super().__init__(status, None, told if isinstance(told, str) else None, headers=headers, why=why)
        self.told, self.key = told, key

    def body(self, airflow_version: str) -> str:
        """The answer's text."""
        return text_of({self.key: self.told})


def invalid(faults: Sequence[Fault]) -> Detail:
    """A 422 that lists every fault of a request."""
    try:
        json.dumps(faults, allow_nan=False, ensure_ascii=False, default=str).encode()
    except ValueError:
        raise Oops(
            "The refusal would repeat what an answer cannot hold, a number such as NaN or half a character, at which a"
            " real Airflow fails."
        ) from None
    told = (f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults)
    return Detail(422, list(faults), why=Why("; ".join(told)))


def unique_violation(call: Call, reason: str) -> Detail:
    """The 409 of a row that the database has already."""
    return Detail(409, database_words(call.airflow, "Unique constraint violation"), why=Why(reason))


def database_error(call: Call, reason: str) -> Detail:
    """What a real Airflow answers where its database fails; a clean refusal without ``airflow_bugs``."""
    if not call.settings.airflow_bugs:
        return Detail(400, reason)
    return Detail(500, database_words(call.airflow, "Database error"), why=Why(reason))


def database_words(airflow: Airflow, what: str) -> dict[str, str]:
    """What a real Airflow says of its database's refusals, with the id by which its log tells more."""
    message = (
        "Serious error when handling your request. Check logs for more details - you will find it in api server when"
        f" you look for ID {airflow.ids.text(8, ascii_letters + digits, 'log')}"
    )
    return {"reason": what, "statement": "hidden", "orig_error": "hidden", "message": message}


_STATUS = ((errors.NotFoundError, 404), (errors.AlreadyExistsError, 409), (errors.InvalidError, 400))

# The words of a refused verb where an operation has none of its own, the error's names in braces (observed).
WORDS: dict[type[errors.DomainError], str] = {
    errors.DagNotFoundError: "The Dag with ID: `{dag_id}` was not found",
    errors.DagRunNotFoundError: "The DagRun with dag_id: `{dag_id}` and run_id: `{run_id}` was not found",
    errors.TaskNotFoundError: "Task with id {task_id} was not found",
    errors.TaskInstanceNotFoundError: (
        "The Task Instance with dag_id: `{dag_id}`, run_id: `{run_id}` and task_id: `{task_id}` was not found"
    ),
    errors.PoolNotFoundError: "The Pool with name: `{name}` was not found",
    errors.ConnectionNotFoundError: "The Connection with connection_id: `{connection_id}` was not found",
    errors.VariableNotFoundError: "The Variable with key: `{key}` was not found",
    errors.ImportErrorNotFoundError: "The ImportError with import_error_id: `{import_error_id}` was not found",
    errors.EventLogNotFoundError: "The Event Log with id: `{event_log_id}` not found",
    errors.RunIdReservedError: ("A manual DAG run cannot use ID {run_id!r} since it is reserved for {kind} runs"),
    errors.ParamInvalidError: "Invalid input for param {param}: {reason}",
    errors.TasksStillRunningError: "Task instances of dag with id: '{dag_id}' are still running",
    errors.ConfigSectionNotFoundError: "Section {section} not found.",
    errors.ConfigOptionNotFoundError: "Option [{section}/{option}] not found.",
}


def worded(error: errors.DomainError, words: Mapping[type[errors.DomainError], Any]) -> Detail:
    """The answer for a refused verb: the operation's own words, else those for the error everywhere."""
    kind = type(error)
    status = next(status for base, status in _STATUS if isinstance(error, base))
    chosen = words.get(kind) or WORDS.get(kind)
    return Detail(status, chosen.format(**error.names) if chosen is not None else str(error), why=Why(str(error)))
