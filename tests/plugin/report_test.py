"""What a failing test tells of its calls."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import Any

import pytest

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
def test_failing_test_tells_its_calls(
    suite: Any, outcomes: Any, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "96")
    suite.write(FAILING)
    arguments = (*workers, "-p", "no:randomly", "-rP")
    result = suite.run_apart(*arguments) if workers else suite.run(*arguments)

    assert outcomes(result) == {"passed": 1, "failed": 1}
    result.stdout.fnmatch_lines(
        [
            "*- mock-airflow calls -*",
            "To ask again, serve the same: mock-airflow serve --clock 2025-01-01T06:00:00+00:00 --frozen true",
            "#1  2025-01-01 06:00:00.000  GET  /api/v1/dags?limit=5  200  Basic admin:[*][*][*]",
            '      curl --user "$AIRFLOW_USERNAME:$AIRFLOW_PASSWORD" *http://127.0.0.1:8080/api/v1/dags?limit=5*',
            "#2  2025-01-01 06:00:01.500  GET  /api/v1/dags  403  Basic admin:[*][*][*]",
            "      refused: The password of the user 'admin' is another one; can_read on DAGs is needed.",
            "      would pass: *",
            "      curl --user 'admin:[*][*][*]' http://127.0.0.1:8080/api/v1/dags",
        ],
        consecutive=True,
    )
    assert str(result.stdout).count("mock-airflow calls") == 1
    result.stdout.no_fnmatch_line("*a-wrong-one*")
    result.stdout.no_fnmatch_line("*/health*")


def test_rows_that_a_call_changed_are_told_in_short(suite: Any) -> None:
    suite.write(
        """
        import pytest, requests

        @pytest.mark.mock_airflow(clock="2025-01-01T06:00:00Z", frozen=True)
        def test_fails(mock_airflow):
            mock_airflow.add_dag("etl", tasks=[f"t{n}" for n in range(9)])
            url, admin = mock_airflow.api_url, mock_airflow.headers
            requests.post(url + "/dags/etl/dagRuns", headers=admin, json={"dag_run_id": "r", "conf": {"password": "p"}})
            mock_airflow.clock.advance(1)
            requests.get(url + "/dags/etl/dagRuns/r", headers=admin)
            requests.patch(url + "/pools/default_pool?update_mask=slots", headers=admin, json={"slots": 5})
            requests.delete(url + "/dags/etl/dagRuns/r", headers=admin)
            assert False
        """
    )
    lines = suite.run().stdout
    lines.fnmatch_lines(
        [
            "#1 *  POST  /api/v1/dags/etl/dagRuns  200 *",
            "      dag_run etl/r added (queued)",
            "      task_instance etl/r/t0 added",
            "      ... and 4 more rows",
            """      curl --user * --data '{"dag_run_id": "r", "conf": {"password": "[*][*][*]"}}' http*""",
            "#2 *",
            "      dag_run etl/r: queued -> running",
            "#3 *",
            "      pool default_pool: slots 128 -> 5",
            "      curl --request PATCH * --data '{\"slots\": 5}' 'http*/pools/default_pool?update_mask=slots'",
            "#4 *  204  *",
            "      dag_run etl/r deleted (running)",
        ]
    )
    assert "login_count" not in str(lines)


def test_reports_of_several_deployments_of_none_and_of_many_calls(suite: Any) -> None:
    suite.write(
        """
        import requests

        def test_fails(mock_airflow_factory):
            mock_airflow_factory()
            other = mock_airflow_factory(profile="datacoves")
            with other.intercept("http://h.example"):
                for _ in range(30):
                    requests.get("http://h.example/api/v1/dags")
            assert False
        """
    )
    result = suite.run()

    result.stdout.fnmatch_lines(
        [
            "*- mock-airflow calls (1 of 2: airflow2) -*",
            "No call reached this deployment.",
            "*- mock-airflow calls (2 of 2: datacoves) -*",
            "(10 earlier calls are left out)",
            "[#]11 *  GET  /api/v1/dags  401  no credential",
            "      refused: No Authorization header*",
        ]
    )


def test_polls_that_pass_alike_are_one_line_and_a_page_is_told_as_such(suite: Any) -> None:
    suite.write(
        """
        import pytest, requests

        @pytest.mark.mock_airflow(clock="2025-01-01T06:00:00Z", frozen=True)
        def test_fails(mock_airflow):
            url, ours = mock_airflow.api_url, mock_airflow.headers
            for number in range(120):
                mock_airflow.add_dag(f"dag_{number}")
            for _ in range(40):
                requests.get(url + "/dags", headers=ours)
                mock_airflow.clock.advance(30)
            requests.get(url + "/dags?offset=100", headers=ours)
            for _ in range(3):
                requests.get(url + "/dags?limit=1", auth=("admin", "wrong"))
            assert False
        """
    )
    said = suite.run()
    said.stdout.fnmatch_lines(
        [
            "[#]1 to [#]40  2025-01-01 06:00:00.000 to 06:19:30.000  GET  /api/v1/dags  200 *"
            "  100 of 120 rows  40 times",
            "      curl *",
            "[#]41  2025-01-01 06:20:00.000  GET  /api/v1/dags[?]offset=100  200 *  20 of 120 rows",
            "      curl *",
            "[#]42 *  403 *",
        ],
        consecutive=True,
    )
    said.stdout.fnmatch_lines(["[#]44 *  403 *"])
    said.stdout.no_fnmatch_line("*earlier calls are left out*")


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_failing_test_without_the_fixture_is_reported_as_ever(suite: Any, outcomes: Any, order: str) -> None:
    suite.write("def test_other(): assert False\n", "test_a.py")
    suite.write("def test_it(mock_airflow): pass\n", "test_b.py")
    result = suite.run(*[f"test_{letter}.py" for letter in order])

    assert outcomes(result) == {"passed": 1, "failed": 1}
    result.stdout.no_fnmatch_line("*mock-airflow calls*")


TO_PASTE = """
    import pytest, requests

    @pytest.mark.mock_airflow(world="demo", seed=3, profile={profile!r})
    def test_fails(mock_airflow):
        url, ours = mock_airflow.api_url, mock_airflow.headers
        requests.get(url + "/dags?limit=2&tags=it's", headers=ours)
        requests.post(url + "/dags/daily_sales/dagRuns", headers=ours, json={{"dag_run_id": "it's ünique"}})
        requests.get(url + "/dags/daily_sales/dagRuns/it's ünique", headers=ours)
        requests.patch(url + "/pools/default_pool?update_mask=slots", headers=ours, json={{"slots": 5}})
        requests.delete(url + "/dags/daily_sales/dagRuns/it's ünique", headers=ours)
        requests.head(url + "/health", headers=ours)
        requests.get(url + "/dags", headers={{"Authorization": "Bearer something-that-nobody-knows"}})
        requests.get(url + "/dags")
        assert False, [call.status for call in mock_airflow.calls]
