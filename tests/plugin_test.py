"""The pytest plugin, as somebody's test suite sees it."""

import dataclasses
import json
import os
import subprocess
import sys

import pytest

from mock_airflow.settings import Settings

PLAIN = ("-p", "no:randomly", "-p", "no:cacheprovider")
SLOW = ("anyio", "faker", "hypothesispytest", "pytest_httpserver")  # others' plugins that take long to load


@pytest.fixture
def suite(pytester, monkeypatch):
    """A folder for a test suite, with nothing of ours in the environment."""
    for name in os.environ:
        if name.startswith("MOCK_AIRFLOW_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(f"-p no:{name}" for name in SLOW))
    pytester.makeini("[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n")
    return pytester


def outcomes(result):
    return {name: count for name, count in result.parseoutcomes().items() if name not in ("warnings", "deselected")}


# ------------------------------------------------------------------------------------------------------- the fixtures


def test_fixtures_are_there_with_the_first_sentence_of_what_they_give(suite):
    result = suite.runpytest("--fixtures")

    result.stdout.fnmatch_lines_random(
        [
            "mock_airflow -- *plugin.py:*",
            "mock_airflow_factory -- *plugin.py:*",
            "mock_airflow_env -- *plugin.py:*",
            "mock_airflow_settings -- *plugin.py:*",
        ]
    )
    result = suite.runpytest("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.mock_airflow(profile=..., world=..., [*][*]settings): *"])


def test_a_client_is_tested_over_the_socket_and_in_process(suite):
    suite.makepyfile(
        """
        import requests
        from mock_airflow import MockAirflow

        def test_socket(mock_airflow: MockAirflow):
            mock_airflow.add_dag("etl", tasks=("extract", "load"))
            answer = requests.post(f"{mock_airflow.api_url}/dags/etl/dagRuns", headers=mock_airflow.headers, json={})
            mock_airflow.clock.advance(minutes=5)
            assert mock_airflow.dag_run("etl", answer.json()["dag_run_id"]).state == "success"

        def test_in_process(mock_airflow):
            with mock_airflow.intercept("https://airflow.example/"):
                assert requests.get("https://airflow.example/health").ok
            assert [call.path for call in mock_airflow.calls] == ["/health"]
        """
    )
    result = suite.runpytest_subprocess()

    assert outcomes(result) == {"passed": 2}


ISOLATED = """
    import pytest
    import requests

    @pytest.mark.mock_airflow(profile="datacoves", clock="2025-01-01T06:00:00Z", frozen=True, seed=4)
    @pytest.mark.parametrize("number", range(20))
    def test_starts_anew(mock_airflow, number):
        assert mock_airflow.clock.now().isoformat() == "2025-01-01T06:00:00+00:00"
        assert mock_airflow.calls == []
        assert len(mock_airflow.keys.list()) == 1
        assert mock_airflow.keys.create().secret[:8] == "%s"
        mock_airflow.add_dag("etl")
        mock_airflow.limits.set("1/day")
        mock_airflow.clock.advance(days=1)
        for status in (200, 429):
            assert requests.get(mock_airflow.api_url + "/dags", headers=mock_airflow.headers).status_code == status
        assert mock_airflow.trigger("etl").id == 1
"""


@pytest.mark.parametrize("more", [("-p", "no:xdist"), ("-n", "2")])
def test_every_test_starts_anew_in_any_order(suite, more):
    from mock_airflow import MockAirflow

    secret = MockAirflow(profile="datacoves", seed=4).keys.create().secret
    suite.makepyfile(ISOLATED % secret[:8])
    result = suite.runpytest_subprocess(*more)

    assert outcomes(result) == {"passed": 20}


def test_servers_are_closed_with_their_test(suite):
    suite.makepyfile(
        """
        import pytest, requests, threading

        urls = []

        def servers():
            return [thread for thread in threading.enumerate() if thread.name.startswith("mock-airflow")]

        def test_one(mock_airflow, mock_airflow_factory):
            assert not servers()
            urls.append(mock_airflow.url)
            urls.append(mock_airflow_factory().url)
            assert len(servers()) == 2

        def test_two():
            assert not servers()
            for url in urls:
                with pytest.raises(requests.ConnectionError):
                    requests.get(url + "/health")
        """
    )
    assert outcomes(suite.runpytest_subprocess(*PLAIN)) == {"passed": 2}


