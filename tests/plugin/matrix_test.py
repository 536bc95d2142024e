"""One test, run for each profile, role, transport or failure."""

from __future__ import annotations

import pytest

from mock_airflow.settings import PROFILES
from tests.plugin.suite import SHUFFLED, Outcomes, Suite


def test_every_transport_reaches_the_same_airflow(suite: Suite) -> None:
    for name in ("pytest_httpserver", "responses"):
        pytest.importorskip(name)
    suite.write(
        """
        import pytest, requests

        @pytest.mark.mock_airflow(world="demo")
        @pytest.mark.mock_airflow_matrix(profiles=["airflow2", "datacoves"], transports="all")
        def test_it(mock_airflow_matrix, mock_airflow, request):
            case = mock_airflow_matrix
            assert request.node.name == f"test_it[{case.profile}-{case.transport}]"
            assert case.airflow is mock_airflow
            assert mock_airflow.settings.profile == case.profile
            answer = requests.get(case.api_url + "/dags", headers=case.headers)
            assert answer.json()["total_entries"] == len(mock_airflow.deployment.airflow.dags)
            assert len(mock_airflow.calls) == 1
            assert case.env["AIRFLOW_API_URL"] == case.api_url
        """
    )
    assert suite.outcomes() == {"passed": 8}


def test_roles_come_with_their_credentials(suite: Suite) -> None:
    suite.write(
        """
        import pytest, requests

        @pytest.mark.mock_airflow_matrix(roles=["Viewer", "Op"], transports=["intercept"], profiles="all")
        def test_it(mock_airflow_matrix):
            case = mock_airflow_matrix
            answer = requests.post(case.api_url + "/pools", headers=case.headers, json={"name": "p", "slots": 1})
            made = 201 if case.profile == "airflow3" else 200
            assert answer.status_code == {"Viewer": 403, "Op": made}[case.role]
        """
    )
    assert suite.outcomes() == {"passed": 2 * len(PROFILES)}


def test_client_meets_every_way_in_which_access_can_fail(suite: Suite) -> None:
    suite.write(
        """
        import pytest, requests

        @pytest.mark.mock_airflow(strict=True)
        @pytest.mark.mock_airflow_matrix(failures="all", transports=["intercept"])
        @pytest.mark.mock_airflow_matrix(profiles=["airflow2", "datacoves", "astro"], failures="revoked")
        def test_far_mark_is_overruled(mock_airflow_matrix):
            case = mock_airflow_matrix
            meets(case)

        def meets(case):
            method, path = case.look.request.split()
            statuses = []
            for _ in range(3):
                try:
                    url = case.url + case.airflow.deployment.mount + path
                    json = {"name": "p", "slots": 1} if method == "POST" else None
                    answer = requests.request(method, url, headers=case.headers, json=json)
                    statuses.append(answer.status_code)
                except requests.ConnectionError:
                    statuses.append(None)
            assert case.look.status in statuses

        @pytest.mark.mock_airflow_matrix(profiles=["datacoves"], failures="all", transports=["intercept"])
        def test_all(mock_airflow_matrix):
            meets(mock_airflow_matrix)

        @pytest.mark.mock_airflow_matrix(failures=[None, "gateway-page", "expired"])
        def test_with_and_without(mock_airflow_matrix, request):
            failure = mock_airflow_matrix.failure
            answer = requests.get(mock_airflow_matrix.api_url + "/dags", headers=mock_airflow_matrix.headers)
            assert (failure is None) == answer.ok
            assert request.node.name == f"test_with_and_without[{failure or 'no-failure'}]"
        """
    )
    result = suite.run("-rs")
    found = result.parseoutcomes()

    assert (found["passed"], found["skipped"]) == (3 + 18 + 2, 3 + 1), str(result.stdout)
    result.stdout.fnmatch_lines(["SKIPPED * The profile 'airflow2' has no such failure: a password has no end*"])


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("(failures=['revokd'])", "has 'revokd' among its failures; did you mean 'revoked'?"),
        ("(profiles='astr')", "has 'astr' among its profiles; did you mean 'astro'?"),
        ("(transports=['socket'])", "has 'socket' among its transports; there are live, intercept, *"),
        ("(failure='all')", "has no dimension 'failure'; did you mean 'failures'?"),
        ("(profiles=[])", "has no value for profiles: name some, or 'all'."),
        ("()", "says nothing: give it one or more of profiles, roles, transports, failures*"),
        ("('all')", "takes its dimensions by name, such as failures='all', not 'all'."),
        ("(roles='all', failures='all')", "has roles and failures, which do not go together: *"),
    ],
)
def test_marker_that_cannot_be_used_is_a_usage_error(suite: Suite, outcomes: Outcomes, marker: str, said: str) -> None:
    suite.write(
        f"""
        import pytest

        @pytest.mark.mock_airflow_matrix{marker}
        def test_it(mock_airflow_matrix): pass
        """
    )
    result = suite.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    place = "the marker 'mock_airflow_matrix' of test_it.py::test_it"
    result.stderr.fnmatch_lines([f"ERROR: mock-airflow: {place} {said}"])


def test_unknown_role_and_missing_marker_are_told(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(
        """
        import pytest

        @pytest.mark.mock_airflow_matrix(roles=["Viewr"])
        def test_role(mock_airflow_matrix): pass
        """
    )
    result = suite.run()
    assert outcomes(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["E *There is no role 'Viewr'; did you mean 'Viewer'?"])
    suite.write("def test_it(mock_airflow_matrix): pass")
    assert suite.run().ret == pytest.ExitCode.USAGE_ERROR


def test_matrix_under_workers_in_random_order(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(
        """
        import pytest, requests

        @pytest.mark.mock_airflow_matrix(profiles=["airflow2", "airbyte"], failures=["clock-skew", "revoked"])
        def test_it(mock_airflow_matrix):
            assert mock_airflow_matrix.look is not None

        @pytest.mark.mock_airflow_matrix(failures=["revokd"])
        def test_refused(mock_airflow_matrix): pass
        """
    )
    result = suite.run(*SHUFFLED, "-n", "1")
    assert outcomes(result) == {"passed": 4, "errors": 1}
    result.stdout.fnmatch_lines(["E *UsageError: mock-airflow: *'revokd' among its failures; did you mean 'revoked'?"])


def test_what_is_not_installed_is_skipped_with_a_sentence(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(
        """
        import importlib.util, sys
        real = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *more: None if name == "responses" else real(name, *more)
        sys.modules["jwt"] = None
        """,
        "conftest.py",
    )
    suite.write(
        """
        import pytest

        @pytest.mark.mock_airflow_matrix(profiles=["airflow2", "astro"], transports=["live", "responses"])
        def test_it(mock_airflow_matrix): pass
        """
    )
    result = suite.run_apart("-rs")
    assert outcomes(result) == {"passed": 1, "skipped": 3}
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED * The transport 'responses' needs responses, which is not installed.",
            "SKIPPED * The profile 'astro' signs tokens, which takes PyJWT*",
        ]
    )
