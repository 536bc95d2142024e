"""Airflow commands by the Composer API: run at once, their output had by polling (paths and fields: client library).

What a command does is done when it is asked for; ``composer_command_seconds`` is how long its output takes to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.answers import Answer
from mock_airflow.api.operation import Call
from mock_airflow.errors import MissingExtraError
from mock_airflow.journal.why import Why
from mock_airflow.profiles.composer.environments import ENVIRONMENT, environment_of, estate_of, operation
from mock_airflow.profiles.composer.estate import AirflowCommand
from mock_airflow.profiles.composer.problems import api_error, told
from mock_airflow.profiles.dialect import SIGNED_IN

if TYPE_CHECKING:
    from mock_airflow.answers import Refusal

_TERMINATED, _KILLED = 143, 137  # exit codes of what a signal ended


@operation("POST", f"{ENVIRONMENT}:executeAirflowCommand", access=SIGNED_IN)
def execute_airflow_command(call: Call) -> Answer:
    """Run a command of Airflow's; its output is polled for."""
    from mock_airflow.airflow_cli import run

    environment_of(call, "ExecuteAirflowCommand")
    body, airflow = _fields(call), call.airflow
    words = [_text(body, "command", required=True), _text(body, "subcommand")]
    parameters = body.get("parameters") or []
    if not isinstance(parameters, list) or not all(isinstance(each, str) for each in parameters):
        raise _invalid("parameters is a list of texts")
    try:
        outcome = run(call.deployment, [*filter(None, words), *parameters], call.principal.name)
    except MissingExtraError as error:
        raise api_error(501, str(error), Why(str(error), "extra")) from None
    row = estate_of(call).commands.put(
        AirflowCommand(
            id=airflow.ids.uuid("command"),
            lines=(*outcome.stdout.splitlines(), *outcome.stderr.splitlines()),
            exit_code=outcome.exit_code,
            error="" if outcome.exit_code == 0 else f"command terminated with exit code {outcome.exit_code}",
            ends_at=airflow.now() + timedelta(seconds=call.settings.composer_command_seconds),
        )
    )
    return told({"executionId": row.id, "pod": f"airflow-worker-{row.id[:5]}", "podNamespace": _namespace(call)})


@operation("POST", f"{ENVIRONMENT}:pollAirflowCommand", access=SIGNED_IN)
def poll_airflow_command(call: Call) -> Answer:
    """Tell what a command printed from a line on, and whether it has ended."""
    row, first = _found(call, "PollAirflowCommand"), _fields(call).get("nextLineNumber") or 1
    if isinstance(first, bool) or not isinstance(first, int):
        raise _invalid("nextLineNumber is a whole number")
    if row.stopped_at is None and row.ends_at > call.airflow.now():
        return told({"output": [], "outputEnd": False})
    lines = [{"lineNumber": number, "content": line} for number, line in enumerate(row.lines, 1) if number >= first]
    ended = {"exitCode": row.exit_code} | ({"error": row.error} if row.error else {})
    return told({"output": lines, "outputEnd": True, "exitInfo": ended})


@operation("POST", f"{ENVIRONMENT}:stopAirflowCommand", access=SIGNED_IN)
def stop_airflow_command(call: Call) -> Answer:
    """Stop a command whose output has not come; what it did stays done."""
    row, now = _found(call, "StopAirflowCommand"), call.airflow.now()
    if row.stopped_at is None and row.ends_at > now:
        code = _KILLED if _fields(call).get("force") is True else _TERMINATED
        said = f"command terminated with exit code {code}"
        estate_of(call).commands.put(replace(row, lines=(), exit_code=code, error=said, stopped_at=now))
    return told({"isDone": True, "output": []})


def _namespace(call: Call) -> str:
    settings = call.settings
    return f"composer-{settings.composer_generation}-airflow-{settings.airflow_version.replace('.', '-')}"


def _found(call: Call, method: str) -> AirflowCommand:
    """The command that is asked about. Raises Refusal."""
    environment_of(call, method)
    id = _text(_fields(call), "executionId", required=True)
    row = estate_of(call).commands.get(id)
    if row is None:
        raise api_error(404, f"Execution '{id[:80]}' was not found", Why("No command has this execution's id."))
    return row


def _fields(call: Call) -> Mapping[str, Any]:
    if call.body is None:
        return {}
    if not isinstance(call.body, Mapping):
        raise _invalid("a JSON object is expected")
    return call.body


def _text(body: Mapping[str, Any], name: str, required: bool = False) -> str:
    value = body.get(name) or ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise _invalid(f"{name} is required" if value == "" else f"{name} is a text")
    return value


def _invalid(said: str) -> Refusal:
    """That a request makes no sense (assumed: its words)."""
    return api_error(400, f"Invalid request: {said}", Why(said))
