"""What names calls: one language for fault rules and assertions, and names that no call could have are refused."""

# ruff: noqa: PT012 - blocks are what is tested here

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from werkzeug.test import Client

from mock_airflow import MockAirflow
from mock_airflow.errors import FaultError, PatternError, RuleNeverFiredError, UnexpectedAnswerError, WorldError
from tests.support import Deploy

WRONG = [
    ("DELETE /dags/x", "did you mean 'DELETE /api/v1/dags/x'?"),
    ("GET /dags", "did you mean 'GET /api/v1/dags'?"),
    ("/dags/*/dagRuns", "did you mean '/api/v1/dags/*/dagRuns'?"),
    ("GET /dags?limit=5", "did you mean 'GET /api/v1/dags'?"),
    ("GET /dags/etl", "which its operation 'dag_page' names; did you mean 'GET /api/v1/dags/etl'?"),
    ("* /dags/*", "did you mean '/api/v1/dags/*'?"),
    ("DELETE /api/v1/dags/{dag_id}", "did you mean '/api/v1/dags/*'"),
    ("GET /api/v1/dags/<dag_id>/dagRuns", "did you mean '/api/v1/dags/*/dagRuns'"),
    ("GET /api/v1/variables/a%20b", "decoded: '/api/v1/variables/a b'"),
    ("GET /api/v2/dags", "did you mean 'GET /api/v1/dags'?"),
    ("GET /api/v1/dag", "did you mean 'GET /api/v1/dags'?"),
    ("GET /api/v1/dags/", "did you mean 'GET /api/v1/dags'?"),
    ("PATCH /api/v1/dags/etl/dagRun/*", "did you mean 'PATCH /api/v1/dags/etl/dagRuns/*'?"),
    ("GET /api/v1/api/v1/dags", "`mock-airflow routes` lists them."),
    ("POST /api/v1/version", "/api/v1/version has no POST, it has GET."),
    ("delete_dagg", "did you mean 'delete_dag'?"),
    ("deleteDag", "did you mean 'delete_dag'?"),
    ("list_faults", "There is no operation 'list_faults'"),
    ("GET /__mock__/journal", "No operation of this deployment is ever called"),
    ("DELET /api/v1/dags/x", "did you mean 'DELETE'?"),
    ("DELETE dags/x", "has to begin with / or *"),
    ("GET /api/v1/dags/" + "x" * 5000, "at most 4094 characters"),
    ("", "named by a text"),
]
RIGHT = [
    "*",
    "* *",
    "PUT *",
    "delete_dag",
    "DELETE /api/v1/dags/*",
    "delete /api/v1/dags/any dag",
    "GET */dagRuns?state=*",
    "HEAD /api/v1/dags",
    "OPTIONS /api/v1/dags",
    "/api/v1/pools/a*b",
    "GET /health",
    "dag_page",
    "GET /dags/etl/grid",
    "GET /api/v1/openapi.json",
    "GET /somewhere/below/api/v1/dags",
    "GET /api/experimental/test",
    "*Runs*",
]


@pytest.fixture(scope="module")
def airflow() -> MockAirflow:
    return MockAirflow()


@pytest.mark.parametrize(("call", "told"), WRONG)
def test_what_no_call_could_be_is_refused(airflow: MockAirflow, call: str, told: str) -> None:
    calls = airflow.calls
    asserting: list[Callable[[], object]] = [
        lambda: calls.assert_not_called(call),
        lambda: calls.assert_called(call, times=0),
        lambda: calls.assert_not_called(call, status=200, principal="admin"),
    ]
    for each in asserting:
        with pytest.raises(PatternError) as failure:
            each()
        assert told in str(failure.value)

    with pytest.raises(FaultError) as refused:
        airflow.faults.add(call, status=503)
    assert told in str(refused.value)
    assert airflow.faults.list() == []


@pytest.mark.parametrize("call", RIGHT)
def test_what_a_call_may_be_is_not(airflow: MockAirflow, call: str) -> None:
    airflow.calls.assert_not_called(call)
    airflow.faults.remove(airflow.faults.add(call, status=503))


def test_operations_are_those_of_the_deployment() -> None:
    with MockAirflow(profile="airbyte") as airbyte, MockAirflow() as plain:
        airbyte.calls.assert_not_called("POST */applications/token")
        airbyte.faults.add("POST */applications/token", status=503)
        with pytest.raises(PatternError):
            plain.calls.assert_not_called("POST /api/public/v1/applications/token")


