"""Old names of modules go on working, with a warning that names the new one."""

import subprocess
import sys

import pytest

from mock_airflow._moved import MOVED


@pytest.mark.parametrize(("old", "new"), MOVED.items())
def test_an_old_name_gives_the_module_and_warns(old, new):
    script = f"""
import importlib, warnings
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    found = importlib.import_module("mock_airflow.{old}")
assert found is importlib.import_module("mock_airflow.{new}")
assert found.__spec__.name == "mock_airflow.{new}"
said = [str(each.message) for each in told if issubclass(each.category, DeprecationWarning)]
assert "The module mock_airflow.{old} is now mock_airflow.{new}; the old name goes with the next release." in said, said
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_name_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError):
        __import__("mock_airflow.mocks")
