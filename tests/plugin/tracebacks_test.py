"""A failed assertion is shown with the test's own lines alone."""

from __future__ import annotations

import pytest

from tests.plugin.suite import Outcomes, Suite

TESTS = """
    import asyncio
    import time

    import pytest
    import requests

    def ask(mock, times=1):
        for _ in range(times):
            requests.get(mock.api_url + "/dags", headers=mock.headers)

    ASSERTIONS = {
        "called": lambda mock: mock.calls.assert_called("POST /api/v1/pools"),
        "times": lambda mock: (ask(mock), mock.calls.assert_called("get_dags", times=3)),
        "not_called": lambda mock: (ask(mock), mock.calls.assert_not_called("get_dags")),
        "in_order": lambda mock: (ask(mock), mock.calls.assert_called_in_order("get_dags", "get_health")),
        "pages": lambda mock: mock.calls.assert_all_pages_read("get_dags"),
        "pages_of_none": lambda mock: (
            requests.get(mock.api_url + "/health"), mock.calls.assert_all_pages_read("get_health")
        ),
        "retry_after": lambda mock: mock.calls.assert_respected_retry_after(),
        "token": lambda mock: mock.calls.assert_token_reused(),
    }

    @pytest.mark.parametrize("name", ASSERTIONS)
    def test_of_calls(mock_airflow, name):
        ASSERTIONS[name](mock_airflow)

    def test_expect(mock_airflow):
        with mock_airflow.expect(404):
            ask(mock_airflow)

    @pytest.mark.mock_airflow(strict=True)
    def test_strict(mock_airflow):
        requests.get(mock_airflow.api_url + "/dags")
        mock_airflow.check_strictness()

    def test_with_block(mock_airflow):
        from mock_airflow import MockAirflow

        with MockAirflow(strict=True) as airflow:
            requests.get(airflow.api_url + "/dags")

    @pytest.mark.mock_airflow(virtual_sleeps=3)
    def test_endless(mock_airflow):
        with mock_airflow.virtual_sleep():
            while True:
                time.sleep(5)

    @pytest.mark.mock_airflow(virtual_sleeps=3)
    def test_endless_loop(mock_airflow):
        async def poll():
            while True:
                await asyncio.sleep(5)

        with mock_airflow.virtual_sleep():
            asyncio.run(poll())
"""


@pytest.mark.parametrize("style", ["long", "short"])
def test_no_frame_of_ours_is_shown(suite: Suite, outcomes: Outcomes, style: str) -> None:
    suite.write(TESTS)
    result = suite.run(f"--tb={style}")
    assert outcomes(result) == {"failed": 13}
    places = [line for line in result.stdout.lines if ".py:" in line and not line.startswith(("FAILED", "test_it.py"))]
    ours = [line for line in places if "mock_airflow" in line or "pytest_plugin" in line]
    assert ours == []
