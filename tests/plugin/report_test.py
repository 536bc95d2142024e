"""What a failing test tells of its calls."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import requests

from mock_airflow.settings.address import SERVED_AT
from tests.plugin.suite import Outcomes, Suite

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
    suite: Suite, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "96")
    suite.write(FAILING)
    result = suite.run(*workers, "-rP")

    assert outcomes(result) == {"passed": 1, "failed": 1}
    result.stdout.fnmatch_lines(
        [
            "*- mock-airflow calls -*",
            "To ask again, serve the same: mock-airflow serve --saved *-test_fails.saved",
            "(all is as it was left, and the clock stands still; POST /__mock__/reset leads back to before [#]1)",
            "#1  2025-01-01 06:00:00.000  GET  /api/v1/dags?limit=5  200  Basic admin:[*][*][*]",
            f'      curl --user "$AIRFLOW_USERNAME:$AIRFLOW_PASSWORD" *{SERVED_AT}/api/v1/dags?limit=5*',
            "#2  2025-01-01 06:00:01.500  GET  /api/v1/dags  403  Basic admin:[*][*][*]",
            "      refused: The password of the user 'admin' does not match; can_read on DAGs is needed.",
            "      would pass: *",
            f"      curl --user 'admin:[*][*][*]' {SERVED_AT}/api/v1/dags",
        ],
        consecutive=True,
    )
    assert str(result.stdout).count("mock-airflow calls") == 1
    result.stdout.no_fnmatch_line("*a-wrong-one*")
    result.stdout.no_fnmatch_line("*/health*")


def test_rows_that_a_call_changed_are_told_in_short(suite: Suite) -> None:
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


def test_reports_of_several_deployments_of_none_and_of_many_calls(suite: Suite) -> None:
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
            "To ask again, serve the same: mock-airflow serve --saved *-test_fails-1.saved",
            "(* POST /__mock__/reset leads back to its start)",
            "*- mock-airflow calls (2 of 2: datacoves) -*",
            "(10 earlier calls are left out)",
            "[#]11 *  GET  /api/v1/dags  401  no credential",
            "      refused: No Authorization header*",
        ]
    )


def test_polls_that_pass_alike_are_one_line_and_a_page_is_told_as_such(suite: Suite) -> None:
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
def test_failing_test_without_the_fixture_is_reported_as_ever(suite: Suite, outcomes: Outcomes, order: str) -> None:
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


@contextmanager
def served(options: list[str]) -> Iterator[tuple[str, str]]:
    """The server that a command starts, while entered: its URL and what it prints."""
    command = [sys.executable, "-m", "mock_airflow", *options, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        banner = "".join(iter(server.stdout.readline, "Ctrl-C ends it.\n"))
        url = re.search(r"url +(http://127.0.0.1:\d+)\n", banner)
        assert url is not None, banner
        yield url[1], banner
        server.send_signal(signal.SIGINT)


def command_in(said: str) -> list[str]:
    """What follows `mock-airflow` in the command that a story names."""
    line = re.search(r"serve the same: mock-airflow (serve .*)", said)
    assert line is not None, said
    return shlex.split(line[1])


@pytest.mark.parametrize("profile", ["airflow2", "astro", "datacoves"])
def test_lines_of_curl_can_be_pasted_against_serve(suite: Suite, profile: str) -> None:
    suite.write(TO_PASTE.format(profile=profile))
    said = str(suite.run("--tb=short").stdout)
    expected = [int(status) for status in re.findall(r"^#\d+ .*?  ([1-5]\d\d)  ", said, re.MULTILINE)]
    curls = [line.strip() for line in said.splitlines() if line.startswith("      curl ")]
    assert len(curls) == len(expected) == 8

    with served(command_in(said)) as (url, banner):
        variables = [line.strip() for line in banner.splitlines() if re.match(r" +(export )?[A-Z_]+=", line)]
        told = 'curl() { command curl --silent --output /dev/null --write-out "%{http_code}\\n" "$@"; }'
        back = f"curl --request POST {SERVED_AT}/__mock__/reset"
        script = "\n".join([told, *variables, back, *curls]).replace(SERVED_AT, url)
        answered = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert [int(status) for status in answered.stdout.split()] == [204, *expected], script


STATE = """
    import pytest, requests

    @pytest.mark.mock_airflow({settings})
    def test_fails(mock_airflow):
        mock_airflow.add_dag("etl", tasks=["extract", "load"])
        requests.get(mock_airflow.api_url + "/dags", headers=mock_airflow.headers)
        mock_airflow.plan("etl", {{"load": 9000}})
        mock_airflow.trigger("etl", run_id="first")
        mock_airflow.clock.advance(hours=2)
        mock_airflow.add_dag("later")
        mock_airflow.limits.set("500/minute")
        assert False, mock_airflow.clock.now().isoformat()
"""


@pytest.mark.parametrize(
    "settings",
    [
        "clock='2025-01-01T06:00:00Z', frozen=True, maximum_page_limit=1",
        "profile='datacoves', world='demo', speed=2.0",
        "airflow_version='3.3.2', seed=7",
    ],
)
def test_command_of_the_story_serves_the_state_that_the_test_left(suite: Suite, settings: str) -> None:
    suite.write(STATE.format(settings=settings))
    said = str(suite.run("--tb=short").stdout)
    left = re.search(r"AssertionError: (\d+-\S+)", said)
    assert left is not None

    with served(command_in(said)) as (url, _):
        clock = requests.get(f"{url}/__mock__/clock").json()
        assert clock["frozen"] is True
        at_failure = datetime.fromisoformat(left[1])
        now = datetime.fromisoformat(clock["now"].replace("Z", "+00:00"))
        assert now - at_failure < timedelta(minutes=2)  # where the clock ran on, until the report was made
        saved = requests.get(f"{url}/__mock__/saved").json()["saved"]
        assert '"run_id":"first"' in saved
        assert '"dag_id":"later"' in saved
        assert requests.get(f"{url}/__mock__/limits").json()["limit"] == "500/minute"
        requests.post(f"{url}/__mock__/reset")
        saved = requests.get(f"{url}/__mock__/saved").json()["saved"]
        assert '"dag_id":"etl"' in saved
        assert '"run_id":"first"' not in saved
        assert '"dag_id":"later"' not in saved


def test_story_without_a_file_serves_what_the_settings_say(suite: Suite) -> None:
    suite.write(
        """
        import requests

        def test_fails(mock_airflow, monkeypatch):
            from mock_airflow.errors import DocumentError
            from mock_airflow.persistence import files

            def full(*given):
                raise DocumentError("the disk is full.")

            monkeypatch.setattr(files, "save", full)
            requests.get(mock_airflow.url + "/health")
            assert False
        """
    )
    said = str(suite.run().stdout)
    assert "mock-airflow could not save the state for `serve --saved`: DocumentError the disk is full." in said
    assert "To ask again, serve the same: mock-airflow serve --world ''" in said
    assert "/health  200" in said
