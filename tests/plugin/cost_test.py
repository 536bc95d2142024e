"""What the plugin imports, reads and keeps."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.plugin.suite import Suite


def test_nothing_heavy_is_imported_until_a_fixture_is_used(suite: Suite) -> None:
    suite.write(
        """
        import sys

        def loaded():
            ours = [name for name in sys.modules if name.split(".")[0] == "mock_airflow"]
            heavy = {"flask", "werkzeug", "croniter", "jsonschema", "requests", "responses", "httpx", "faker", "yaml"}
            return ours, sorted(heavy & set(sys.modules))

        def test_before():
            assert loaded() == ([], [])

        def test_using(mock_airflow):
            ours, heavy = loaded()
            assert "mock_airflow.testing.mock" in ours
            assert not {"croniter", "jsonschema", "requests", "responses", "httpx", "faker", "yaml"} & set(heavy)
        """
    )
    assert suite.outcomes(apart=True) == {"passed": 2}


def test_a_first_test_imports_what_it_needs(suite: Suite) -> None:
    suite.write(
        """
        import sys
        import urllib.request

        needless = {
            "flask", "jinja2", "click", "blinker", "croniter", "jsonschema", "pydantic", "jwt", "sqlalchemy", "trustme",
            "requests", "responses", "httpx", "faker", "yaml", "pytest_httpserver",
        }

        def test_using(mock_airflow):
            with mock_airflow.intercept("https://airflow.example"):
                urllib.request.urlopen(mock_airflow.api_url + "/health").read()
            ours = [name for name in sys.modules if name.split(".")[0] == "mock_airflow"]
            assert not needless & {name.split(".")[0] for name in sys.modules}
            assert not [name for name in ours if name.startswith(("mock_airflow.api.v2", "mock_airflow.world"))]
            assert len(ours) < 190
        """
    )
    assert suite.outcomes(apart=True) == {"passed": 1}


def test_only_pytest_and_the_standard_library_are_imported_at_start() -> None:
    script = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport pytest_mock_airflow.plugin\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert answer.stdout.split() == ["pytest_mock_airflow"], answer.stderr


def test_a_world_is_read_once_a_session(suite: Suite) -> None:
    (suite.path / "world.json").write_text(json.dumps({"dags": [{"dag_id": "etl"}]}))
    suite.write(
        """
        import pytest
        from mock_airflow.world import reading

        read = []
        real = reading.load_worlds

        def counted(names):
            read.append(names)
            return real(names)

        reading.load_worlds = counted

        def pytest_sessionfinish(session):
            reading.load_worlds = real
            assert len(read) == 1, read
        """,
        "conftest.py",
    )
    suite.write(
        """
        import pytest

        @pytest.mark.mock_airflow(world="world.json")
        @pytest.mark.parametrize("number", range(10))
        def test_it(mock_airflow, number):
            assert mock_airflow.trigger("etl").id == 1
        """
    )
    assert suite.outcomes() == {"passed": 10}


def test_nothing_of_a_test_is_kept(suite: Suite) -> None:
    suite.write(
        """
        import gc
        import pytest
        import requests

        def alive():
            from mock_airflow import MockAirflow
            gc.collect()
            return sum(isinstance(each, MockAirflow) for each in gc.get_objects())

        @pytest.mark.parametrize("number", range(5))
        def test_it(mock_airflow, number):
            assert requests.get(mock_airflow.url + "/health").ok
            assert alive() == 1
        """
    )
    assert suite.outcomes(apart=True) == {"passed": 5}


def test_emulator_is_imported_without_its_asserts_being_rewritten(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import mock_airflow.corridor.app

        def test_loader():
            assert type(mock_airflow.corridor.app.__loader__).__name__ == "SourceFileLoader"
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
