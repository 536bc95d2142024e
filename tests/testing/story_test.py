"""One client's bad day, from its first call to its run's success, in no time; and the journal that tells of it."""

from __future__ import annotations

import time

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from mock_airflow import MockAirflow


@pytest.fixture
def airbyte(monkeypatch):
    """An Airflow behind a gate with tokens, and a client whose waiting moves the clock."""
    with MockAirflow(profile="airbyte", clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        monkeypatch.setattr(time, "sleep", mock.clock.sleep)
        mock.add_dag("etl", tasks=[f"step_{number}" for number in range(20)])
        yield mock


class Client:
    """What a careful user writes: retries by urllib3, and a new token after a 401."""

    def __init__(self, mock):
        self.mock = mock
        self.session = requests.Session()
        retry = Retry(total=5, backoff_factor=1, status_forcelist=(429, 502, 503), allowed_methods=None)
        self.session.mount("http://", HTTPAdapter(max_retries=retry))
        self.log_in()

    def log_in(self):
        answer = self.session.post(f"{self.mock.url}/api/public/v1/applications/token", json=self.mock.credentials)
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method, path, **more):
        answer = self.session.request(method, self.mock.api_url + path, **more)
        if answer.status_code == 401:
            self.log_in()
            answer = self.session.request(method, self.mock.api_url + path, **more)
        answer.raise_for_status()
        return answer.json()


def test_two_429s_an_expiring_token_a_502_and_a_reset_do_not_keep_a_run_from_its_success(airbyte):
    client = Client(airbyte)
    airbyte.limits.set("1/minute")
    run = client.call("POST", "/dags/etl/dagRuns", json={})
    path = f"/dags/etl/dagRuns/{run['dag_run_id']}"
    airbyte.faults.add("GET */dagRuns/*", after=1, times=1, expire_credential=True)
    airbyte.faults.add("GET */dagRuns/*", after=3, times=1, status=502)
    airbyte.faults.add("GET */dagRuns/*", after=4, times=1, reset=True)

    states = []
    while not states or states[-1] not in ("success", "failed"):
        states.append(client.call("GET", path)["state"])
        airbyte.clock.sleep(5)

    assert states[-1] == "success"
    story = [(call.status, call.decision) for call in airbyte.calls]
    assert story.count((429, "limited")) >= 2
    assert [call.rule for call in airbyte.calls if call.status == 401] == ["expired token"]
    assert [call.status for call in airbyte.calls if call.decision == "faulted"].count(502) == 1
    assert any("connection reset" in call.reason for call in airbyte.calls)
    limited = [call for call in airbyte.calls if call.decision == "limited"]
    for refused in limited:
        later = next(call for call in airbyte.calls if call.number > refused.number)
        asked = int(dict(refused.response_headers)["Retry-After"])
        assert (later.at - refused.at).total_seconds() >= asked  # it waited as it was told
    assert all(later.at >= earlier.at for earlier, later in zip(airbyte.calls, airbyte.calls[1:], strict=False))
