"""What moves, followed as server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.control.events import STREAMS


@pytest.fixture
def airflow() -> Iterator[MockAirflow]:
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        yield mock


class Stream:
    """An open stream of events."""

    def __init__(self, url: str, **more: Any) -> None:
        self.answer = requests.get(f"{url}/__mock__/events", stream=True, timeout=30, **more)
        self._lines = self.answer.iter_lines(decode_unicode=True)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.close()

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next event: its name and what it tells."""
        name = ""
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        raise AssertionError("the stream is over")

    def until(self, **told: Any) -> dict[str, Any]:
        """What an event tells that has these values; those before it may tell of a part of what moved."""
        while True:
            _, data = self.next()
            if told.items() <= data.items():
                return data


def test_it_says_where_things_stand_and_then_what_moved(airflow: MockAirflow) -> None:
    with Stream(airflow.url) as stream:
        assert stream.answer.headers["Content-Type"] == "text/event-stream"
        start = {"calls": 0, "now": "2025-01-01T06:00:00+00:00", "frozen": True, "speed": 1.0}
        assert stream.next() == ("change", start)
        requests.get(f"{airflow.api_url}/dags", headers=airflow.headers)
        assert stream.until(calls=1) == {**start, "calls": 1}
        airflow.clock.advance(60)
        assert stream.until(now="2025-01-01T06:01:00+00:00") == {
            **start,
            "calls": 1,
            "now": "2025-01-01T06:01:00+00:00",
        }
        airflow.faults.add("*", status=503, optional=True)
        assert stream.next()[0] == "change"


def test_it_is_no_call_of_a_client_and_holds_nothing(airflow: MockAirflow) -> None:
    with Stream(airflow.url) as stream:
        stream.next()
        assert requests.get(f"{airflow.api_url}/dags", headers=airflow.headers).status_code == 200
    assert [call.path for call in airflow.calls] == ["/api/v1/dags"]


def test_fault_rules_do_not_stop_it(airflow: MockAirflow) -> None:
    airflow.faults.add("*", status=503, optional=True)
    with Stream(airflow.url) as stream:
        assert stream.next()[0] == "change"


def test_streams_are_bounded_and_one_that_is_left_makes_room(airflow: MockAirflow) -> None:
    with ExitStack() as open_streams:
        first = Stream(airflow.url)
        streams = [first, *(open_streams.enter_context(Stream(airflow.url)) for _ in range(STREAMS - 1))]
        for stream in streams:
            stream.next()
        with Stream(airflow.url) as refused:
            assert (refused.answer.status_code, refused.answer.headers["Retry-After"]) == (503, "5")
        first.answer.close()
        while True:  # until the server has seen it
            with Stream(airflow.url) as another:
                if another.answer.status_code == 200:
                    break


def test_in_process_one_event_is_all(airflow: MockAirflow) -> None:
    with airflow.intercept("http://airflow.test"):
        answer = requests.get("http://airflow.test/__mock__/events", headers={"Host": "localhost"})
    assert answer.text.count("event: change\n") == 1


def test_other_sites_do_not_get_it(airflow: MockAirflow) -> None:
    with Stream(airflow.url, headers={"Origin": "http://elsewhere.example"}) as stream:
        assert stream.answer.status_code == 403
