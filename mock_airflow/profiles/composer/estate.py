"""What an environment has beside its Airflow: when it began, and the Airflow commands that were run in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mock_airflow.domain.airflow import Airflow
from mock_airflow.errors import SettingError

if TYPE_CHECKING:
    from mock_airflow.settings import Settings
    from mock_airflow.storage.tables import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class AirflowCommand:
    """An Airflow command that was run; its output can be had from ``ends_at`` on.

    ``stopped_at`` is when it was stopped, before that.
    """

    id: str
    lines: tuple[str, ...]
    exit_code: int
    error: str
    ends_at: datetime
    stopped_at: datetime | None = None


class ComposerEstate:
    """What there is besides Airflow; goes with the snapshots of the Airflow that it belongs to.

    Raises SettingError for settings that no environment can have together.
    """

    def __init__(self, airflow: Airflow, settings: Settings) -> None:
        if settings.composer_generation == "1" and settings.generation == 3:
            raise SettingError(
                f"Composer 1 has no Airflow {settings.airflow_version}: set composer_generation to 3 for an Airflow 3,"
                " or airflow_version to one of Airflow 2."
            )
        self.begun_at = airflow.now()
        self.uuid = airflow.ids.uuid("environment")
        self.commands: Table[str, AirflowCommand] = airflow.add_table("composer_commands", lambda row: row.id)
