"""What the command line and the environment say, read and checked.

The options of ``serve`` are made from the fields of Settings; only those of the server itself are listed here.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from mock_airflow.errors import MockAirflowError, SettingError
from mock_airflow.settings import ENVIRONMENT_PREFIX, Settings, spelling
from mock_airflow.settings.dag_files import DagFolderSettings
from mock_airflow.settings.environment import variables
from mock_airflow.settings.record import ProfileSettings


class UsageError(MockAirflowError):
    """The command line cannot be understood."""


class Listening(NamedTuple):
    """The options of the server itself, which are no settings of a deployment."""

    host: str
    port: int
    ready_file: Path | None
    verbose: bool
    also: str | None = None
    also_port: int | None = None


class Parser(argparse.ArgumentParser):
    """The parser of a verb; it complains with one sentence, as a UsageError."""

    def __init__(self, verb: str, description: str, **more: Any) -> None:
        prog = f"mock-airflow {verb}"
        super().__init__(prog, f"{prog} [OPTION]...", description, allow_abbrev=False, **more)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse has to say."""
        match = re.fullmatch(r"argument (\S+?): (.*)", message, re.DOTALL)
        if match and match[2].startswith("expected"):
            message = f"{match[1]} needs a value"
        elif match:
            message = f"{match[1]}: {match[2]}"
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")

    def read(self, arguments: list[str]) -> argparse.Namespace:
        """The options that were given. Raises UsageError for one that does not exist, with the nearest that does."""
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            name = unknown[0].partition("=")[0]  # what stands behind it may be a secret
            if not name.startswith("-"):
                raise UsageError(f"There is nothing to do with {name!r} here. See {self.prog} --help.")
            known = [known for known in self._option_string_actions if known.startswith("--")]
            raise UsageError(f"There is no option {name}{nearest(name, known)} See {self.prog} --help.")
        return options


def nearest(text: str, known: Iterable[str]) -> str:
    """What may have been meant, as the end of a sentence."""
    found = spelling.nearest(text, known)
    return f"; did you mean {found}?" if found is not None else "."


def serve_parser() -> Parser:
    """The parser of ``serve``."""
    parser = Parser(
        "serve",
        "Serve an Airflow that does not exist, until Ctrl-C. Without a world it is the built-in one named demo.",
        epilog=f"Each option is also {ENVIRONMENT_PREFIX}<NAME> in the environment, and each setting a key of a world"
        " file's `settings`. The command line counts before the environment, and that before the world file.",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=30),
    )
    server = parser.add_argument_group("the server")
    server.add_argument("--host", metavar="ADDRESS", help="where to listen (default: 127.0.0.1, this machine only)")
    server.add_argument("--port", metavar="N", help="the port; 0 takes any free one (default: 8080)")
    server.add_argument("--ready-file", metavar="PATH", help="written once requests are answered: URL, credential ...")
    server.add_argument("--also", metavar="VERSION", help="the same world as another Airflow shows it, on its own port")
    server.add_argument("--also-port", metavar="N", help="that port (default: the one after --port)")
    server.add_argument("--verbose", nargs="?", const="true", metavar="true|false", help="log each request to stderr")
    server.add_argument("--set", metavar="NAME=VALUE", action="append", help="any setting by its name; may be repeated")
    groups = [
        parser.add_argument_group(title) for title in ("settings", "settings for DAG files", "settings of a profile")
    ]
    for option in fields(Settings):
        _add_setting(groups[_group_of(option.name)], option)
    return parser


def _group_of(name: str) -> int:
    """What comes first in the help: settings that concern everybody, then those of DAG files, then a profile's own."""
    homes: tuple[Any, ...] = DagFolderSettings, ProfileSettings
    return next((number for number, home in enumerate(homes, 1) if name in {each.name for each in fields(home)}), 0)


def _add_setting(group: Any, option: Field[Any]) -> None:
    """An option for a setting: a list may be repeated, and a yes-or-no needs no value to be a yes."""
    more: dict[str, Any] = {"metavar": option.metadata.get("metavar", option.name.rpartition("_")[2].upper())}
    told = option.default
    if isinstance(told, bool):
        more |= {"nargs": "?", "const": "true", "metavar": "true|false"}
        told = str(told).lower()
    elif isinstance(told, tuple):
        more |= {"action": "append"}
        told = ",".join(told)
    text = option.metadata["help"] + (f" (default: {told})" if told not in (None, "") else "")
    group.add_argument(f"--{option.name.replace('_', '-')}", help=text.replace("%", "%%"), **more)


def given_settings(options: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the environment and, above it, the command line name, with their parsed values."""
    given = {
        name: parsed_setting(name, text, f"{ENVIRONMENT_PREFIX}{name.upper()} in the environment")
        for name, text in Settings.from_environment(environment, beside=Listening._fields).items()
    }
    for option in fields(Settings):
        value = getattr(options, option.name)
        if value is not None:
            # A comma parts the items of a list, but for secrets, which may hold one.
            if isinstance(value, list) and not option.metadata.get("secret"):
                value = ",".join(value)
            given[option.name] = parsed_setting(option.name, value, f"--{option.name.replace('_', '-')}")
    for text in options.set or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set {text}: a name and a value are expected, such as --set explain_header=true.")
        name = name.strip().replace("-", "_")
        given[name] = parsed_setting(name, value, "--set")
    return given


def parsed_setting(name: str, value: Any, where: str) -> Any:
    """The value of a setting. Raises SettingError, which tells where it was given."""
    try:
        return getattr(Settings.of(**{name: value}), name)
    except SettingError as error:
        raise SettingError(f"{where}: {error}") from None


def listening(options: argparse.Namespace, environment: Mapping[str, str]) -> Listening:
    """The options of the server itself: command line, else environment, else default. Raises UsageError."""
    ours = variables(environment)

    def given(name: str, default: str) -> tuple[str, str]:
        value = getattr(options, name)
        if value is None and name in ours:
            return f"{ENVIRONMENT_PREFIX}{name.upper()} in the environment", ours[name]
        return f"--{name.replace('_', '-')}", default if value is None else value

    port, also_port = _port(*given("port", "8080")), given("also_port", "")
    where, verbose = given("verbose", "false")
    if verbose.lower() not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
        raise UsageError(f"{where}: true or false is expected, not {verbose!r}.")
    ready_file = given("ready_file", "")[1]
    return Listening(
        host=given("host", "127.0.0.1")[1],
        port=port,
        ready_file=Path(ready_file) if ready_file else None,
        verbose=verbose.lower() in ("true", "1", "yes", "on"),
        also=given("also", "")[1] or None,
        also_port=_port(*also_port) if also_port[1] else None,
    )


def _port(where: str, text: str) -> int:
    """The port that a text means. Raises UsageError."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise UsageError(f"{where}: a port from 0 to 65535 is expected, not {text!r}; 0 takes any free one.")
    return int(text)
