"""What a command is: its words, its arguments, and the handler that carries it out and prints."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from mock_airflow.airflow_cli import console
from mock_airflow.answers import RaisedAnswer

if TYPE_CHECKING:
    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow


class Argument(NamedTuple):
    """An argument: its flags, or its name, and how it is read, as argparse takes them."""

    flags: tuple[str, ...]
    options: Mapping[str, Any]


def argument(*flags: str, **options: Any) -> Argument:
    """Describe an argument."""
    return Argument(flags, options)


class Exit(RaisedAnswer):
    """That a command ends here, with a status and what standard error says of it; before it the help, if any."""

    def __init__(self, message: str = "", status: int = 1, help: str = "") -> None:
        self.message, self.status, self.help = message, status, help
        super().__init__(message)


class Crash(RaisedAnswer):
    """That one of Airflow's exceptions ends the command, as nothing catches it: ``kind`` is its whole name."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind, self.message = kind, message
        super().__init__(f"{kind}: {message}")


@dataclass
class Cli:
    """One command under way: what was asked, of which deployment, by whom, and what it has printed so far."""

    site: Site
    args: argparse.Namespace
    by: str
    printed: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    @property
    def airflow(self) -> Airflow:
        """The Airflow that the command is about."""
        return self.site.airflow

    @cached_property
    def is_3(self) -> bool:
        """Whether it is the command line of an Airflow 3."""
        return self.site.settings.generation == 3

    def say(self, text: str) -> None:
        """Print a line."""
        self.printed.append(f"{text}\n")

    def warn(self, text: str) -> None:
        """Print a line on standard error."""
        self.warned.append(f"{text}\n")

    def show(self, rows: Sequence[Mapping[str, Any]], output: str | None = None) -> None:
        """Print rows in the form that ``--output`` asks for."""
        self.printed.append(console.laid_out(rows, output or self.args.output))


Handler = Callable[[Cli], None]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command. ``event`` is what it is in the audit log, without ``cli_``; None for one that leaves nothing there."""

    words: tuple[str, ...]
    handler: Handler
    arguments: tuple[Argument, ...]
    help: str
    event: str | None
    generations: tuple[int, ...]


COMMANDS: list[Command] = []


def command(
    words: str, *arguments: Argument, event: str | None = None, only: int | None = None
) -> Callable[[Handler], Handler]:
    """Describe a command over its handler; ``only`` is the one generation of Airflow's that has it so."""

    def register(handler: Handler) -> Handler:
        said = (handler.__doc__ or "").partition("\n")[0]
        COMMANDS.append(
            Command(
                words=tuple(words.split()),
                handler=handler,
                arguments=arguments,
                help=said,
                event=event,
                generations=(2, 3) if only is None else (only,),
            )
        )
        return handler

    return register


def airflow_exception(cli: Cli, message: str) -> NoReturn:
    """End the command with Airflow's most common exception. Raises Crash."""
    raise Crash(f"airflow.{'sdk.' if cli.is_3 else ''}exceptions.AirflowException", message) from None
