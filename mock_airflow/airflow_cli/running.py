"""A command from its words to what it printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.airflow_cli.arguments import parser
from mock_airflow.airflow_cli.command import Cli, Command, Crash, Exit
from mock_airflow.domain import event_logs
from mock_airflow.domain.masking import is_sensitive

if TYPE_CHECKING:
    import argparse

    from mock_airflow.access.site import Site

_MODULES = "assets backfills connections dags people pools providers runs tasks variables without".split()


class Outcome(NamedTuple):
    """What a command printed, and its exit code."""

    stdout: str
    stderr: str
    exit_code: int


def run(deployment: Site, argv: Sequence[str], by: str) -> Outcome:
    """What ``airflow`` prints when it is called with ``argv``, by a user of the system named ``by``.

    Call it with the deployment's lock held. A command that fails has changed nothing but the audit log, where Airflow
    notes it before it begins.
    """
    for name in _MODULES:  # each describes its commands when it is imported
        import_module(f"mock_airflow.airflow_cli.{name}")
    cli = None
    try:
        args = parser(deployment.settings.generation).parse_args(list(argv))
        command: Command = args.command
        cli = Cli(deployment, args, by)
        _note(cli, command, argv)
        _carry_out(cli, command)
    except Exit as end:
        told = f"{end.message}\n" if end.message and not end.help else end.message
        return _outcome(cli, end.help, told, end.status)
    except Crash as crash:
        return _outcome(cli, "", f"Traceback (most recent call last):\n{crash.kind}: {crash.message}\n", 1)
    return _outcome(cli, "", "", 0)


def _outcome(cli: Cli | None, before: str, warned: str, status: int) -> Outcome:
    printed, said = ("", "") if cli is None else ("".join(cli.printed), "".join(cli.warned))
    return Outcome(before + printed, said + warned, status)


def _carry_out(cli: Cli, command: Command) -> None:
    """Run the handler; what it changed is taken back when the command fails."""
    airflow = cli.airflow
    mark = len(airflow.changes)
    try:
        command.handler(cli)
    except BaseException as error:
        if not (isinstance(error, Exit) and error.status == 0):
            airflow.undo(airflow.changes[mark:])
            del airflow.changes[mark:]
        raise


def _note(cli: Cli, command: Command, argv: Sequence[str]) -> None:
    """Write the command to the audit log, its secrets hidden (observed)."""
    if command.event is None:
        return
    args: argparse.Namespace = cli.args
    event_logs.record(
        cli.airflow,
        f"cli_{command.event}",
        owner=cli.by,
        extra=_extra(cli, argv),
        dag_id=getattr(args, "dag_id", None),
        task_id=getattr(args, "task_id", None),
    )


def _extra(cli: Cli, argv: Sequence[str]) -> str:
    words = ["/usr/local/airflow/.local/bin/airflow", *hidden(argv)]
    return json.dumps({"host_name": cli.site.settings.hostname, "full_command": str(words)})


_SECRET_FLAGS = ("--password", "--conn-password", "--conn-uri", "--conn-json", "--conn-extra")
_STARS = "********"


def hidden(argv: Sequence[str]) -> list[str]:
    """The words of a command as the audit log has them: secrets as stars; of a secret variable the last word (code)."""
    words = list(argv)
    flags = ("-p", *_SECRET_FLAGS) if words[:1] == ["users"] else _SECRET_FLAGS
    for place, word in enumerate(words):
        flag, equals, _ = word.partition("=")
        if flag in flags and equals:
            words[place] = f"{flag}={_STARS}"
        elif word in flags and place + 1 < len(words):
            words[place + 1] = _STARS
    if words[:1] == ["variables"] and len(words) > 3 and is_sensitive(words[-2]):
        words[-1] = _STARS
    return words
