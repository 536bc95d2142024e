"""Markers that mean nothing to the test they stand on are refused; they would look as if they did."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.suite import Outcomes, Suite

HEAD = """
    import pytest

"""


def run(suite: Suite, body: str, *arguments: str) -> Any:
    suite.write(HEAD + body)
    return suite.run(*arguments)


@pytest.mark.parametrize(
    "fixtures", ["mock_airflow", "mock_airflow_factory", "virtual_sleep", "mock_airflow_env", "mine", "tmp_path", ""]
)
def test_matrix_on_a_test_that_does_not_take_it(suite: Suite, fixtures: str) -> None:
    result = run(
        suite,
        f"""
    @pytest.fixture
    def mine(mock_airflow):
        return mock_airflow

    @pytest.mark.mock_airflow_matrix(failures="all")
    def test_it({fixtures}):
        pass
    """,
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*the marker 'mock_airflow_matrix' of test_it.py::test_it has no effect: * take * mock_airflow_matrix*"]
    )


def test_matrix_of_a_class_is_for_those_of_its_tests_that_take_it(suite: Suite, outcomes: Outcomes) -> None:
    body = """
    @pytest.mark.mock_airflow_matrix(roles=["Viewer", "Op"], transports=["intercept"])
    class TestIt:
        def test_matrix(self, mock_airflow_matrix):
            pass

        def test_without_an_airflow(self):
            pass
    """
    assert outcomes(run(suite, body)) == {"passed": 3}
    result = run(suite, body + "\n        def test_once(self, mock_airflow):\n            pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_settings_on_a_test_without_an_airflow(suite: Suite, outcomes: Outcomes) -> None:
    body = """
    @pytest.fixture
    def asked(request):
        return request.getfixturevalue("mock_airflow")

    @pytest.mark.mock_airflow(profile="datacoves")
    def test_asks_later(asked):
        assert asked.settings.profile == "datacoves"

    @pytest.mark.mock_airflow(profile="datacoves")
    class TestIt:
        def test_beside_others(self):
            pass
    """
    assert outcomes(run(suite, body)) == {"passed": 2}
    body += """
    @pytest.mark.mock_airflow(profile="datacoves")
    def test_idle(tmp_path):
        pass
    """
    result = run(suite, body)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*the marker 'mock_airflow' of test_it.py::test_idle has no effect: *"])


def test_worker_of_xdist_refuses_too(suite: Suite, outcomes: Outcomes) -> None:
    pytest.importorskip("xdist")
    result = run(
        suite,
        """
    @pytest.mark.mock_airflow_matrix(failures="all")
    def test_it(mock_airflow):
        pass

    def test_fine(mock_airflow):
        pass
    """,
        "-n",
        "1",
    )
    assert outcomes(result) == {"passed": 1, "errors": 1}


@pytest.mark.parametrize(
    ("given", "profile", "refused"),
    [
        ('airbyte_edition="cloud"', "datacoves", True),
        ("astro_root=False", None, True),
        ('airbyte_edition="cloud"', "airbyte", False),
        ("strict=True", "datacoves", False),
    ],
)
def test_setting_of_another_vendor(
    suite: Suite, outcomes: Outcomes, given: str, profile: str | None, refused: bool
) -> None:
    if profile is not None:
        suite.ini(f"mock_airflow_profile = {profile}")
    result = run(
        suite,
        f"""
    @pytest.mark.mock_airflow({given})
    def test_it(mock_airflow):
        pass
    """,
    )
    assert outcomes(result) == ({"errors": 1} if refused else {"passed": 1})
    if refused:
        result.stdout.fnmatch_lines(["*which concerns the profile *; this test's profile is *"])


def test_vendors_settings_for_many_profiles_are_fine(suite: Suite, outcomes: Outcomes) -> None:
    result = run(
        suite,
        """
    pytestmark = pytest.mark.mock_airflow(airbyte_edition="cloud")

    @pytest.mark.mock_airflow(profile="datacoves")
    def test_it(mock_airflow):
        pass

    @pytest.mark.mock_airflow(astro_root=False)
    @pytest.mark.mock_airflow_matrix(profiles=["astro", "datacoves"])
    def test_many(mock_airflow_matrix):
        pass

    @pytest.mark.mock_airflow(astro_root=False)
    def test_made(mock_airflow_factory):
        mock_airflow_factory(profile="astro")
    """,
    )
    assert outcomes(result) == {"passed": 4}
