"""How each section of a world file becomes rows: one function a section, registered by its name."""

from mock_airflow.world.sections import access, configuration, dags, datasets, files, installation, leftovers, runs  # noqa: E402, F401, I001  (filling READERS)
from mock_airflow.world.sections.draft import READERS, Draft, section

__all__ = ["READERS", "Draft", "section"]
