"""How each section of a world file becomes rows: one function a section, registered by its name."""

from mock_airflow.world.sections import access, configuration, dags, datasets, files, installation, leftovers, runs  # noqa: F401  (filling READERS)
from mock_airflow.world.sections.draft import READERS, Draft, section

__all__ = ["READERS", "Draft", "section"]
