"""Old names of modules go on working, with a warning that names the new one."""

import importlib
import json
import subprocess
import sys

import pytest

from mock_airflow import MockAirflow
from mock_airflow._moved import MOVED, RENAMED

# Old names are found once in a process, so all of them are in one that has not seen any.
IMPORTS = """
import importlib, json, sys, warnings
told = {}
for old, new in json.load(sys.stdin).items():
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = importlib.import_module(f"mock_airflow.{old}")
    said = [str(each.message) for each in warned if issubclass(each.category, DeprecationWarning)]
    told[old] = [found is importlib.import_module(f"mock_airflow.{new}"), found.__spec__.name, said]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def imported():
    command = [sys.executable, "-c", IMPORTS]
    return json.loads(
        subprocess.run(command, input=json.dumps(MOVED), check=True, capture_output=True, text=True).stdout
    )


@pytest.mark.parametrize(("old", "new"), MOVED.items())
def test_an_old_name_gives_the_module_and_warns(imported, old, new):
    is_the_same, name, said = imported[old]

    assert is_the_same
    assert name == f"mock_airflow.{new}"
    assert f"The module mock_airflow.{old} is now mock_airflow.{new}; the old name goes with the next release." in said


def test_a_name_that_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError):
        __import__("mock_airflow.mocks")


@pytest.mark.parametrize(
    ("module", "old", "home", "new"),
    [(module, old, "errors", new) for module, names in RENAMED.items() for old, new in names.items()]
    + [("domain.errors", "DagNotFound", "domain.errors", "DagNotFoundError")],
)
def test_an_old_name_of_an_error_gives_it_and_warns(module, old, home, new):
    found = importlib.import_module(f"mock_airflow.{module}")

    if old in vars(found):  # it uses the error itself, under its name of now
        assert vars(found)[old] is getattr(importlib.import_module("mock_airflow.errors"), new)
        return
    with pytest.warns(DeprecationWarning, match=rf"mock_airflow\.{home}\.{new};"):
        error = getattr(found, old)
    assert error is getattr(importlib.import_module(f"mock_airflow.{home}"), new)


def test_a_module_with_old_names_has_no_others():
    with pytest.raises(AttributeError, match="has no attribute 'DagProblems'"):
        importlib.import_module("mock_airflow.testing.declaring").DagProblems  # noqa: B018  (to ask is the test)


def test_an_old_name_of_a_control_gives_what_a_test_holds_now():
    controls = importlib.import_module("mock_airflow.testing.controls")

    with pytest.warns(DeprecationWarning, match="is now mock_airflow.access.keys.Keys"):
        found = controls.KeyRing
    with MockAirflow() as airflow:
        assert isinstance(airflow.keys, found)
    with pytest.raises(AttributeError):
        controls.KeyRings  # noqa: B018