def test_operations_are_those_of_the_version() -> None:
    airflow = MockAirflow(airflow_version="3.3.2")
    airflow.calls.assert_not_called("GET /api/v2/pools/a/b*")
    with pytest.raises(PatternError, match="did you mean 'GET /api/v2/pools'"):
        airflow.calls.assert_not_called("GET /api/v1/pools")


def test_a_call_that_was_made_may_be_named_though_no_operation_answers_it(deploy: Deploy) -> None:
    call = deploy()
    call.get("/dags")
    calls = MockAirflow.of(call.deployment).calls

    calls.assert_called("GET /dags", status=404, times=1)
    with pytest.raises(AssertionError, match="was called once, but no call was expected"):
        calls.assert_not_called("GET /dags")
    calls.assert_not_called("GET /dags", principal="vera")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"operation": "delete_dagg"}, "did you mean 'delete_dag'"),
        ({"path": "/pools/x"}, "did you mean '/api/v1/pools/x'"),
        ({"method": "DELET"}, "did you mean 'DELETE'"),
        ({"decision": "refuse"}, "did you mean 'refused'"),
        ({"status": "404"}, "with a number, not '404'"),
        ({"path": "GET /api/v1/dags"}, "with a path alone, not 'GET /api/v1/dags'"),
        ({"operation": "GET /api/v1/dags"}, "with an operation's id"),
    ],
)
def test_filters_that_could_find_nothing_are_refused(airflow: MockAirflow, wanted: dict[str, Any], told: str) -> None:
    with pytest.raises(PatternError, match=told):
        airflow.calls.filter(**wanted)
    for right in ({"operation": "delete_dag"}, {"path": "*/dags/*"}, {"method": "delete"}, {"decision": "refused"}):
        assert airflow.calls.filter(**right) == []


def test_rules_of_worlds_and_of_the_control_api_are_looked_at_too(deploy: Deploy) -> None:
    with pytest.raises(WorldError, match=r"faults\[0\].*did you mean 'GET /api/v1/pools'"):
        deploy({"faults": [{"where": "GET /pools", "status": 503}]})
    answer = deploy().post("/__mock__/faults", json={"where": "/api/v2/pools", "status": 503}, by=None)
    assert (answer.status_code, "did you mean '/api/v1/pools'" in answer.get_json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("GET /api/v1/variables/a[1]*", "/api/v1/variables/a[1]z", True),
        ("GET /api/v1/variables/a?limit=*", "/api/v1/variables/a?limit=12", True),
        ("GET /api/v1/dags?limit=5&offset=2", "/api/v1/dags?offset=2&limit=5", True),
        ("GET /api/v1/dags?limit=5", "/api/v1/dags?limit=50", False),
        ("GET *?*limit=5*", "/api/v1/dags?offset=1&limit=50", True),
        ("get_dag", "/api/v1/dags/x", True),
        ("get_dag", "/api/v1/dags", False),
        ("*", "/nowhere", True),
        ("/api/v1/dags*", "/api/v1/dags/x/dagRuns", True),
    ],
)
def test_rules_and_assertions_mean_the_same_calls(deploy: Deploy, pattern: str, path: str, fits: bool) -> None:
    call = deploy()
    call.deployment.faults.add(pattern, status=503)

    assert (call.get(path).status_code == 503) == fits
    calls = MockAirflow.of(call.deployment).calls
    calls.assert_called(pattern, times=int(fits))
    call.deployment.faults.clear()
    call.get(path)
    MockAirflow.of(call.deployment).calls.assert_called(pattern, times=2 * int(fits))


def test_an_operation_is_named_whoever_kept_the_call_from_it(deploy: Deploy) -> None:
    call = deploy(profile="datacoves")
    call.delete("/api/v1/dags/x", by=None)  # the gate lets nobody in without a key
    call.deployment.faults.add("delete_dag", reset=True)
    call.delete("/api/v1/dags/x", by=None)

    calls = MockAirflow.of(call.deployment).calls
    calls.assert_called("delete_dag", times=2)
    with pytest.raises(AssertionError, match="no call was expected"):
        calls.assert_not_called("delete_dag")


def test_a_mounted_call_fits_with_and_without_its_mount() -> None:
    airflow = MockAirflow()
    airflow.faults.add("GET /team-a/api/v1/dags", status=503, times=1)
    client = Client(airflow.deployment.wsgi)
    client.get("/team-a/api/v1/dags", environ_overrides={"SCRIPT_NAME": "/team-a", "PATH_INFO": "/api/v1/dags"})

    airflow.calls.assert_called("GET /team-a/api/v1/dags", times=1, status=503)
    airflow.calls.assert_called("GET /api/v1/dags", times=1)


