"""What a test leaves running reaches no later test's deployment, and is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugin.suite import Outcomes, Suite

TWO = """
    import threading
    import httpx, pytest, requests, responses

    BASE = "https://airflow.example"
    left = {{}}

    @pytest.fixture(autouse=True)
    def worlds(request, mock_airflow):
        mock_airflow.add_dag("of_" + request.node.name.replace("[", ".").rstrip("]"))

    def seen(client, url):
        try:
            return client.get(url).status_code
        except (requests.ConnectionError, httpx.ConnectError):
            return "refused"
    {tests}
"""

SOCKET = """
    @pytest.mark.parametrize("turn", range(40))
    def test_many(mock_airflow, turn):
        left.setdefault("urls", []).append(mock_airflow.url + "/health")
        client = left.setdefault("client", requests.Session())  # keeps its connections alive
        assert client.get(left["urls"][-1]).status_code == 200
        if turn == 39:
            # the test itself, those whose ports are kept, and the oldest
            assert [client.get(url).status_code for url in left["urls"][8:]][-3:] == [410, 410, 200]
            assert [seen(client, url) for url in left["urls"][:3]] == ["refused"] * 3
            assert len(set(left["urls"])) == 40
            assert len(mock_airflow.calls) == 2
"""


@pytest.fixture
def late(suite: Suite) -> Any:
    suite.pytester.makeini("[pytest]\nfilterwarnings = default\n")
    return suite


def test_url_of_an_ended_test_is_gone_and_then_refused(late: Any, outcomes: Outcomes) -> None:
    late.write(TWO.format(tests=SOCKET))
    result = late.run()

    assert outcomes(result) == {"passed": 40}
    result.stdout.fnmatch_lines(
        ["*LateCallWarning: The test test_it.py::test_many[[]8] was over *. So it was with 26 more tests.*"]
    )


IN_PROCESS = """
    def test_leaves(mock_airflow):
        go, done = threading.Event(), threading.Event()
        session, client = requests.Session(), httpx.Client()

        def background():
            with mock_airflow.intercept(BASE):
                left["before"] = [seen(session, BASE + "/health"), seen(client, BASE + "/health")]
            ready.set()
            go.wait()
            left["after"] = [seen(session, BASE + "/health"), seen(client, BASE + "/health")]
            done.set()

        ready = threading.Event()
        threading.Thread(target=background, daemon=True).start()
        ready.wait()
        left["go"], left["done"] = go, done

    def test_follows(mock_airflow):
        with mock_airflow.intercept(BASE):
            left["go"].set()
            left["done"].wait()
            assert requests.get(BASE + "/health").status_code == 200
        assert (left["before"], left["after"]) == ([200, 200], [410, 410])
        assert len(mock_airflow.calls) == 1
"""

REGISTERED = """
    rsps = responses.RequestsMock(assert_all_requests_are_fired=False)

    def test_leaves(mock_airflow):
        rsps.start()
        mock_airflow.register(rsps, BASE)
        assert requests.get(BASE + "/health").status_code == 200

    def test_between(mock_airflow):
        assert requests.get(BASE + "/health").status_code == 410
        assert len(mock_airflow.calls) == 0

    def test_follows(mock_airflow):
        mock_airflow.register(rsps, BASE)
        try:
            assert [requests.get(BASE + "/health").status_code for _ in range(3)] == [200] * 3
        finally:
            rsps.stop(allow_assert=False)
        assert len(mock_airflow.calls) == 3
"""

NEVER_LEFT = """
    def test_leaves(mock_airflow):
        left["entered"] = mock_airflow.intercept(BASE).__enter__()

    def test_follows(mock_airflow):
        assert requests.get(BASE + "/health").status_code == 410
        with mock_airflow.intercept(BASE):
            assert requests.get(BASE + "/health").status_code == 200
        left["entered"].__exit__(None, None, None)