def test_factory_makes_several(suite):
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.mock_airflow(seed=3, profile="datacoves")
        def test_two(mock_airflow_factory, mock_airflow):
            one, two = mock_airflow_factory(profile="airflow2"), mock_airflow_factory(seed=5)
            assert [(each.settings.profile, each.settings.seed) for each in (one, two, mock_airflow)] == [
                ("airflow2", 3), ("datacoves", 5), ("datacoves", 3)
            ]
            one.add_dag("etl")
            two.add_dag("etl")
            assert len({one.url, two.url, mock_airflow.url}) == 3

        def test_error(mock_airflow_factory):
            with pytest.raises(pytest.UsageError, match="no setting 'profle'; did you mean 'profile'"):
                mock_airflow_factory(profle="datacoves")
        """
    )
    assert outcomes(suite.runpytest(*PLAIN)) == {"passed": 2}


def test_env_is_set_and_undone(suite, monkeypatch):
    monkeypatch.setenv("MY_AIRFLOW_API_URL", "https://real.example/api/v1/")
    suite.makepyfile(
        """
        import os, pytest

        @pytest.mark.mock_airflow(profile="datacoves")
        def test_set(mock_airflow, mock_airflow_env):
            assert os.environ["MY_AIRFLOW_API_URL"] == mock_airflow.api_url + "/"
            assert {name: os.environ[name] for name in mock_airflow_env} == mock_airflow_env
            assert os.environ["MY_AIRFLOW_API_KEY"] == mock_airflow.credentials["api_key"]

        def test_undone():
            assert os.environ["MY_AIRFLOW_API_URL"] == "https://real.example/api/v1/"
            assert "MY_AIRFLOW_API_KEY" not in os.environ
        """
    )
    assert outcomes(suite.runpytest(*PLAIN)) == {"passed": 2}


def test_fixtures_work_in_unittest_and_async_suites_that_ask_by_name(suite):
    suite.makepyfile(
        """
        import unittest
        import pytest

        class Case(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def airflow(self, mock_airflow):
                self.airflow = mock_airflow

            def test_it(self):
                assert self.airflow.add_dag("etl").dag_id == "etl"

        def test_dynamic(request):
            assert request.getfixturevalue("mock_airflow").calls == []
        """
    )
    assert outcomes(suite.runpytest(*PLAIN)) == {"passed": 2}


def test_nothing_of_a_test_is_kept(suite):
    suite.makepyfile(
        """
        import gc
        import pytest

        def alive():
            from mock_airflow import MockAirflow
            gc.collect()
            return sum(isinstance(each, MockAirflow) for each in gc.get_objects())

        @pytest.mark.parametrize("number", range(5))
        def test_it(mock_airflow, number):
            assert alive() == 1
        """
    )
    assert outcomes(suite.runpytest_subprocess(*PLAIN)) == {"passed": 5}


# ---------------------------------------------------------------------------------------------------------- settings


def test_help_tells_the_ini_options(suite):
    result = suite.runpytest("--help")

    for field in dataclasses.fields(Settings):
        result.stdout.fnmatch_lines([f"  mock_airflow_{field.name}*"])


def test_nearest_setting_counts(suite, monkeypatch):
    monkeypatch.setenv("MOCK_AIRFLOW_SEED", "1")
    monkeypatch.setenv("MOCK_AIRFLOW_HOSTNAME", "environment")
    monkeypatch.setenv("MOCK_AIRFLOW_RATE_LIMIT", "1/minute")
    monkeypatch.setenv("MOCK_AIRFLOW_BURST", "1/second")
    monkeypatch.setenv("MOCK_AIRFLOW_AIRFLOW_VERSION", "2.9.0")
    monkeypatch.setenv("MOCK_AIRFLOW_PORT", "8080")  # of the command line
    suite.makeini(
        "[pytest]\nmock_airflow_seed = 2\nmock_airflow_hostname = ini\nmock_airflow_rate_limit = 2/minute\n"
        "mock_airflow_burst = 2/second\nmock_airflow_airflow_bugs = no\n"
    )
    suite.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.mock_airflow(seed=4, hostname="module")

        @pytest.fixture
        def mock_airflow_settings(mock_airflow_settings):
            return {**mock_airflow_settings, "seed": 3, "hostname": "fixture", "rate_limit": "3/minute"}

        def told(mock):
            settings = mock.settings
            return [getattr(settings, name) for name in ("seed", "hostname", "rate_limit", "burst", "airflow_version")]

        @pytest.mark.mock_airflow(seed=5)
        class TestOfClass:
            @pytest.mark.mock_airflow(seed=6)
            def test_of_function(self, mock_airflow):
                assert told(mock_airflow) == [6, "module", "3/minute", "2/second", "2.9.0"]
                assert mock_airflow.settings.airflow_bugs is False

            def test_of_class(self, mock_airflow, mock_airflow_factory):
                assert told(mock_airflow) == [5, "module", "3/minute", "2/second", "2.9.0"]
                assert told(mock_airflow_factory()) == told(mock_airflow)

        def test_of_module(mock_airflow):
            assert told(mock_airflow) == [4, "module", "3/minute", "2/second", "2.9.0"]
        """
    )
    suite.makepyfile(
        test_other="""
        def test_it(mock_airflow):
            assert mock_airflow.settings.hostname == "ini"
        """
    )
    assert outcomes(suite.runpytest_subprocess(*PLAIN)) == {"passed": 4}
    assert outcomes(suite.runpytest("-o", "mock_airflow_hostname=option", "test_other.py")) == {"failed": 1}
    suite.makeini("[pytest]\nfilterwarnings = error\n")
    for workers in ((), ("-n", "1")):
        result = suite.runpytest_subprocess("-o", "mock_airflow_hostname=ini", *workers, "test_other.py")
        assert outcomes(result) == {"passed": 1}
    monkeypatch.setenv("PYTEST_ADDOPTS", "-o mock_airflow_hostname=ini")
    assert outcomes(suite.runpytest("test_other.py")) == {"passed": 1}