"""


@pytest.mark.parametrize("profile", ["airflow2", "astro"])
def test_lines_of_curl_can_be_pasted_against_serve(suite: Any, profile: str) -> None:
    suite.write(TO_PASTE.format(profile=profile))
    said = str(suite.run("--tb=short").stdout)
    expected = [int(status) for status in re.findall(r"^#\d+ .*?  ([1-5]\d\d)  ", said, re.MULTILINE)]
    curls = [line.strip() for line in said.splitlines() if line.startswith("      curl ")]
    served = re.search(r"serve the same: mock-airflow (serve .*)", said)
    assert served is not None
    assert len(curls) == len(expected) == 8

    options = f"{served[1]} --port 0".replace("'", "").split()
    command = [sys.executable, "-m", "mock_airflow", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        banner = "".join(iter(server.stdout.readline, "Ctrl-C ends it.\n"))
        url = re.search(r"url +(http://127.0.0.1:\d+)\n", banner)
        assert url is not None
        variables = [line.strip() for line in banner.splitlines() if re.match(r" +(export )?[A-Z_]+=", line)]
        told = 'curl() { command curl --silent --output /dev/null --write-out "%{http_code}\\n" "$@"; }'
        script = "\n".join([told, *variables, *curls]).replace("http://127.0.0.1:8080", url[1])
        answered = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
        server.send_signal(signal.SIGINT)
    assert [int(status) for status in answered.stdout.split()] == expected, script
