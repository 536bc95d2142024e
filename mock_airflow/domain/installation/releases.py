"""What a release of Airflow tells of where it was built from."""

from __future__ import annotations

from mock_airflow.domain.airflow import Airflow

# As the released packages tell it (observed); 2.11.2's is empty.
_GIT_VERSIONS = {"3.3.2": ".release:aa19d2dbb9ed187ec01957a92848d9b005e9ba9d"}


def git_version(airflow: Airflow, version: str) -> str:
    """The commit of a version: what the world tells of it, else the release's own; empty where nobody knows it."""
    return airflow.git_version or _GIT_VERSIONS.get(version, "")
