"""The same world as another version of Airflow shows it: other paths and words, other access, the very same rows.

No real Airflow does that. It is for people who move a client from one generation to the next: what is done through one
face is read through the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mock_airflow.deployment import Deployment
from mock_airflow.errors import SettingError
from mock_airflow.profiles import base as profiles
from mock_airflow.profiles.base import Profile
from mock_airflow.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from mock_airflow.domain.airflow import Snapshot
    from mock_airflow.journal.pattern import Route

_PLAIN = {2: "airflow2", 3: "airflow3"}


class Face(Deployment):
    """A deployment over the state of another one, its ``home``.

    Settings, profile and credentials are its own. Everything else is the home's and is looked up there: rows, clock,
    lock, limits, faults, journal. The scheduler is the home's too, so runs live as in that version.
    """

    def __init__(self, home: Deployment, settings: Settings) -> None:
        self.home = home
        self.settings = settings
        self.profile = profiles.by_name(settings.profile)
        same = self.profile is home.profile
        if not same and type(self.profile).attach is not Profile.attach:
            raise SettingError(
                f"A deployment of the profile {home.profile.name!r} cannot be seen through {self.profile.name!r}, which"
                " keeps things of its own; give that profile to the deployment itself, and see it as the other version."
            )
        self.keys = home.keys.seen_from(self)
        self.vendor = home.vendor if same else None
        self.mount = self.profile.mount(settings)
        self._credentials: dict[str, str] | None = None
        self._app: Any = None

    def __getattr__(self, name: str) -> Any:
        """What the face has none of is its home's."""
        if name == "home":  # not yet there
            raise AttributeError(name)
        return getattr(self.home, name)

    def begin(self, users: Iterable[str] = (), keys: Iterable[str] = ()) -> None:
        """Make the credential of its own; people and keys are those of the home."""
        with self.lock:
            self._credentials = self.profile.prepare(self)

    def known_calls(self) -> Sequence[Route]:
        """What all faces answer: fault rules and the journal are common to them."""
        return self.home.known_calls()

    def reset(self) -> None:
        """Go back to the starting state, for the home and every face of it."""
        self.home.reset()

    def keep_snapshot(self) -> int:
        """Take a snapshot and keep it; gives its number. Raises SnapshotError for one too many."""
        return self.home.keep_snapshot()

    def fork(self) -> Deployment:
        """The same face of an independent copy of its home."""
        return self._of(self.home.fork())

    def fresh(self) -> Deployment:
        """The same face of its home as that began."""
        return self._of(self.home.fresh())

    def as_of(self, state: Snapshot, moment: datetime) -> Deployment:
        """The same face of its home at an earlier moment, for reads."""
        return self._of(self.home.as_of(state, moment))

    def _of(self, home: Deployment) -> Face:
        face = Face(home, self.settings)
        face._credentials = self._credentials
        home.faces.append(face)
        return face


def seen_as(deployment: Deployment, version: str, **settings: Any) -> Deployment:
    """The same world as another version of Airflow shows it, with access of its own; the same one when asked again.

    ``settings`` are those in which it differs, such as ``profile``; what concerns the state itself is the deployment's.
    Raises SettingError.
    """
    home = deployment.home if isinstance(deployment, Face) else deployment
    chosen = _settings(home.settings, version, settings)
    with home.lock:
        for known in (home, *home.faces):
            if known.settings == chosen:
                return known
        face = Face(home, chosen)
        home.faces.append(face)
        if home.has_begun:
            face.begin()
        return face


def _settings(home: Settings, version: str, given: Mapping[str, Any]) -> Settings:
    """The home's settings with another version, and the plain profile of that generation.

    A vendor's profile stays, as its gate stands before either version; ``given`` may name another. Raises SettingError.
    """
    if not re.fullmatch(r"[23](\.\d+)*", version):
        raise SettingError(f"An Airflow is seen as a version such as 2.11.2 or 3.3.2, not as {version!r}.")
    seen = replace(home, airflow_version=version)
    if home.profile in _PLAIN.values():
        seen = replace(seen, profile=_PLAIN[seen.generation])
    if seen.generation == 2:
        seen = replace(seen, auth_manager=None)  # 2.x has no such setting
    seen = Settings.of(seen, **given)
    unfit = _PLAIN[5 - seen.generation]
    if seen.profile == unfit:
        raise SettingError(f"The profile {unfit!r} is not one of Airflow {version}; leave it out, or name another.")
    return seen.resolved()
