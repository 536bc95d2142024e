"""The list of packages, which pyproject.toml cannot express: some found by themselves, two under another name.

`pytest_plugin/` and `fixtures/` must not install as top-level modules of those names (`fixtures` is another project's),
so pyproject.toml maps their folders to the names below. Everything else about the build is said there.
"""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["mock_airflow", "mock_airflow.*"]),
        "mock_airflow.fixtures",
        "pytest_mock_airflow",
    ]
)
