"""What the command line and the environment say, read and checked.

The options of ``serve`` are made from the fields of Settings; only those of the server itself are listed here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, NamedTuple

import click

from mock_airflow.cli.usage import Option, Read, Verb
from mock_airflow.errors import SettingError, UsageError
from mock_airflow.settings import ENVIRONMENT_PREFIX, PROFILES, Settings
from mock_airflow.settings.dag_files import DagFolderSettings
from mock_airflow.settings.environment import variables
from mock_airflow.settings.record import profile_of
from mock_airflow.settings.values import one_of, words_of


class Listening(NamedTuple):
    """The options of the server itself, which are no settings of a deployment."""

    host: str
    port: int
    ready_file: Path | None
    verbose: bool
    also: str | None = None
    also_port: int | None = None
    workers: int = 1
    quota_deployments: int = 1000
    quota_rows: int | None = None
    quota_requests: int | None = None
    quota_idle: float | None = None


_PLACES = {"DIR": "dir", "FILE": "file"}  # what a shell completes an option with, by its metavar


class Setting(Option):
    """An option for a setting: a list may be repeated, and a yes-or-no needs no value to be a yes."""

    def __init__(self, of: Field[Any]) -> None:
        told = of.default
        self.of, self.is_airflows = of, of.metadata["help"].startswith("[")
        implied = "true" if isinstance(told, bool) else None
        more: dict[str, Any] = {"metavar": of.metadata.get("metavar", of.name.rpartition("_")[2].upper())}
        if isinstance(told, bool):
            more["metavar"] = "true|false"
            told = str(told).lower()
        elif isinstance(told, tuple):
            more |= {"multiple": True}
            told = ",".join(told)
        text = of.metadata["help"] + (f" (default: {told})" if told not in (None, "") else "")
        kind = Read(str, words_of(of.metadata["parse"]), _PLACES.get(more["metavar"].partition("|")[0]))
        super().__init__([f"--{of.name.replace('_', '-')}"], help=text, type=kind, implied=implied, **more)


def serve_options() -> list[click.Parameter]:
    """The options of ``serve``."""
    profiles = [*PROFILES, "all"]
    server = [
        click.Option(["--host"], metavar="ADDRESS", help="where to listen (default: 127.0.0.1, this machine only)"),
        click.Option(["--port"], metavar="N", help="the port; 0 takes any free one (default: 8080)"),
        click.Option(["--ready-file"], metavar="PATH", help="written once requests are answered: URL, credential ..."),
        click.Option(["--also"], metavar="VERSION", help="the same world as another Airflow shows it, on its own port"),
        click.Option(["--also-port"], metavar="N", help="that port (default: the one after --port)"),
        click.Option(["--workers"], metavar="N", help="how many processes answer, over one --database (default: 1)"),
        click.Option(["--quota-deployments"], metavar="N", help="how many deployments others may make (default: 1000)"),
        click.Option(["--quota-rows"], metavar="N", help="how many rows each of those may have"),
        click.Option(["--quota-requests"], metavar="N", help="how many requests a second each of those may get"),
        click.Option(["--quota-idle"], metavar="SECONDS", help="delete those unused for so long, or have them sleep"),
        Option(["--verbose"], metavar="true|false", help="log each request to stderr"),
        click.Option(["--set"], metavar="NAME=VALUE", multiple=True, help="any setting by its name; may be repeated"),
        click.Option(
            ["--help-profile"],
            metavar="NAME",
            type=Read(one_of(*profiles)),
            is_eager=True,
            expose_value=False,
            callback=_show_help,
            help="show the options of a profile, or all, and exit",
        ),
    ]
    return [*server, *map(Setting, fields(Settings))]


class ServeVerb(Verb):
    """The verb ``serve``. Its help has what most need; ``--help-profile`` shows a profile's own options, or all."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in groups."""
        wanted = ctx.meta.get(_WANTED, "")
        groups: dict[str, list[tuple[str, str]]] = {}
        for each in self.get_params(ctx):
            record = each.get_help_record(ctx)
            if record is not None and _is_wanted(each, wanted):
                groups.setdefault(_group_of(each), []).append(record)
        for title, records in sorted(groups.items(), key=lambda group: _GROUPS.index(group[0])):
            with formatter.section(title):
                formatter.write_dl(records)


_WANTED = "mock_airflow.help_profile"
_GROUPS = ("The server", "Settings", "Settings for DAG files", "Airflow's own configuration", "Settings of a profile")


def _group_of(option: click.Parameter) -> str:
    if not isinstance(option, Setting):
        return _GROUPS[0]
    if profile_of(option.of.name) is not None:
        return _GROUPS[4]
    if option.is_airflows:
        return _GROUPS[3]
    return _GROUPS[2 if option.of in fields(DagFolderSettings) else 1]


def _is_wanted(option: click.Parameter, wanted: str) -> bool:
    """Whether the help of a profile, of all of them, or of none has an option."""
    if wanted == "all":
        return True
    if not isinstance(option, Setting):
        return not wanted
    profile = profile_of(option.of.name)
    if not wanted:
        return profile is None and not option.is_airflows and not option.of.metadata.get("rare")
    return profile == wanted or (option.is_airflows and profile is None and wanted.startswith("airflow"))


def _show_help(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None and not ctx.resilient_parsing:
        ctx.meta[_WANTED] = value
        click.echo(ctx.get_help())
        ctx.exit()


def given_settings(options: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the environment and, above it, the command line name, with their parsed values."""
    given = {
        name: parsed_setting(name, text, f"{ENVIRONMENT_PREFIX}{name.upper()} in the environment")
        for name, text in Settings.from_environment(environment, beside=Listening._fields).items()
    }
    for option in fields(Settings):
        value = options.get(option.name)
        if value not in (None, ()):
            # A comma parts the items of a list, but for secrets, which may hold one.
            if isinstance(value, tuple) and not option.metadata.get("secret"):
                value = ",".join(value)
            given[option.name] = parsed_setting(option.name, value, f"--{option.name.replace('_', '-')}")
    for text in options.get("set") or ():
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


def listening(options: Mapping[str, Any], environment: Mapping[str, str]) -> Listening:
    """The options of the server itself: command line, else environment, else default. Raises UsageError."""
    ours = variables(environment)

    def given(name: str, default: str) -> tuple[str, str]:
        value = options.get(name)
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
        workers=_whole(*given("workers", "1"), 64) or 1,
        quota_deployments=_whole(*given("quota_deployments", "1000")) or 0,
        quota_rows=_whole(*given("quota_rows", "")),
        quota_requests=_whole(*given("quota_requests", "")),
        quota_idle=_whole(*given("quota_idle", "")),
    )


def _whole(where: str, text: str, most: int = 10**9) -> int | None:
    """The number that a text means, None for none. Raises UsageError."""
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= most:
        raise UsageError(f"{where}: a whole number from 1 to {most} is expected, not {text!r}.")
    return int(text)


def _port(where: str, text: str) -> int:
    """The port that a text means. Raises UsageError."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise UsageError(f"{where}: a port from 0 to 65535 is expected, not {text!r}; 0 takes any free one.")
    return int(text)
