"""`MockAirflow`: the object that a test holds, with and without pytest."""

import threading
from datetime import datetime, timedelta, timezone

import pytest
import requests

import mock_airflow
from mock_airflow import Deployment, MockAirflow, Settings
from mock_airflow.domain.errors import DagNotFoundError, DagRunNotFoundError, RunIdTakenError
from mock_airflow.errors import (
    AccessKeyError,
    LimitError,
    MockClosedError,
    SettingError,
    WorldError,
)
from tests.testing.calling import START, call


def test_public_names_exist():
    assert mock_airflow.MockAirflow is MockAirflow
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mock_airflow.nothing  # noqa: B018 - the access is the test


def test_settings_by_keyword():
    mock = MockAirflow(profile="datacoves", rate_limit="500/minute", seed=7)

    assert (mock.settings.profile, mock.settings.rate_limit, mock.settings.seed) == ("datacoves", "500/minute", 7)
    assert repr(mock) == "<MockAirflow Settings(profile='datacoves', rate_limit='500/minute', seed=7)>"


def test_unknown_setting_names_the_nearest():
    with pytest.raises(SettingError, match="no setting 'profle'; did you mean 'profile'"):
        MockAirflow(profle="datacoves")
    with pytest.raises(SettingError, match="did you mean 'datacoves'"):
        MockAirflow(profile="datacove")
    with pytest.raises(LimitError, match="such as 500/minute"):
        MockAirflow(rate_limit="often")


# ------------------------------------------------------------------------------------------------------ reaching it


def test_server_is_opened_on_first_use_and_closed_at_the_end():
    with MockAirflow() as mock:
        assert mock._server is None
        url = mock.url
        assert mock.url == url
        assert mock.api_url == url + "/api/v1"
        assert not url.endswith("/")
        assert requests.get(url + "/health").ok
        assert repr(mock) == f"<MockAirflow Settings() at {url}>"
    with pytest.raises(requests.ConnectionError):
        requests.get(url + "/health")
    with pytest.raises(MockClosedError, match="was closed"):
        mock.url  # noqa: B018 - the access is the test
    mock.close()


def test_closing_does_not_wait_for_a_request_that_waits_for_the_lock():
    mock = MockAirflow()
    url = mock.url

    def ask():
        with pytest.raises(requests.ConnectionError):
            requests.get(url + "/health")

    asked = threading.Thread(target=ask)
    with mock.deployment.lock:
        asked.start()
        mock.close()
    asked.join()


def test_each_has_its_own_server_and_state():
    with MockAirflow() as one, MockAirflow() as two:
        one.add_dag("etl")
        found = [requests.get(mock.api_url + "/dags/etl", headers=mock.headers).status_code for mock in (one, two)]

        assert found == [200, 404]
        assert one.url != two.url


def test_run_from_trigger_to_success(airflow):
    airflow.add_dag("etl", ("extract", "load"))
    run = airflow.trigger("etl", {"day": 1}, note="by hand")
    states = [airflow.dag_run("etl", run.run_id).state]
    airflow.clock.advance(2)
    states.append(airflow.dag_run("etl", run.run_id).state)
    airflow.clock.advance(minutes=5)
    end = airflow.dag_run("etl", run.run_id)

    assert [*states, end.state] == ["queued", "running", "success"]
    assert (run.conf, run.note, run.logical_date, run.run_id) == (
        {"day": 1},
        "by hand",
        START,
        "manual__2025-01-01T06:00:00+00:00",
    )
    assert run.state == "queued"  # the record of then
    assert airflow.calls == []


def test_instant_runs_are_over_at_once():
    mock = MockAirflow(runs="instant")
    mock.add_dag("etl", ("extract", "load"))

    assert mock.trigger("etl", run_id="mine").state == "success"


