"""What the command line and the environment say, read and checked.

The options of ``serve`` are made from the fields of Settings, and of Listening for the server itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

import click

from mock_airflow.cli.serving.listening import Listening
from mock_airflow.cli.usage import Option, Read, Verb
from mock_airflow.errors import SettingError, UsageError
from mock_airflow.settings import ENVIRONMENT_PREFIX, PROFILES, Settings
from mock_airflow.settings.dag_files import DagFolderSettings
from mock_airflow.settings.record import profile_of
from mock_airflow.settings.values import one_of, words_of

_PLACES = {"DIR": "dir", "FILE": "file"}  # what a shell completes an option with, by its metavar


class FieldOption(Option):
    """An option for a field of options: a list may be repeated, and a yes-or-no needs no value to be a yes."""

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


class Setting(FieldOption):
    """An option for a setting."""


class ServerOption(FieldOption):
    """An option of the server itself."""


def serve_options() -> list[click.Parameter]:
    """The options of ``serve``."""
    profiles = [*PROFILES, "all"]
    server = [
        *map(ServerOption, fields(Listening)),
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
        return not wanted and not (isinstance(option, ServerOption) and option.of.metadata.get("rare"))
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
        for name, text in Settings.from_environment(
            environment, beside=[field.name for field in fields(Listening)]
        ).items()
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
    Settings.of(**given)  # what is right by itself may contradict another
    return given


def parsed_setting(name: str, value: Any, where: str) -> Any:
    """The value of a setting. Raises SettingError, which tells where it was given."""
    try:
        return getattr(Settings.of(**{name: value}), name)
    except SettingError as error:
        raise SettingError(f"{where}: {error}") from None