USES = "import pytest\n@pytest.mark.mock_airflow({})\ndef test_it(mock_airflow): pass\n"


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("profle='datacoves'", "There is no setting 'profle'; did you mean 'profile'?"),
        (
            "profile='datacove'",
            "The value 'datacove' cannot be used for the setting 'profile': *did you mean 'datacoves'*",
        ),
        ("'datacoves'", "the marker 'mock_airflow' takes settings by name, *so 'datacoves' cannot stand alone."),
    ],
)
def test_bad_marker_is_a_usage_error(suite, marker, said):
    suite.makepyfile(USES.format(marker))
    result = suite.runpytest_subprocess(*PLAIN)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mock-airflow: *{said}"])
    if "profle" in marker:  # a worker of xdist cannot end the session: the test is told
        result = suite.runpytest_subprocess(*PLAIN, "-n", "1")
        assert outcomes(result) == {"errors": 1}
        result.stdout.fnmatch_lines([f"E *UsageError: mock-airflow: *{said}"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "mock_airflow_profle = datacoves",
            "no ini option 'mock_airflow_profle'; did you mean 'mock_airflow_profile'?",
        ),
        (
            "mock_airflow_seed = many",
            "The value 'many' cannot be used for the setting 'seed': a whole number is expected.",
        ),
    ],
)
def test_bad_ini_option_is_a_usage_error(suite, monkeypatch, line, said):
    suite.makeini(f"[pytest]\n{line}\n")
    suite.makepyfile("def test_it(): pass")
    results = [suite.runpytest_subprocess(), suite.runpytest_subprocess("-n", "1")]
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    results.append(suite.runpytest_subprocess("-p", "pytest_mock_airflow.plugin"))

    for result in results:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: mock-airflow: *{said}"])


def test_bad_option_on_the_command_line_is_a_usage_error(suite):
    result = suite.runpytest_subprocess("-o", "mock_airflow_wrold=demo")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *no ini option 'mock_airflow_wrold'; did you mean 'mock_airflow_world'?"])


def test_bad_environment_fails_only_who_uses_the_fixture(suite, monkeypatch):
    monkeypatch.setenv("MOCK_AIRFLOW_PROFLE", "datacoves")
    suite.makepyfile("def test_other(): pass\ndef test_it(mock_airflow): pass\n")
    result = suite.runpytest_subprocess(*PLAIN)

    assert outcomes(result) == {"passed": 1, "errors": 1}
    result.stdout.fnmatch_lines(
        ["E *UsageError: mock-airflow: the environment: *MOCK_AIRFLOW_PROFLE *did you mean MOCK_AIRFLOW_PROFILE?"]
    )


def test_bad_settings_fixture_says_so(suite):
    suite.makeconftest("import pytest\n@pytest.fixture\ndef mock_airflow_settings(): return {'sed': 1}\n")
    suite.makepyfile("def test_it(mock_airflow): pass\n")
    result = suite.runpytest(*PLAIN)

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(
        ["E *the fixture mock_airflow_settings: There is no setting 'sed'; did you mean 'seed'?"]
    )


def test_worlds_lie_beside_the_test_or_the_ini_file(suite):
    tests = suite.mkdir("tests")
    (suite.path / "base.json").write_text(json.dumps({"dags": [{"dag_id": "base"}]}))
    (tests / "own.json").write_text(json.dumps({"dags": [{"dag_id": "own"}]}))
    suite.makeini("[pytest]\nmock_airflow_world = base.json\n")
    (tests / "test_it.py").write_text(
        """
import json
import pathlib
import pytest

def ids(mock):
    return [dag.dag_id for dag in mock.deployment.airflow.dags]

def test_ini(mock_airflow):
    assert ids(mock_airflow) == ["base"]

@pytest.mark.mock_airflow(world="own.json")
def test_marker(mock_airflow, mock_airflow_factory, tmp_path):
    assert ids(mock_airflow) == ["own"]
    written = tmp_path / "written.json"
    for dag_id in ("first", "other"):  # a file that changes is read again
        written.write_text(json.dumps({"dags": [{"dag_id": dag_id}]}))
        assert ids(mock_airflow_factory(world=str(written))) == [dag_id]

@pytest.mark.mock_airflow(world=["own.json", pathlib.Path("own.json")])
def test_several(mock_airflow):
    assert ids(mock_airflow) == ["own"]
"""
    )
    assert outcomes(suite.runpytest_subprocess(*PLAIN, "tests/test_it.py")) == {"passed": 3}
    elsewhere = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLAIN, "test_it.py"], cwd=tests, capture_output=True, text=True
    )
    assert elsewhere.returncode == 0, elsewhere.stdout