def test_trigger_refuses_what_the_api_refuses(airflow):
    airflow.add_dag("etl")
    airflow.trigger("etl", run_id="mine")
    airflow.clock.advance(1)

    with pytest.raises(RunIdTakenError):
        airflow.trigger("etl", run_id="mine")
    with pytest.raises(DagNotFoundError):
        airflow.trigger("none")
    with pytest.raises(DagRunNotFoundError):
        airflow.dag_run("etl", "none")


# --------------------------------------------------------------------------------------- access, limits, looking back


def test_keys():
    with MockAirflow(profile="datacoves", clock=START, frozen=True) as mock:

        def status(issued):
            return call(mock, "GET", "/dags", {"Authorization": f"Token {issued.secret}"}).status_code

        reader = mock.keys.create(name="reader", scope="read-only")
        brief = mock.keys.create(expires_in=60)
        assert (status(reader), status(brief)) == (200, 200)
        mock.clock.advance(60)
        assert (status(reader), status(brief)) == (200, 401)
        turned = mock.keys.rotate(reader)
        assert (status(reader), status(turned)) == (401, 200)
        mock.keys.expire(turned)
        assert status(turned) == 401
        other = mock.keys.create()
        mock.keys.revoke(other.secret[:8])
        assert status(other) == 401
        assert [key.name for key in mock.keys.list()] == ["first key", "reader", "", ""]
        with pytest.raises(AccessKeyError, match="no scope 'reader'"):
            mock.keys.create(scope="reader")
        assert mock.calls[-1].reason.startswith(f"The key {other.secret[:8]} was revoked at 2025-01-01T06:01:00")


@pytest.mark.parametrize("profile", ["airflow2", "datacoves"])
def test_limits(profile):
    mock = MockAirflow(profile=profile, clock=START, frozen=True)
    viewer = mock.principal("Viewer")
    with pytest.raises(LimitError, match="There is no limit to exhaust"):
        mock.limits.exhaust()
    mock.limits.set("60/minute", burst="2/second")
    assert [call(mock, "GET", "/dags").status_code for _ in range(3)] == [200, 200, 429]
    assert call(mock, "GET", "/dags", viewer.headers).status_code == 200
    mock.clock.advance(60)
    mock.limits.exhaust()
    refused = [call(mock, "GET", "/dags", each) for each in (mock.headers, viewer.headers)]
    assert [(each.status_code, each.headers["Retry-After"]) for each in refused] == [(429, "1")] * 2
    mock.clock.advance(1)
    assert [call(mock, "GET", "/dags").status_code for _ in range(2)] == [200, 429]
    mock.limits.set(None)
    assert call(mock, "GET", "/dags").status_code == 200


def test_exhausted_limits_go_with_snapshots():
    mock = MockAirflow(rate_limit="60/minute", clock=START, frozen=True)
    fresh = mock.snapshot()
    mock.limits.exhaust()
    empty = mock.snapshot()
    mock.restore(fresh)
    assert call(mock, "GET", "/dags").status_code == 200
    mock.restore(empty)
    assert call(mock, "GET", "/dags").status_code == 429


def test_calls_tell_what_was_asked_and_answered(airflow):
    airflow.add_dag("etl")
    call(airflow, "POST", "/dags/etl/dagRuns", json={"conf": {"password": "hush"}, "note": "hi"})
    call(airflow, "GET", "/dags?limit=1", {"Authorization": "Basic YWRtaW46d3Jvbmc="})
    first, second = airflow.calls

    assert (first.method, first.path, first.status, first.operation_id) == (
        "POST",
        "/api/v1/dags/etl/dagRuns",
        200,
        "post_dag_run",
    )
    assert (first.principal, first.credential, first.at) == ("admin", "Basic admin:***", START)
    assert first.request_json == {"conf": {"password": "***"}, "note": "hi"}
    assert first.response_json["dag_id"] == "etl"
    assert (second.query, second.status, second.decision) == ("limit=1", 403, "refused")
    assert "password of the user 'admin' does not match" in second.reason
    assert second.request_json is None


