"""The settings of a deployment that lasts. They are fields of Settings like all others."""

from __future__ import annotations

from mock_airflow.settings.values import folder, option, or_none, settings_part, text, yes_or_no


@settings_part
class PersistenceSettings:
    """The part of Settings that is about where a deployment comes from and is kept; none of it is saved with it."""

    saved: str | None = option(
        None,
        or_none(folder),
        "a deployment to go on with, as `world save` and MockAirflow.save wrote it, in the place of a world",
        metavar="FILE",
        unsaved=True,
    )
    database: str | None = option(
        None,
        or_none(text),
        "keep the deployment in a database, from where it goes on later: sqlite:///FILE or postgresql://...",
        metavar="URL",
        secret=True,
        unsaved=True,
    )
    deployment: str = option("main", text, "which of the database's deployments it is", metavar="NAME", unsaved=True)
    fresh: bool = option(False, yes_or_no, "begin anew, whatever the database has of the deployment", unsaved=True)
