"""What Prometheus scrapes, read by Prometheus's own parser."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from mock_airflow.cli import main

from .processes import Server, asked, serving

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scraped(server: Server) -> Samples:
    answer = requests.get(f"{server.told['url']}/__mock__/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name.removeprefix("mock_airflow_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def requests_of(samples: Samples, operation: str) -> dict[tuple[str, str], float]:
    """How many there were of an operation, by status and decision."""
    found = {}
    for (name, labels), value in samples.items():
        told = dict(labels)
        if name == "requests_total" and told["operation"] == operation:
            found[told["status"], told["decision"]] = value
    return found


def test_requests_limits_and_state_are_told(tmp_path: Path, world: str) -> None:
    options = ["--profile", "datacoves", "--rate-limit", "3/day", "--frozen", "--clock", "2025-01-01"]
    with serving(tmp_path, "--world", world, "--metrics", *options) as server:
        for _ in range(4):
            asked(f"{server.told['api_url']}/dags", server.told["headers"])
        asked(f"{server.told['api_url']}/dags", {})
        asked(f"{server.told['url']}/d/nobody/", {})
        requests.post(f"{server.told['url']}/__mock__/deployments", json={"name": "a"}).raise_for_status()

        samples = scraped(server)

        assert requests_of(samples, "get_dags") == {
            ("200", "answered"): 3,
            ("429", "limited"): 1,
            ("401", "refused"): 1,
        }
        assert requests_of(samples, "none") == {("404", "turned-away"): 1}
        assert requests_of(samples, "create_deployment") == {("200", "answered"): 1}
        assert samples["limits_total", (("outcome", "admitted"),)] == 3
        assert samples["limits_total", (("outcome", "refused"),)] == 1
        assert samples["request_seconds_count", (("operation", "get_dags"),)] == 5
        assert samples["request_seconds_bucket", (("le", "+Inf"), ("operation", "get_dags"))] == 5
        assert samples["deployments", ()] == 2
        assert samples["journal_entries", ()] == 5
        assert samples["rows", (("table", "dags"),)] == 3
        assert samples["clock_timestamp_seconds", ()] == 1735689600
        assert samples["clock_frozen", ()] == 1
        info = {"version", "profile", "airflow_version"}
        assert [{name for name, _ in labels} for (name, labels) in samples if name == "info"] == [info]


def test_no_client_adds_a_label(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world, "--metrics") as server:
        before = len(scraped(server))
        for number in range(20):
            asked(f"{server.told['url']}/api/v1/{number}", {"User-Agent": str(number)}, f"ODD{number}")
            asked(f"{server.told['url']}/d/{number}x/", {})
        assert len(scraped(server)) - before < 50


def test_workers_tell_the_sum(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'airflow.db'}"
    with serving(tmp_path, "--database", database, "--workers", "2", "--metrics", "--frozen") as server:
        pools = scraped(server)["rows", (("table", "pools"),)]
        for number in range(30):
            body = {"name": f"p{number}", "slots": 1}
            answer = requests.post(f"{server.told['api_url']}/pools", json=body, headers=server.told["headers"])
            assert answer.status_code == 200

        for _ in range(4):  # whichever worker answers
            samples = scraped(server)
            assert requests_of(samples, "post_pool") == {("200", "answered"): 30}
            assert samples["request_seconds_count", (("operation", "post_pool"),)] == 30
            assert samples["database_commits_total", ()] >= 30
            assert samples["rows", (("table", "pools"),)] == pools + 30
            assert ("database_conflicts_total", ()) in samples
        assert server.end() == 0


def test_they_are_for_whoever_may_use_the_control_api(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world, "--metrics", "--control-token", "t0ken") as server:
        url = f"{server.told['url']}/__mock__/metrics"
        assert requests.get(url).status_code == 401
        assert requests.get(url, headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_without_the_option_there_are_none(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world) as server:
        status, _, body = server.get("/__mock__/metrics")
        assert (status, b"`mock-airflow serve --metrics` does" in body) == (404, True)


def test_without_the_package_its_extra_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    assert main(["serve", "--port", "0", "--metrics"]) == 2
    assert "install mock-airflow[metrics]" in capsys.readouterr().err
