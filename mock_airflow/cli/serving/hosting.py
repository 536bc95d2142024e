"""What ``mock-airflow serve`` makes the deployments of its hub of, and where it keeps them."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mock_airflow.deployment import Deployment, standing_still
from mock_airflow.errors import HubError, SettingError
from mock_airflow.settings import Settings

if TYPE_CHECKING:
    from mock_airflow.persistence.keeping import Mounted

_KEPT = 64  # templates; of one that is asked for again a deployment costs microseconds


class Maker:
    """Makes deployments of settings and worlds that came over the wire: nothing in them may name a file."""

    def __init__(self, control_token: str | None) -> None:
        self._token = control_token
        self._templates: OrderedDict[str, Deployment] = OrderedDict()

    def __call__(self, settings: Mapping[str, Any], world: Mapping[str, Any]) -> Deployment:
        """A deployment that begins now. Raises SettingError and WorldError."""
        key = json.dumps([settings, world], sort_keys=True, default=str)
        template = self._templates.get(key)
        if template is None:
            template = self._templates[key] = self._template(settings, world)
            if len(self._templates) > _KEPT:
                self._templates.popitem(last=False)
        self._templates.move_to_end(key)
        return template.fresh()

    def _template(self, settings: Mapping[str, Any], content: Mapping[str, Any]) -> Deployment:
        from mock_airflow.world.reading import load_worlds, world_of

        given = {name.replace("-", "_"): value for name, value in settings.items()}
        names = _built_in(given.pop("world", ()))
        _refuse_files(given)
        worlds = [load_worlds(names), *([world_of(dict(content), "world")] if content else [])]
        told = {name: value for world in worlds for name, value in world.settings.items()}
        _refuse_files(told)
        if self._token is not None:
            given.setdefault("control_token", self._token)
        deployment = Deployment(Settings.of(**{**told, **given}), wall=standing_still())
        for world in worlds:
            world.apply(deployment)
        deployment.begin()
        return deployment


def _built_in(given: Any) -> tuple[str, ...]:
    from mock_airflow.world.reading import built_in_worlds

    names: tuple[str, ...] = Settings.of(world=given).world
    known = built_in_worlds()
    for name in names:
        if name not in known:
            raise SettingError(
                f"A hub reads no files for others, so the world {name!r} has to be one of {', '.join(known)}; send the"
                " content of a file as `world`."
            )
    return names


def _refuse_files(given: Mapping[str, Any]) -> None:
    unsaved = {field.name for field in fields(Settings) if field.metadata.get("unsaved")}
    for name in given:
        if name in unsaved:
            raise SettingError(f"The setting {name!r} is of the server's machine; a hub takes it from nobody else.")


class DatabaseStore:
    """The hub's deployments in the database of the server."""

    def __init__(self, url: str, main: str, given: Mapping[str, Any]) -> None:
        from mock_airflow.persistence.migrating import opened

        self._database, self._main, self._given = opened(url), main, dict(given)  # above what each was made with
        self._mounted: dict[str, Mounted] = {}  # by what the database has of how one was set up

    def names(self) -> list[str]:
        """Those that there are, but for the server's own."""
        database = self._database.sibling()
        with database.told_clearly(), database.resting():
            return [name for name in database.names() if name != self._main]

    def put(self, name: str, deployment: Deployment, given: Mapping[str, Any]) -> Deployment:
        """Keep a new one. Raises HubError for a name that is taken."""
        from mock_airflow.persistence.keeping import put

        if name == self._main or not put(deployment, self._database.sibling(), name):
            raise HubError(f"There is a deployment {name!r} already; delete it, or take another name.", 409)
        return deployment

    def mounts(self) -> dict[str, str]:
        """Their names by the paths at which they are mounted; of several at one path the one that was there first."""
        from mock_airflow.persistence.keeping import mounted

        database = self._database.sibling()
        with database.told_clearly(), database.resting():
            abouts = {name: about for name, about in database.abouts() if name != self._main}
        self._mounted = {about: self._mounted.get(about) or mounted(about) for about in abouts.values()}
        found: dict[str, str] = {}
        for name in sorted(abouts, key=lambda name: (self._mounted[abouts[name]].since, name)):
            found.setdefault(self._mounted[abouts[name]].path, name)
        found.pop("", None)
        return found

    def wake(self, name: str) -> Deployment | None:
        """One that is kept, or None."""
        from mock_airflow.persistence.keeping import resumed

        return None if name == self._main else resumed(self._database.sibling(), name, self._given)

    def delete(self, name: str) -> bool:
        """Forget one; whether there was one."""
        if name == self._main:
            return False
        database = self._database.sibling()
        with database.told_clearly(), database.resting():
            there = database.head(name) is not None
            with database.transaction():
                database.delete(name)
        return there
