"""What differs with the installation and the version of Airflow."""

from __future__ import annotations


class Installed:
    """What the process that asks for a file's DAGs has said of the installation."""

    version = "2.11.2"
    major = 2
    catchup = True  # what a DAG has that says nothing

    @classmethod
    def words(cls, of_2: str, of_3: str) -> str:
        """What this version says: the words of Airflow 2, or those of Airflow 3."""
        return of_2 if cls.major == 2 else of_3

    @classmethod
    def airflow(cls, version: str) -> None:
        """Be this version of Airflow."""
        cls.version = version
        cls.major = int(version.partition(".")[0])
        cls.catchup = cls.major == 2