def test_world_that_cannot_be_read_is_told(suite):
    suite.makepyfile(USES.format("world='none.json'"))
    result = suite.runpytest(*PLAIN)

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["E *UsageError: mock-airflow: The world file none.json cannot be read: *"])


# ------------------------------------------------------------------------------------------------------------ reports


FAILING = """
    import pytest
    import requests

    @pytest.mark.mock_airflow(clock="2025-01-01T06:00:00Z", frozen=True)
    def test_fails(mock_airflow):
        requests.get(mock_airflow.api_url + "/dags?limit=5", headers=mock_airflow.headers)
        mock_airflow.clock.advance(1.5)
        requests.get(mock_airflow.api_url + "/dags", auth=("admin", "a-wrong" + "-one"))
        assert False

    def test_passes(mock_airflow):
        requests.get(mock_airflow.api_url + "/health")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_failing_test_tells_its_calls(suite, workers):
    suite.makepyfile(FAILING)
    result = suite.runpytest_subprocess(*PLAIN, *workers, "-rP")

    assert outcomes(result) == {"passed": 1, "failed": 1}
    result.stdout.fnmatch_lines(
        [
            "*- mock-airflow calls -*",
            "#1  2025-01-01 06:00:00.000  GET  /api/v1/dags?limit=5  200  Basic admin:[*][*][*]",
            "#2  2025-01-01 06:00:01.500  GET  /api/v1/dags  403  Basic admin:[*][*][*]  *password*",
        ],
        consecutive=True,
    )
    assert str(result.stdout).count("mock-airflow calls") == 1
    result.stdout.no_fnmatch_line("*a-wrong-one*")
    result.stdout.no_fnmatch_line("*/health*")


def test_reports_of_several_deployments_of_none_and_of_many_calls(suite):
    suite.makepyfile(
        """
        import requests

        def test_fails(mock_airflow_factory):
            mock_airflow_factory()
            other = mock_airflow_factory(profile="datacoves")
            with other.intercept("http://h.example"):
                for _ in range(60):
                    requests.get("http://h.example/api/v1/dags")
            assert False
        """
    )
    result = suite.runpytest(*PLAIN)

    result.stdout.fnmatch_lines(
        [
            "*- mock-airflow calls (1 of 2: airflow2) -*",
            "No call reached this deployment.",
            "*- mock-airflow calls (2 of 2: datacoves) -*",
            "(10 earlier calls are left out)",
            "[#]11 *  GET  /api/v1/dags  401  no credential  No Authorization header*",
        ]
    )


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_failing_test_without_the_fixture_is_reported_as_ever(suite, order):
    suite.makepyfile(test_a="def test_other(): assert False\n", test_b="def test_it(mock_airflow): pass\n")
    result = suite.runpytest(*PLAIN, *[f"test_{letter}.py" for letter in order])

    assert outcomes(result) == {"passed": 1, "failed": 1}
    result.stdout.no_fnmatch_line("*mock-airflow calls*")


# -------------------------------------------------------------------------------------------------------- what it costs


def test_nothing_heavy_is_imported_until_a_fixture_is_used(suite, monkeypatch):
    suite.makepyfile(
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
            assert "mock_airflow.mock" in ours
            assert not {"croniter", "jsonschema", "requests", "responses", "httpx", "faker", "yaml"} & set(heavy)
        """
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = suite.runpytest_subprocess("-p", "pytest_mock_airflow.plugin")

    assert outcomes(result) == {"passed": 2}


def test_only_pytest_and_the_standard_library_are_imported_at_start():
    script = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport pytest_mock_airflow.plugin\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert answer.stdout.split() == ["pytest_mock_airflow"], answer.stderr


def test_a_world_is_read_once_a_session(suite):
    (suite.path / "world.json").write_text(json.dumps({"dags": [{"dag_id": "etl"}]}))
    suite.makeconftest(
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
        """
    )
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.mock_airflow(world="world.json")
        @pytest.mark.parametrize("number", range(10))
        def test_it(mock_airflow, number):
            assert mock_airflow.trigger("etl").id == 1
        """
    )
    assert outcomes(suite.runpytest(*PLAIN)) == {"passed": 10}
