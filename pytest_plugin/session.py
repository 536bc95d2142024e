"""What the tests of a session share: templates of deployments, and who keeps an eye on what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from mock_airflow.errors import MissingExtraError, MockAirflowError
from mock_airflow.testing.late_calls import Gone, LateCalls
from mock_airflow.testing.mock import MockAirflow

from .late_calls import LateCallReporter
from .report import CallReporter, check_strictness, mocks_of_test
from .templates import Templates

if TYPE_CHECKING:
    from mock_airflow.server.httpserver import AirflowHTTPServer
    from mock_airflow.server.tls import ThrowawayAuthority


class MockAirflowFactory(Protocol):
    """What the fixture ``mock_airflow_factory`` gives."""

    def __call__(self, **settings: Any) -> MockAirflow:
        """One more Airflow of the test's; settings that are not given are as for ``mock_airflow``."""


class Session:
    """Starts and ends the mocks of the tests; made when the first fixture is used, as it imports the product."""

    def __init__(self, config: pytest.Config, folders: pytest.TempPathFactory | None) -> None:
        self._templates = Templates()
        self._late_calls = LateCalls()
        self._endings: dict[MockAirflow, Callable[[str], None]] = {}
        config.pluginmanager.register(CallReporter(config, folders), "mock-airflow-calls")
        config.pluginmanager.register(LateCallReporter(self._late_calls), "mock-airflow-late-calls")

    def start(self, item: pytest.Item, settings: Mapping[str, Any]) -> MockAirflow:
        """A mock for this test, known to its report. Raises UsageError."""
        __tracebackhide__ = True
        try:
            mock = MockAirflow.of(self._templates.fresh(settings))
        except MissingExtraError as error:
            from .matrix import case_of

            if case_of(item) is None:
                raise pytest.UsageError(f"mock-airflow: {error}") from None
            pytest.skip(str(error))
        except MockAirflowError as error:
            raise pytest.UsageError(f"mock-airflow: {error}") from None
        self._endings[mock] = self._late_calls.begin(mock)
        item.stash.setdefault(mocks_of_test, []).append(mock)
        return mock

    def end(self, item: pytest.Item, mocks: list[MockAirflow]) -> None:
        """End the mocks of a test, and fail a strict one for what happened after it."""
        __tracebackhide__ = True
        for mock in reversed(mocks):
            self._endings.pop(mock)(item.nodeid)
        check_strictness(mocks)

    def served(
        self, item: pytest.Item, mock: MockAirflow, tls: ThrowawayAuthority | None
    ) -> Iterator[AirflowHTTPServer]:
        """A pytest-httpserver in front of a mock, while the test goes on."""
        from mock_airflow.server.httpserver import AirflowHTTPServer

        server = AirflowHTTPServer(mock.deployment.wsgi, tls)
        server.start()
        yield server
        server.clear()
        live = server.hand_over()
        if live is not None:
            self._late_calls.keep(live, Gone(item.nodeid, self._late_calls.note))