def test_snapshot_restore_reset():
    mock = MockAirflow(profile="datacoves", clock=START, frozen=True)
    mock.add_dag("etl")
    kept = mock.snapshot()
    mock.trigger("etl", run_id="one")
    key = mock.keys.create()
    mock.clock.advance(60)
    call(mock, "GET", "/dags")
    for _ in range(2):
        mock.restore(kept)
        assert mock.clock.now() == START
        assert len(mock.keys.list()) == 1
        with pytest.raises(DagRunNotFoundError):
            mock.dag_run("etl", "one")
        mock.trigger("etl", run_id="one")
    assert len(mock.calls) == 1
    assert mock.keys.create().secret == key.secret  # the same draw of the same seed
    mock.reset()
    assert mock.calls == []
    assert call(mock, "GET", "/dags").json()["total_entries"] == 0


def test_starting_state_bears_the_moment_at_which_the_clock_starts():
    mock = MockAirflow(profile="datacoves", clock=START)

    assert [key.created_at for key in mock.keys.list()] == [START]
    assert START <= mock.clock.now() < START + timedelta(minutes=10)


def test_clock_runs():
    clock = MockAirflow(clock=START).clock
    first = clock.now()

    assert any(clock.now() > first for _ in range(1_000_000))


def test_fresh_one_begins_now_however_old_the_first_one_is():
    old = Deployment(Settings(clock=START), wall=lambda: 0.0)
    fresh = old.fresh()
    for _ in range(2):
        assert START <= fresh.clock.now() < START + timedelta(minutes=10)
        fresh.reset()


def test_clock_is_the_machines_unless_told_otherwise():
    before = datetime.now(timezone.utc)
    now = MockAirflow().clock.now()

    assert before - timedelta(seconds=1) <= now <= datetime.now(timezone.utc) + timedelta(seconds=1)


# ---------------------------------------------------------------------------------------------------- worlds and forks


def test_world_and_its_settings(tmp_path):
    world = tmp_path / "world.json"
    world.write_text(
        '{"settings": {"seed": 5, "runs": "instant", "clock": "2025-01-01T06:00:00Z"}, "dags": [{"dag_id": "etl"}],'
        ' "version": {"git_version": ".release:abc"}}'
    )
    mock = MockAirflow(world=str(world), seed=6)

    assert (mock.settings.seed, mock.settings.runs, mock.settings.clock) == (6, "instant", START)
    assert mock.trigger("etl").state == "success"
    assert call(mock, "GET", "/version").json()["git_version"] == ".release:abc"
    with pytest.raises(WorldError, match="no built-in world 'dem'"):
        MockAirflow(world="dem")


def test_forks_share_nothing():
    mock = MockAirflow()
    mock.add_dag("etl")
    fork = MockAirflow.of(mock.deployment.fork())
    for each in (mock, fork):
        assert call(each, "GET", "/dags/etl").status_code == 200
    fork.add_dag("more")
    mock.trigger("etl", run_id="one")

    assert call(mock, "GET", "/dags/more").status_code == 404
    with pytest.raises(DagRunNotFoundError):
        fork.dag_run("etl", "one")
    assert (len(mock.calls), len(fork.calls)) == (2, 1)


def test_fork_keeps_the_clock_and_fresh_starts_it_again():
    mock = MockAirflow(clock=START, frozen=True)
    mock.add_dag("etl")
    mock.clock.advance(60)
    fork, fresh = mock.deployment.fork(), mock.deployment.fresh()

    assert (fork.clock.now(), fresh.clock.now()) == (START + timedelta(seconds=60), START)
    assert (len(fork.airflow.dags), len(fresh.airflow.dags)) == (1, 0)
    fresh.clock.advance(5)
    fresh.reset()
    assert fresh.clock.now() == START
    assert fresh.credentials == fork.credentials == mock.credentials
