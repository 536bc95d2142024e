"""A hub: many deployments in one server, made by its control API, by the command line, and by tests elsewhere."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_airflow.cli.serving.hosting import Maker
from mock_airflow.deployment import Deployment
from mock_airflow.errors import HubError
from mock_airflow.server.hub import Hub, Quotas
from mock_airflow.testing.remote import RemoteAirflow

from .processes import PATIENCE, Server, command, serving


def run(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return command("deployments", *arguments, "--url", server.told["url"])


def made(server: Server, **body: Any) -> dict[str, Any]:
    answer = requests.post(server.told["url"] + "/__mock__/deployments", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_each_deployment_is_an_airflow_of_its_own(tmp_path: Path) -> None:
    with serving(tmp_path, "--world", "etl") as server:
        one = made(server, name="one", settings={"profile": "datacoves", "rate_limit": "3/hour", "frozen": True})
        two = made(server, settings={"airflow_version": "3.3.2"}, world={"dags": [{"dag_id": "mine", "tasks": ["a"]}]})

        assert one["url"] == f"{server.told['url']}/d/one"
        dags = [requests.get(each["api_url"] + "/dags", headers=each["headers"]).json() for each in (one, two)]
        assert [each["total_entries"] for each in dags] == [0, 1]
        assert two["api_url"].endswith("/api/v2")
        assert requests.get(one["api_url"] + "/dags", headers=two["headers"]).status_code == 401
        requests.post(one["url"] + "/__mock__/clock/advance", json={"seconds": 86400 * 365}).raise_for_status()
        clocks = [requests.get(each["url"] + "/__mock__/clock").json()["now"] for each in (one, two)]
        assert clocks[0] > clocks[1]
        statuses = [requests.get(one["api_url"] + "/pools", headers=one["headers"]).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert requests.get(two["api_url"] + "/pools", headers=two["headers"]).status_code == 200
        journals = [requests.get(each["url"] + "/__mock__/journal").json()["total_entries"] for each in (one, two)]
        assert journals == [6, 2]
        assert server.get("/api/v1/dags")[0] == 200  # the server's own is where it was

        named = {**one["headers"], "Host": "one.localhost"}
        by_host = requests.get(server.told["url"] + "/api/v1/pools", headers=named)
        assert by_host.status_code == 429
        by_host = requests.get(server.told["url"] + "/__mock__/journal", headers={"Host": "one.localhost"})
        assert by_host.json()["total_entries"] == 7

        assert requests.delete(server.told["url"] + "/__mock__/deployments/one").status_code == 204
        gone = requests.get(one["api_url"] + "/dags", headers=one["headers"])
        assert (gone.status_code, "There is no deployment 'one' here" in gone.json()["detail"]) == (404, True)


def test_one_is_reached_where_it_is_mounted(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        made(server, name="team", settings={"base_url": "http://localhost:8080/team-a"})

        told = requests.get(server.told["url"] + "/team-a/api/v1/version")

        assert told.status_code == 200
        assert requests.get(server.told["url"] + "/d/team/team-a/api/v1/version").json() == told.json()


def test_none_takes_the_place_of_the_server_or_of_another(tmp_path: Path) -> None:
    with serving(tmp_path, "--world", "etl") as server:
        url = server.told["url"]
        for name, path in (("a", "/api"), ("b", "/api/v1"), ("c", "/__mock__"), ("d", "/team"), ("e", "/team")):
            told = made(server, name=name, settings={"base_url": f"http://localhost:8080{path}"})
            assert requests.get(told["api_url"] + "/dags", headers=told["headers"]).status_code == 200
        dags = requests.get(f"{url}/api/v1/dags", headers=server.told["headers"])
        assert [dag["dag_id"] for dag in dags.json()["dags"]] == ["etl"]  # the server's own
        assert requests.get(f"{url}/__mock__/deployments").json()["total_entries"] == 5
        for name in ("d", "e"):
            variable = {"key": name, "value": "x"}
            told = requests.get(f"{url}/__mock__/deployments/{name}").json()
            requests.post(f"{told['api_url']}/variables", json=variable, headers=told["headers"]).raise_for_status()
        for name in ("d", "e"):  # whoever was there first, and then whoever has waited
            assert requests.get(f"{url}/team/api/v1/variables/{name}", headers=told["headers"]).status_code == 200
            requests.delete(f"{url}/__mock__/deployments/{name}").raise_for_status()
        assert requests.get(f"{url}/team/api/v1/version").status_code == 404


def test_every_server_of_a_database_answers_where_one_is_mounted(tmp_path: Path) -> None:
    given = ["--database", f"sqlite:///{tmp_path / 'airflow.db'}", "--workers", "2"]
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()

    def keys(server: Server, headers: dict[str, str]) -> set[str]:
        """Which variables are found there, by connections that come to either worker."""
        found = set()
        for _ in range(12):
            answer = requests.get(f"{server.told['url']}/team/api/v1/variables", headers=headers)
            if answer.status_code == 503:  # it was deleted by another just now
                assert answer.headers["Retry-After"]
                continue
            found |= {each["key"] for each in answer.json().get("variables", [{"key": str(answer.status_code)}])}
        return found

    with serving(folders[0], *given) as one, serving(folders[1], *given) as other:
        base_url = "http://localhost:8080/team"
        for name, server in (("z", one), ("a", other)):
            told = made(server, name=name, settings={"base_url": base_url})
            variable = {"key": name, "value": "x"}
            requests.post(f"{told['api_url']}/variables", json=variable, headers=told["headers"]).raise_for_status()
        headers = told["headers"]
        assert [keys(server, headers) for server in (one, other)] == [{"z"}, {"z"}]  # who was there first
        requests.delete(f"{other.told['url']}/__mock__/deployments/z").raise_for_status()
        assert [keys(server, headers) for server in (one, other)] == [{"a"}, {"a"}]  # and then who has waited
        requests.delete(f"{one.told['url']}/__mock__/deployments/a").raise_for_status()
        for server in (one, other):
            statuses = {requests.get(f"{server.told['url']}/team/api/v1/version").status_code for _ in range(12)}
            assert statuses <= {404, 503}
        made(one, name="a", settings={"base_url": "http://localhost:8080/elsewhere"})
        assert requests.get(f"{other.told['url']}/team/api/v1/version").status_code in (404, 503)
        for server in (one, other):
            statuses = {requests.get(f"{server.told['url']}/elsewhere/api/v1/version").status_code for _ in range(12)}
            assert 200 in statuses <= {200, 503}


def test_a_server_of_several_workers_is_mounted_itself(tmp_path: Path) -> None:
    given = ["--database", f"sqlite:///{tmp_path / 'airflow.db'}", "--workers", "2"]
    for _ in range(2):  # a new one, and one that goes on
        with serving(tmp_path, *given, "--base-url", "http://localhost:8080/team") as server:
            for _ in range(6):
                dags = requests.get(server.told["api_url"] + "/dags", headers=server.told["headers"])
                assert (dags.status_code, "/team/api/v1" in server.told["api_url"]) == (200, True)
                assert requests.get(server.told["url"] + "/api/v1/dags").status_code == 404


def test_one_that_is_in_use_is_not_idle(tmp_path: Path) -> None:
    idle = 0.2
    with serving(tmp_path, "--quota-idle", str(idle)) as server:
        for _ in range(100):  # on a slow machine it may be gone before it is used
            told = made(server)
            with requests.get(told["url"] + "/__mock__/events", stream=True) as events:
                if events.status_code == 404:
                    continue
                pieces = events.iter_content(1)  # whose end would be the connection's
                next(pieces)
                threading.Event().wait(2 * idle)

                names = requests.get(server.told["url"] + "/__mock__/deployments").json()["deployments"]
                assert told["name"] in [each["name"] for each in names]
                break


def test_the_command_line_makes_lists_and_deletes(tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"dags": [{"dag_id": "sent", "tasks": ["a"]}]}), "utf-8")
    with serving(tmp_path) as server:
        created = run(server, "create", "a", "--set", "profile=datacoves", "--world", str(world), "--json")
        assert (created.returncode, created.stderr) == (0, "")
        told = json.loads(created.stdout)
        assert told["profile"] == "datacoves"
        assert run(server, "list").stdout.split()[-2:] == ["a", f"{server.told['url']}/d/a"]
        api_url = run(server, "url", "a").stdout.strip()
        assert requests.get(api_url + "/dags/sent", headers=told["headers"]).status_code == 200
        assert run(server, "delete", "a").returncode == 0
        again = run(server, "delete", "a")
        assert (again.returncode, again.stderr.strip()) == (2, "mock-airflow: There is no deployment 'a' here.")


def test_what_cannot_be_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, "--quota-deployments", "1") as server:
        url = server.told["url"] + "/__mock__/deployments"
        secret = tmp_path / "secret.json"
        secret.write_text("{}")
        refused = {
            400: [
                {"name": "Not A Name"},
                {"settings": {"nonsense": 1}},
                {"settings": {"world": str(secret)}},
                {"settings": {"dags_folder": str(tmp_path)}},
                {"settings": {"database": "sqlite:////tmp/x.db"}},
                {"world": {"settings": {"saved": str(secret)}}},
                {"world": {"nonsense": []}},
            ],
        }
        for status, bodies in refused.items():
            for body in bodies:
                assert requests.post(url, json=body).status_code == status, body
        assert requests.get(url).json() == {"deployments": [], "total_entries": 0}
        made(server, name="a")
        assert requests.post(url, json={"name": "a"}).status_code == 409
        full = requests.post(url, json={"name": "b"})
        assert full.status_code == 507
        assert "The quota deployments (1) is used up" in full.json()["detail"]
        below = server.told["url"] + "/d/a/__mock__/deployments"
        assert requests.get(below).json()["total_entries"] == 0  # a deployment is no hub
        assert requests.post(below, json={}).status_code == 404
        assert requests.post(url, json={}, headers={"Host": "evil.example"}).status_code == 403


def test_quotas_name_themselves(tmp_path: Path) -> None:
    with serving(tmp_path, "--quota-requests", "5", "--quota-rows", "40") as server:
        one, two = made(server, name="one"), made(server, name="two")
        answers = [requests.get(one["api_url"] + "/version") for _ in range(30)]
        limited = [answer for answer in answers if answer.status_code == 429]
        assert limited
        assert limited[0].headers["Retry-After"] == "1"
        assert "The quota requests_per_second (5) of the deployment 'one'" in limited[0].json()["detail"]
        assert requests.get(two["api_url"] + "/version").status_code == 200

    with serving(tmp_path, "--quota-rows", "40") as server:
        one = made(server, name="one")
        statuses = []
        for number in range(40):
            body = {"key": f"k{number}", "value": "x"}
            answer = requests.post(one["api_url"] + "/variables", headers=one["headers"], json=body)
            statuses.append(answer.status_code)
        assert 200 in statuses
        assert statuses[-1] == 507
        assert "The quota rows (40) of the deployment 'one' is used up" in answer.json()["detail"]
        assert requests.get(one["api_url"] + "/variables", headers=one["headers"]).status_code == 200
        listed = requests.post(one["api_url"] + "/dags/~/dagRuns/list", json={}, headers=one["headers"])
        assert listed.status_code == 200  # which reads
        requests.post(one["url"] + "/__mock__/reset").raise_for_status()
        assert requests.post(one["api_url"] + "/variables", headers=one["headers"], json=body).status_code == 200
        large = {"name": "large", "world": {"pools": [{"name": f"p{number}", "slots": 1} for number in range(50)]}}
        answer = requests.post(server.told["url"] + "/__mock__/deployments", json=large)
        assert answer.status_code == 507
        assert "The quota rows (40) is too small for the deployment 'large'" in answer.json()["detail"]


def test_a_journal_stays_within_its_quota(tmp_path: Path) -> None:
    with serving(tmp_path, "--quota-journal", "5") as server:
        url = server.told["url"] + "/__mock__/deployments"
        one = made(server, name="one")
        for _ in range(8):
            requests.get(one["api_url"] + "/version")
        assert requests.get(one["url"] + "/__mock__/journal").json()["total_entries"] == 5
        assert made(server, settings={"journal_size": 3})
        refused = requests.post(url, json={"settings": {"journal_size": "6"}})
        assert refused.status_code == 507
        assert "The quota journal (5) is less than the 6 calls" in refused.json()["detail"]


def test_one_that_nobody_uses_is_deleted(tmp_path: Path) -> None:
    with serving(tmp_path, "--quota-idle", "1") as server:
        one = made(server, name="one")
        assert requests.get(one["api_url"] + "/version").status_code == 200
        deadline = time.monotonic() + PATIENCE
        while requests.get(server.told["url"] + "/__mock__/deployments").json()["total_entries"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        gone = requests.get(one["api_url"] + "/version")
        assert gone.status_code == 404
        assert "--quota-idle" in gone.json()["detail"]


def test_many_deployments_share_what_is_equal() -> None:
    """A thousand of the demo world have to fit into a gibibyte; what one of them adds tells whether they do."""
    hub = Hub(Deployment(), Maker(None), Quotas())
    hub.create("first", {"world": "demo"}, {})
    tracemalloc.start()
    try:
        for number in range(50):
            hub.create(f"d{number}", {"world": "demo"}, {})
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / 50 < 200 * 1024


def test_a_test_elsewhere_has_one_of_its_own(tmp_path: Path, pytester: pytest.Pytester) -> None:
    with serving(tmp_path, "--control-token", "s3cret-of-the-hub") as server:
        with pytest.raises(HubError, match="wants the control token"):
            RemoteAirflow.create(server.told["url"])
        with RemoteAirflow.create(server.told["url"], token="s3cret-of-the-hub", profile="datacoves") as airflow:
            airflow.clock.freeze("2025-03-01T00:00:00Z")
            airflow.add_dag("etl", ["extract", "load"], is_paused=False)
            runs = f"{airflow.api_url}/dags/etl/dagRuns"
            assert requests.post(runs, headers=airflow.headers, json={"dag_run_id": "r"}).status_code == 200
            kept = airflow.snapshot()
            airflow.clock.advance(minutes=10)
            assert requests.get(f"{runs}/r", headers=airflow.headers).json()["state"] == "success"
            airflow.restore(kept)
            assert requests.get(f"{runs}/r", headers=airflow.headers).json()["state"] == "queued"
            key = airflow.keys.create(scope="read-only")
            airflow.keys.revoke(key["id"])
            assert requests.get(runs, headers={"Authorization": f"Token {key['secret']}"}).status_code == 401
            airflow.limits.set("1/hour")
            assert [requests.get(runs, headers=airflow.headers).status_code for _ in range(2)] == [200, 429]
            airflow.limits.clear()
            airflow.faults.add("GET *", status=503, times=1)
            assert [rule["where"] for rule in airflow.faults.list()] == ["GET *"]
            assert [requests.get(runs, headers=airflow.headers).status_code for _ in range(2)] == [503, 200]
            assert [call["status"] for call in airflow.calls][-2:] == [503, 200]
            airflow.reset()
            assert airflow.calls == []
        pytester.makefile(".json", own='{"variables": [{"key": "v", "value": "1"}]}')
        pytester.makepyfile(
            """
            import pytest, requests

            @pytest.mark.mock_airflow(profile="datacoves", world=["etl", "own.json"])
            def test_one(mock_airflow):
                assert type(mock_airflow).__name__ == "RemoteAirflow"
                get = lambda path: requests.get(mock_airflow.api_url + path, headers=mock_airflow.headers)
                assert get("/variables/v").json()["value"] == "1"
                assert get("/dags/etl").status_code == 200

            def test_other(mock_airflow, mock_airflow_env):
                assert mock_airflow.url in "".join(mock_airflow_env.values())
            """
        )
        monkeypatch = pytest.MonkeyPatch()
        monkeypatch.setenv("MOCK_AIRFLOW_CONTROL_TOKEN", "s3cret-of-the-hub")
        with monkeypatch.context():
            pytester.runpytest("--mock-airflow-hub", server.told["url"]).assert_outcomes(passed=2)
        monkeypatch.undo()
        left = requests.get(
            server.told["url"] + "/__mock__/deployments", headers={"Authorization": "Bearer s3cret-of-the-hub"}
        )
        assert left.json()["total_entries"] == 0


def test_those_in_a_database_are_everybodys_and_last(tmp_path: Path) -> None:
    given = ["--database", f"sqlite:///{tmp_path / 'airflow.db'}", "--workers", "2", "--quota-idle", "1"]
    with serving(tmp_path, *given) as server:
        one, two = made(server, name="one", settings={"profile": "datacoves"}), made(server, name="two")
        for number in range(6):
            body = {"key": f"k{number}", "value": "x"}
            answer = requests.post(one["api_url"] + "/variables", headers=one["headers"], json=body)
            assert answer.status_code == 200
        found = [requests.get(one["api_url"] + "/variables", headers=one["headers"]).json() for _ in range(6)]
        assert {each["total_entries"] for each in found} == {6}
        names = requests.get(server.told["url"] + "/__mock__/deployments").json()["deployments"]
        assert [each["name"] for each in names] == ["one", "two"]
        assert requests.delete(server.told["url"] + "/__mock__/deployments/two").status_code == 204
        statuses = {requests.get(two["api_url"] + "/dags", headers=two["headers"]).status_code for _ in range(6)}
        assert statuses <= {404, 503}  # a worker that has it in memory finds it gone from the database
        anew = made(server, name="two", settings={"profile": "datacoves"})
        for _ in range(12):
            statuses.add(requests.get(anew["api_url"] + "/dags", headers=anew["headers"]).status_code)
        later = {requests.get(anew["api_url"] + "/dags", headers=anew["headers"]).status_code for _ in range(6)}
        assert later == {200}

    with serving(tmp_path, *given) as server:
        again = requests.get(server.told["url"] + "/__mock__/deployments/one").json()
        assert again["headers"] == one["headers"]
        assert requests.get(again["api_url"] + "/variables", headers=one["headers"]).json()["total_entries"] == 6
        by_hand = requests.post(f"{server.told['url']}/__mock__/page/deployments/create", data={"name": "by-hand"})
        assert "The deployment by-hand is there" in by_hand.text
