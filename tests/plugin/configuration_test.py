"""How a test's Airflow is set up: by marker, fixture, command line, ini options and environment."""

from __future__ import annotations

import dataclasses
import json

import pytest

from mock_airflow.settings import Settings
from tests.plugin.suite import Outcomes, Suite
from tests.settings.kubernetes import service

USES = "import pytest\n@pytest.mark.mock_airflow({})\ndef test_it(mock_airflow): pass\n"
BUT_SETTINGS = "def test_other(): pass\n"


def test_help_tells_an_ini_option_and_a_command_line_option_for_each_setting(suite: Suite) -> None:
    result = suite.run("--help")

    for field in dataclasses.fields(Settings):
        result.stdout.fnmatch_lines([f"  --mock-airflow-{field.name.replace('_', '-')}[= ]*"])
    for field in dataclasses.fields(Settings):
        result.stdout.fnmatch_lines([f"  mock_airflow_{field.name}*"])


NEAREST = """
    import pytest

    pytestmark = pytest.mark.mock_airflow(seed=5, hostname="module")

    @pytest.fixture
    def mock_airflow_settings(mock_airflow_settings):
        return {**mock_airflow_settings, "seed": 4, "hostname": "fixture", "rate_limit": "4/minute"}

    def told(mock):
        names = ("seed", "hostname", "rate_limit", "burst", "concurrency", "airflow_version")
        return [getattr(mock.settings, name) for name in names]

    @pytest.mark.mock_airflow(seed=6)
    class TestOfClass:
        @pytest.mark.mock_airflow(seed=7)
        def test_of_function(self, mock_airflow):
            assert told(mock_airflow) == [7, "module", "4/minute", "3/second", 2, "2.9.0"]
            assert mock_airflow.settings.airflow_bugs is False

        def test_of_class(self, mock_airflow, mock_airflow_factory):
            assert told(mock_airflow) == [6, "module", "4/minute", "3/second", 2, "2.9.0"]
            assert told(mock_airflow_factory()) == told(mock_airflow)

    def test_of_module(mock_airflow):
        assert told(mock_airflow) == [5, "module", "4/minute", "3/second", 2, "2.9.0"]
"""


