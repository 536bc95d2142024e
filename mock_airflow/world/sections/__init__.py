"""How each section of a world file becomes rows: one function a section, registered by its name."""

from mock_airflow.world.sections import (  # noqa: F401  (filling READERS)
    access,
    airflow_3,
    assets,
    backfills,
    configuration,
    dags,
    datasets,
    fab,
    files,
    installation,
    plans,
    results,
    runs,
    waiting_tasks,
)
from mock_airflow.world.sections.transaction import READERS, Draft, Spent, section

__all__ = ["READERS", "Draft", "Spent", "section"]
