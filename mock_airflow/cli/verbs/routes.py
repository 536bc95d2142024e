"""The operations that are served, as a table for people and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from mock_airflow.cli.serving.options import parsed_setting
from mock_airflow.cli.terminal import Said, table
from mock_airflow.cli.usage import Read, Verb, operand
from mock_airflow.settings import PROFILES, Settings

if TYPE_CHECKING:
    from mock_airflow.api.api import Api
    from mock_airflow.api.operation import Operation
    from mock_airflow.profiles.base import Profile


class RouteRow(NamedTuple):
    """One operation. ``permissions`` is what a role needs, ``open_to`` who may call it without any."""

    method: str
    path: str
    operation_id: str
    permissions: tuple[str, ...]
    open_to: str | None
    api: str
    tag: str
    summary: str

    @property
    def text(self) -> str:
        """What a word is looked for in."""
        return " ".join([self.method, self.path, self.operation_id, self.tag, *self.permissions]).lower()


def rows_of(settings: Settings) -> list[RouteRow]:
    """The operations of a deployment, in the order of Airflow's reference; our own control API comes last."""
    from mock_airflow.corridor.routes import routes
    from mock_airflow.profiles.base import by_name

    profile = by_name(settings.profile)
    return [_row(api, operation, profile) for api, operation in routes(profile, settings.generation)]


def _row(api: Api, operation: Operation, profile: Profile) -> RouteRow:
    from mock_airflow.control.api import API as CONTROL

    needed = tuple(str(each) for each in operation.access.needed()) if operation.access else ()
    closed = profile.gateway and (api not in profile.apis or operation.access is not None)
    everybody = "any credential" if closed else "everybody"
    open_to = "this machine" if api is CONTROL else None if needed else everybody
    path = api.prefix + operation.path
    return RouteRow(
        operation.method, path, operation.operation_id, needed, open_to, api.name, operation.tag, operation.summary
    )


@click.command(cls=Verb)
@operand("words", "[WORD]...", "only those with it in method, path, id, tag or permission; all of several", nargs=-1)
@click.option("--profile", type=Read(str, PROFILES), metavar="NAME", help="how access is checked (default: airflow2)")
@click.option("--airflow-version", metavar="VERSION", help="of which Airflow (default: the profile's own)")
def routes(words: tuple[str, ...], profile: str | None, airflow_version: str | None) -> Said:
    """List the operations that are served, with the permission that each demands."""
    given = {"profile": profile, "airflow_version": airflow_version}
    settings = Settings.of(
        **{name: parsed_setting(name, text, f"--{name.replace('_', '-')}") for name, text in given.items() if text}
    )
    rows = [row for row in rows_of(settings.resolved()) if all(word.lower() in row.text for word in words)]
    told = [(*row[:3], ", ".join(row.permissions) or f"open to {row.open_to}") for row in rows]
    text = table(("method", "path", "operation", "permission"), told) if rows else "There is no such operation."
    return Said(text, [row._asdict() for row in rows])