def test_nearest_setting_counts(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEED", "HOSTNAME", "RATE_LIMIT", "BURST", "CONCURRENCY"):
        monkeypatch.setenv(f"MOCK_AIRFLOW_{name}", {"RATE_LIMIT": "1/minute", "BURST": "1/second"}.get(name, "1"))
    monkeypatch.setenv("MOCK_AIRFLOW_AIRFLOW_VERSION", "2.9.0")
    monkeypatch.setenv("MOCK_AIRFLOW_PORT", "8080")  # of `mock-airflow serve`
    ini = {"seed": 2, "hostname": "ini", "rate_limit": "2/minute", "burst": "2/second", "concurrency": 2}
    suite.ini(*(f"mock_airflow_{name} = {value}" for name, value in ini.items()), "mock_airflow_airflow_bugs = no")
    suite.write(NEAREST)
    arguments = {"seed": "3", "hostname": "line", "rate-limit": "3/minute", "burst": "3/second"}
    given = [part for name, value in arguments.items() for part in (f"--mock-airflow-{name}", value)]

    assert suite.outcomes(*given) == {"passed": 3}


OF_HOST = "def test_it(mock_airflow): assert mock_airflow.settings.hostname == 'given'\n"


@pytest.mark.parametrize("way", ["option", "ini on the command line", "PYTEST_ADDOPTS", "addopts", "option of workers"])
def test_options_are_read_wherever_pytest_reads_options(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    suite.write(OF_HOST)
    arguments: dict[str, tuple[str, ...]] = {
        "option": ("--mock-airflow-hostname=given",),
        "option of workers": ("--mock-airflow-hostname", "given", "-n", "1"),
        "ini on the command line": ("-o", "mock_airflow_hostname=given"),
    }
    if way == "PYTEST_ADDOPTS":
        monkeypatch.setenv("PYTEST_ADDOPTS", "--mock-airflow-hostname given")
    if way == "addopts":
        suite.pytester.makeini("[pytest]\naddopts = --mock-airflow-hostname given\n")

    assert suite.outcomes(*arguments.get(way, ())) == {"passed": 1}


def test_lists_and_yes_or_no_on_the_command_line(suite: Suite) -> None:
    suite.write(
        """
        def test_it(mock_airflow):
            settings = mock_airflow.settings
            assert (settings.frozen, settings.user) == (True, ("a:x,y:User", "b:z:Op"))
            assert settings.auth_backends == ("session", "basic_auth")
        """
    )
    users = ("--mock-airflow-user", "a:x,y:User", "--mock-airflow-user", "b:z:Op")

    more = ("--mock-airflow-frozen", "yes", "--mock-airflow-auth-backends=session,basic_auth")
    assert suite.outcomes(*users, *more) == {"passed": 1}


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
def test_bad_marker_is_a_usage_error(suite: Suite, outcomes: Outcomes, marker: str, said: str) -> None:
    suite.write(USES.format(marker))
    result = suite.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mock-airflow: *{said}"])
    if "profle" in marker:  # a worker of xdist cannot end the session: the test is told
        result = suite.run("-n", "1")
        assert outcomes(result) == {"errors": 1}
        result.stdout.fnmatch_lines([f"E *UsageError: mock-airflow: *{said}"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("mock_airflow_profle = datacoves", "no ini option mock_airflow_profle; did you mean mock_airflow_profile?"),
        (
            "mock_airflow_seed = many",
            "The value 'many' cannot be used for the setting 'seed': a whole number is expected.",
        ),
    ],
)
def test_bad_ini_option_is_a_usage_error(suite: Suite, line: str, said: str) -> None:
    suite.pytester.makeini(f"[pytest]\n{line}\n")
    suite.write(BUT_SETTINGS)

    result = suite.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mock-airflow: *{said}"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "mock_airflow_wrold=demo"), "no ini option mock_airflow_wrold; did you mean mock_airflow_world?"),
        (("--mock-airflow-profil=astro",), "no option --mock-airflow-profil; did you mean --mock-airflow-profile?"),
        (("--mock-airflow-profil", "astro"), "no option --mock-airflow-profil; did you mean --mock-airflow-profile?"),
        (("--mock-airflow-least",), "no option --mock-airflow-least; did you mean --mock-airflow-*"),
        (("--mock-airflow-seed", "many"), "the command line: The value 'many' cannot be used for the setting 'seed'*"),
        (("--mock-airflow-profile", "astr"), "the command line: *did you mean 'astro'*"),
    ],
)
def test_bad_option_on_the_command_line_is_a_usage_error(suite: Suite, arguments: tuple[str, ...], said: str) -> None:
    suite.write(BUT_SETTINGS)
    result = suite.run(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: mock-airflow: *{said}"])


def test_secret_on_the_command_line_is_not_told(suite: Suite) -> None:
    suite.write(USES.format(""))
    result = suite.run("--mock-airflow-user", "vera-and-her-secret")

    result.stdout.fnmatch_lines(["E *UsageError: mock-airflow: A user is given as NAME:PASSWORD:ROLE*"])
    assert "vera-and-her-secret" not in str(result.stdout)


def test_bad_environment_fails_only_who_uses_the_fixture(
    suite: Suite, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_AIRFLOW_PROFILE", "datacove")
    suite.write(f"{BUT_SETTINGS}def test_it(mock_airflow): pass\n")
    result = suite.run()

    assert outcomes(result) == {"passed": 1, "errors": 1}
    result.stdout.fnmatch_lines(["E *UsageError: mock-airflow: the environment: *'datacove' cannot be used *"])


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_unknown_variables_are_warned_of_once(
    suite: Suite, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    monkeypatch.setenv("MOCK_AIRFLOW_PROFLE", "a-secret")
    monkeypatch.setenv("MOCK_AIRFLOW_QQQQ", "a-secret")
    monkeypatch.setenv("MOCK_AIRFLOW_SEED", "7")
    used = "def test_{0}(mock_airflow): assert mock_airflow.settings.seed == 7\n"
    suite.write(BUT_SETTINGS + used.format("one") + used.format("two"))
    result = suite.run(*workers)

    assert outcomes(result) == {"passed": 3}  # where warnings are errors
    sentences = [
        "*UnknownVariableWarning: mock-airflow: *_PROFLE is not a setting; did you mean MOCK_AIRFLOW_PROFILE?",
        "*UnknownVariableWarning: mock-airflow: The environment variable MOCK_AIRFLOW_QQQQ is not a setting; unset it.",
    ]
    result.stdout.fnmatch_lines(sentences)
    assert str(result.stdout).count("is not a setting") == len(sentences)
    assert "a-secret" not in str(result.stdout)


def test_warning_of_unknown_variables_can_be_switched_off(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_AIRFLOW_PROFLE", "datacoves")
    suite.write("def test_it(mock_airflow): pass\n")
    result = suite.run("-W", "ignore::pytest_mock_airflow.configuration.UnknownVariableWarning")

    assert "is not a setting" not in str(result.stdout)


def test_services_of_kubernetes_are_no_settings(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in service("MOCK_AIRFLOW", "10.96.0.7").items():
        monkeypatch.setenv(name, value)
    suite.write("def test_it(mock_airflow): assert mock_airflow.settings == type(mock_airflow.settings)()\n")
    result = suite.run()

    result.assert_outcomes(passed=1, warnings=0)


def test_bad_settings_fixture_says_so(suite: Suite, outcomes: Outcomes) -> None:
    suite.write("import pytest\n@pytest.fixture\ndef mock_airflow_settings(): return {'sed': 1}\n", "conftest.py")
    suite.write("def test_it(mock_airflow): pass\n")
    result = suite.run()

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(
        ["E *the fixture mock_airflow_settings: There is no setting 'sed'; did you mean 'seed'?"]
    )


def test_worlds_lie_beside_the_test_or_the_ini_file_or_where_pytest_was_called(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("base", "tests/own", "elsewhere/given"):
        file = suite.path / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"dags": [{"dag_id": file.stem}]}))
    suite.ini("mock_airflow_world = base.json")
    suite.write(
        """
        import json, pathlib, pytest

        def ids(mock):
            return [dag.dag_id for dag in mock.deployment.airflow.dags]

        def test_session(mock_airflow, pytestconfig):
            assert ids(mock_airflow) == ["given" if pytestconfig.getoption("mock_airflow_world") else "base"]

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
        """,
        "tests/test_it.py",
    )
    assert suite.outcomes("tests/test_it.py") == {"passed": 3}
    monkeypatch.chdir(suite.path / "elsewhere")
    assert suite.outcomes("../tests/test_it.py") == {"passed": 3}
    assert suite.outcomes("../tests/test_it.py", "--mock-airflow-world", "given.json") == {"passed": 3}


def test_world_that_cannot_be_read_is_told(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(USES.format("world='none.json'"))
    result = suite.run()

    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["E *UsageError: mock-airflow: The world file none.json cannot be read: *"])
