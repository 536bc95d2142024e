"""From settings to a deployment that is kept in a database: one that is there goes on, else a new one is put there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from mock_airflow.deployment import Deployment
from mock_airflow.errors import DatabaseError, DocumentError
from mock_airflow.persistence.fitting import see_that_it_fits
from mock_airflow.persistence.migrating import opened
from mock_airflow.persistence.replica import Replica
from mock_airflow.persistence.secrets import first_credential, know_passwords, written_settings
from mock_airflow.persistence.snapshots import START, KeptSnapshots, text_of
from mock_airflow.persistence.writes import Writing
from mock_airflow.profiles import base as profiles
from mock_airflow.settings import Settings
from mock_airflow.storage.documents import from_text, to_text
from mock_airflow.storage.sql import Database, Turn


def kept(settings: Mapping[str, Any], make: Callable[[], Deployment]) -> Deployment:
    """The deployment that the database of the settings has; ``make`` gives the one that it gets where it has none.

    ``settings`` are those that were given; of one that is there they change what does not decide how its rows read.
    Raises DatabaseError and SettingError.
    """
    chosen = Settings.of(**settings)
    assert chosen.database is not None
    database = opened(chosen.database)
    try:
        return _kept(database, chosen, settings, make)
    except BaseException:
        database.hang_up()
        raise


def _kept(
    database: Database, chosen: Settings, settings: Mapping[str, Any], make: Callable[[], Deployment]
) -> Deployment:
    name = chosen.deployment
    with database.told_clearly(), database.resting():
        head = database.head(name)
        if head is not None and chosen.fresh:
            with database.transaction():
                database.delete(name)
            head = None
    if head is None:
        new = make()
        if put(new, database, name):
            return new  # otherwise another server was faster
    deployment = resumed(database, name, settings)
    if deployment is None:
        raise DatabaseError(f"The deployment {name!r} of the database {database.shown} was deleted just now.")
    return deployment


def holds(settings: Settings) -> bool:
    """Whether the database of the settings has the deployment. Raises DatabaseError."""
    assert settings.database is not None
    database = opened(settings.database)
    with database.told_clearly(), database.resting():
        found = database.head(settings.deployment) is not None
    database.hang_up()
    return found


def _attach(deployment: Deployment, database: Database, name: str) -> Replica:
    replica = Replica(deployment, database, name)
    deployment.collect()
    before, deployment.lock = deployment.lock, replica.turns
    for part in chain.from_iterable(vars(each).values() for each in (deployment, *deployment.faces)):
        if getattr(part, "lock", None) is before:  # keys, limits and the like are held as the deployment is
            part.lock = replica.turns
    deployment.replica, deployment.journal = replica, replica.journal
    deployment.kept_snapshots = KeptSnapshots(replica)
    deployment.clock.moving = lambda: deployment.lock
    return replica


def put(deployment: Deployment, database: Database, name: str) -> bool:
    """Have a new deployment be kept in a database; False where there is one of the name already."""
    start = deployment.start
    about = {
        "settings": written_settings(deployment.settings),
        "first_draw": deployment.first_draw,
        "since": deployment.machine_now().isoformat(),
    }
    replica = _attach(deployment, database, name)
    writing = Writing(0)
    writing.fill(deployment.airflow)
    born = int.from_bytes(os.urandom(5), "big") + 1  # another number than that of one of the same name before
    meta = replica.now()._replace(places=writing.places, born=born)
    turn = Turn(born, to_text(meta))
    with database.told_clearly(), database.resting(), database.transaction():
        if not database.create(name, born, to_text(about), turn.meta):
            return False
        database.put_rows(name, writing.split()[1])
        database.put_snapshot(name, START, text_of(start))
    replica.is_at(turn, meta)
    return True


def resumed(database: Database, name: str, settings: Mapping[str, Any]) -> Deployment | None:
    """The deployment that a database has, with all of its state; None where there is none.

    Raises DatabaseError and SettingError.
    """
    with database.told_clearly(), database.resting():
        head = database.head(name)
    if head is None:
        return None
    source = f"The database {database.shown}"
    try:
        about = from_text(head.about)
        deployment = Deployment(Settings.of(**{**about["settings"], **settings}))
        see_that_it_fits(deployment, Settings.of(**about["settings"]).resolved(), source)
        replica = _attach(deployment, database, name)
        with deployment.lock:
            know_passwords(deployment)
            start = KeptSnapshots(replica).read(START)
            deployment.resume(start, {}, about["first_draw"])
            deployment.resume(start, first_credential(deployment, about["first_draw"]), about["first_draw"])
    except (DocumentError, KeyError, TypeError) as error:
        raise DatabaseError(f"{source} is damaged, or made by another version: {error}") from None
    return deployment


class Mounted(NamedTuple):
    """Where a deployment is mounted, and since when it has been in its database."""

    path: str
    since: str


def mounted(about: str) -> Mounted:
    """What a database tells of how a deployment was set up says of its mount. Raises DatabaseError."""
    try:
        told = from_text(about)
        settings = Settings.of(**told["settings"]).resolved()
        return Mounted(profiles.by_name(settings.profile).mount(settings), told.get("since", ""))
    except (DocumentError, KeyError, TypeError, AttributeError) as error:
        raise DatabaseError(f"A deployment of the database is damaged, or made by another version: {error}") from None