"""


@pytest.mark.parametrize("tests", [IN_PROCESS, REGISTERED, NEVER_LEFT])
def test_late_call_in_process_is_gone_and_told_with_its_test(late: Any, outcomes: Outcomes, tests: str) -> None:
    late.write(TWO.format(tests=tests))
    result = late.run()

    assert set(outcomes(result)) == {"passed"}
    result.stdout.fnmatch_lines(
        ["*LateCallWarning: The test test_it.py::test_leaves was over when its deployment got GET /health*"]
    )
    assert "test_follows was over" not in str(result.stdout)


def test_pool_that_tests_share_is_nobodys_leftover(suite: Suite) -> None:
    suite.write(
        TWO.format(
            tests="""
    from concurrent.futures import ThreadPoolExecutor
    pool = ThreadPoolExecutor(2)

    @pytest.mark.parametrize("turn", range(3))
    def test_it(mock_airflow, turn):
        with mock_airflow.intercept(BASE):
            answers = pool.map(lambda _: requests.get(BASE + "/health").status_code, range(4))
            assert [*answers] == [200] * 4
    """
        )
    )
    assert suite.outcomes() == {"passed": 3}


def test_httpserver_of_an_ended_test_is_gone_too(late: Any) -> None:
    pytest.importorskip("pytest_httpserver")
    late.write(
        TWO.format(
            tests="""
    def test_leaves(mock_airflow_httpserver):
        left["url"] = mock_airflow_httpserver.url_for("/health")

    def test_follows(mock_airflow):
        assert requests.get(left["url"]).json()["title"] == "Gone"
    """
        )
    )
    result = late.run()
    assert late.outcomes() == {"passed": 2}
    result.stdout.fnmatch_lines(["*LateCallWarning: The test test_it.py::test_leaves was over when*"])


LATE = """
    def test_leaves(mock_airflow):
        left["url"] = mock_airflow.url

    def test_bystander():
        requests.get(left["url"] + "/health")
"""


def test_warning_is_an_error_where_warnings_are_errors(suite: Suite, outcomes: Outcomes) -> None:
    suite.write(TWO.format(tests=LATE).replace("autouse=True", ""))
    result = suite.run()

    assert outcomes(result) == {"passed": 2, "errors": 1}
    result.stdout.fnmatch_lines(["E *LateCallWarning: The test test_it.py::test_leaves was over when *"])
    suite.ini("    ignore::mock_airflow.LateCallWarning")
    assert suite.outcomes() == {"passed": 2}


def test_worker_hands_the_warning_to_its_controller(late: Any, outcomes: Outcomes) -> None:
    late.write(TWO.format(tests=LATE).replace("autouse=True", ""))
    result = late.run("-n", "1")

    assert outcomes(result) == {"passed": 2}
    result.stdout.fnmatch_lines(["*LateCallWarning: The test test_it.py::test_leaves was over when *"])


def test_call_after_the_last_test_is_told_at_the_end(late: Any, outcomes: Outcomes) -> None:
    late.write(TWO.format(tests=LATE.partition("def test_bystander")[0]))
    late.write(
        """
        import pytest, requests, test_it

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionfinish():
            requests.get(test_it.left["url"] + "/health")
        """,
        "conftest.py",
    )
    result = late.run()

    assert outcomes(result) == {"passed": 1}
    result.stdout.fnmatch_lines(["*LateCallWarning: The test test_it.py::test_leaves was over when *"])


def test_task_on_a_loop_that_tests_share(late: Any) -> None:
    late.write(
        """
        import asyncio, httpx, pytest, threading

        BASE = "https://airflow.example"
        loop, left = asyncio.new_event_loop(), {}

        async def ask():
            async with httpx.AsyncClient() as client:
                return (await client.get(BASE + "/health")).status_code

        async def later():
            await left["go"].wait()
            left["after"] = await ask()

        async def leaving(mock):
            left["go"] = asyncio.Event()
            with mock.intercept(BASE):
                left["task"] = asyncio.create_task(later())
                assert await ask() == 200

        async def following(mock):
            with mock.intercept(BASE):
                left["go"].set()
                await left["task"]
                return await ask()

        def test_leaves(mock_airflow):
            loop.run_until_complete(leaving(mock_airflow))

        def test_follows(mock_airflow):
            assert loop.run_until_complete(following(mock_airflow)) == 200
            assert left["after"] == 410
            assert len(mock_airflow.calls) == 1
            loop.close()
        """
    )
    assert late.outcomes() == {"passed": 2}
