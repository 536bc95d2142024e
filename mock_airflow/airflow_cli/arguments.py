"""The arguments of commands, each described once, and the parser that reads them as Airflow's does (code)."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import datetime, timezone
from functools import cache
from typing import Any, NoReturn

from mock_airflow.airflow_cli.command import COMMANDS, Argument, Command, Exit, argument
from mock_airflow.airflow_cli.console import OUTPUTS


def parsedate(text: str) -> datetime:
    """A moment in any notation, in UTC where it names no zone. The name is part of a refusal. Raises ValueError."""
    from dateutil.parser import parse  # type: ignore[import-untyped]

    try:
        moment: datetime = parse(text)
    except (ValueError, OverflowError):
        raise ValueError(f"Invalid date string: {text}") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


def string_list_type(text: str) -> list[str]:
    """A list with commas between."""
    return [part.strip() for part in text.split(",")]


OUTPUT = argument(
    "-o",
    "--output",
    help="Output format. Allowed values: json, yaml, plain, table (default: table)",
    metavar="(table, json, yaml, plain)",
    choices=OUTPUTS,
    default="table",
)
YES = argument("-y", "--yes", help="Do not prompt to confirm. Use with care!", action="store_true")
SUBDIR = argument("-S", "--subdir", help="File location or directory from which to look for the dag")
DAG_ID = argument("dag_id", help="The id of the dag")
START_DATE = argument("-s", "--start-date", help="Override start_date YYYY-MM-DD", type=parsedate)
END_DATE = argument("-e", "--end-date", help="Override end_date YYYY-MM-DD", type=parsedate)
_VERBOSE = argument("-v", "--verbose", help="Make logging output more verbose", action="store_true")


class _Parser(argparse.ArgumentParser):
    """One that ends a command instead of the program, with its whole help before the error."""

    def error(self, message: str) -> NoReturn:
        """Raises Exit."""
        raise Exit(f"\n{self.prog} command error: {message}, see help above.\n", 2, self.format_help())

    def print_help(self, file: Any = None) -> NoReturn:
        """Raises Exit."""
        raise Exit(status=0, help=self.format_help())


class _Formatter(argparse.RawTextHelpFormatter):
    """The help laid out as Airflow's, and as wide as it is without a terminal, whatever COLUMNS says here."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=78)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "Usage: ")

    def start_section(self, heading: str | None) -> None:
        super().start_section(heading and heading.title())

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


@cache
def parser(generation: int) -> argparse.ArgumentParser:
    """The parser of all commands that Airflow has in a generation."""
    top = _Parser(prog="airflow", formatter_class=_Formatter)
    _add(top, [each for each in COMMANDS if generation in each.generations], ())
    return top


def _add(above: argparse.ArgumentParser, commands: Iterable[Command], words: tuple[str, ...]) -> None:
    """Add the commands whose words begin with these, group by group."""
    depth = len(words)
    dest = "subcommand" if depth == 0 else f"subcommand_{depth}"
    below = above.add_subparsers(dest=dest, metavar="GROUP_OR_COMMAND" if depth == 0 else "COMMAND", required=True)
    inner: dict[str, list[Command]] = {}
    for each in commands:
        inner.setdefault(each.words[depth], []).append(each)
    for word, those in sorted(inner.items()):
        alone = those[0] if len(those[0].words) == depth + 1 else None
        said = alone.help if alone else f"Manage {'DAGs' if word == 'dags' else word}"
        parser = below.add_parser(
            word, help=said, description=said, formatter_class=_Formatter, prog=f"{above.prog} {word}"
        )
        if alone is None:
            _add(parser, those, (*words, word))
            continue
        more = () if alone.words == ("version",) else (_VERBOSE,)
        for each in sorted((*alone.arguments, *more), key=_place):
            parser.add_argument(*each.flags, **each.options)
        parser.set_defaults(command=alone)


def _place(argument: Argument) -> str:
    """By what arguments are in order: flags by their long form, after what has none, as it was described."""
    return argument.flags[-1] if argument.flags[-1].startswith("-") else ""