TEMPLATES = [
    (route.method, "".join([route.prefix, route.path]), route.whole)
    for route in MockAirflow().deployment.known_calls()
    if route.prefix or not route.path.startswith("/dags/")  # pages, which look like calls without their prefix
]


@given(data=st.data())
def test_no_pattern_that_some_path_fits_is_refused(airflow: MockAirflow, data: st.DataObject) -> None:
    """A path is made from a template, and a pattern from the path; so it may be refused never."""
    method, template, _ = data.draw(st.sampled_from(TEMPLATES))
    parts = [
        data.draw(st.text("ab.*-_", min_size=1, max_size=5)) if part.startswith("{") else part
        for part in template.split("/")
    ]
    path = "/".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(path)), max_size=6)))
    pieces = [path[start:end] for start, end in zip([0, *cuts], [*cuts, len(path)], strict=True)]
    if data.draw(st.booleans()):
        pattern = "*".join(pieces)
    else:
        pattern = "".join("*" if number % 2 else piece for number, piece in enumerate(pieces))

    if pattern.startswith(("/", "*")) and not pattern.endswith(" "):
        airflow.calls.assert_not_called(f"{method} {pattern}")


def ask(airflow: MockAirflow, path: str = "/api/v1/dags") -> int:
    return Client(airflow.deployment.wsgi).get(path, headers=airflow.headers).status_code


def test_strict_test_fails_for_a_rule_that_never_fired() -> None:
    with pytest.raises(RuleNeverFiredError) as failure, MockAirflow(strict=True) as airflow:
        airflow.faults.add("get_pools", status=503)
        airflow.faults.add("get_dags", status=503, after=1)
        ask(airflow)
    first, second = str(failure.value).splitlines()
    assert first.startswith("strict: the fault rule 1 (get_pools: status 503) never fired; it saw no call.")
    assert "the fault rule 2 (get_dags: status 503, after 1 call) never fired; it saw 1 call." in second

    both = r"(?s)a call was answered.*fault rule 1 .* never fired"
    with pytest.raises(UnexpectedAnswerError, match=both), MockAirflow(strict=True) as airflow:
        airflow.faults.add("get_pools", latency=1)
        ask(airflow, "/nowhere")
    with MockAirflow() as lax:
        lax.faults.add("get_pools", status=503)
    with pytest.raises(ZeroDivisionError), MockAirflow(strict=True) as airflow:
        airflow.faults.add("get_pools", status=503)
        _ = 1 / 0


def test_strict_test_forgives_rules_that_may_rest(tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    world.write_text('{"faults": [{"where": "get_pools", "status": 503}]}')
    with MockAirflow(strict=True, world=str(world)) as airflow:  # a world's rules are for many tests
        airflow.faults.add("get_dags", status=503, optional=True)
        airflow.faults.heal(airflow.faults.add("get_dags", status=503))
        airflow.faults.remove(airflow.faults.add("get_dags", status=503))
        airflow.faults.add("get_dags", status=503, chance=1e-9)
        airflow.failures.provoke("gateway-page")
        assert ask(airflow, "/api/v1/pools") == 503
        airflow.faults.clear()
        airflow.faults.add("get_dags", status=503, chance=1e-9)
        airflow.faults.preset("flaky-gateway", "get_dags")
        ask(airflow)
    with pytest.raises(RuleNeverFiredError), MockAirflow(strict=True) as airflow:
        airflow.faults.preset("flaky-gateway", "get_pools")
        ask(airflow)
    with MockAirflow(strict=True) as airflow:
        airflow.failures.provoke("gateway-page")
        fork = airflow.fork()
    fork.check_strictness()


@pytest.mark.parametrize("value", [1, "yes", [True]])
def test_optional_is_true_or_false(airflow: MockAirflow, value: object) -> None:
    with pytest.raises(FaultError, match="'optional' is true or false"):
        airflow.faults.add("*", status=503, optional=value)


def test_story_lists_the_rules_that_never_fired() -> None:
    airflow = MockAirflow()
    airflow.faults.add("get_pools", status=503)
    airflow.faults.add("get_dags", status=503, times=1)
    never = "The fault rule 1 never fired (get_pools: status 503); calls that it was for: 0."

    assert airflow.story().splitlines()[:2] == ["No call reached this deployment.", never]
    ask(airflow)
    assert airflow.story().splitlines()[-1] == never
    assert "fault rule 2 never" not in airflow.story()
