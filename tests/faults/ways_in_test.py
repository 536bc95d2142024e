"""Fault rules by the control API, the command line and a world file."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mock_airflow import MockAirflow
from mock_airflow.cli import main
from mock_airflow.errors import WorldError
from mock_airflow.faults.effects import EFFECTS
from mock_airflow.faults.faults import Faults
from mock_airflow.faults.presets import PRESETS
from mock_airflow.faults.reading import CONDITIONS

RULE = {"where": "GET /api/v1/dags*", "status": 503, "retry_after": 2, "times": 2, "after": 1}


def test_every_effect_is_told_where_people_look(checkout: Path) -> None:
    page = (checkout / "docs" / "faults.md").read_text("utf-8")

    assert [name for name in EFFECTS if f"``{name}``" not in (Faults.add.__doc__ or "")] == []
    assert [name for name in EFFECTS if f"\n| `{name}=" not in page] == []


@pytest.fixture
def control(ask):
    """Calls of the control API: status and what it tells."""

    def call(method, path="", body=None):
        reply = ask(method, f"/__mock__/faults{path}", b"" if body is None else json.dumps(body).encode(), headers={})
        return reply.status, json.loads(reply.body) if reply.body else None

    return call


def test_rule_is_added_told_healed_and_removed(control, statuses):
    status, told = control("POST", "", RULE)
    assert (status, told["total_entries"]) == (200, 1)
    assert statuses(2) == [200, 503]

    status, told = control("GET")
    (rule,) = told["faults"]
    assert rule == {
        "id": 1,
        "where": "GET /api/v1/dags*",
        "effects": {"status": 503, "retry_after": 2},
        "principal": None,
        "after": 1,
        "every": 1,
        "times": 2,
        "chance": 1.0,
        "since": None,
        "until": None,
        "optional": False,
        "preset": None,
        "text": "GET /api/v1/dags*: status 503, Retry-After 2, after 1 call, 2 times",
        "seen": 2,
        "fired": 1,
        "healed": False,
        "works": True,
    }
    assert control("GET", "/1") == (200, rule)
    assert control("POST", "/1/heal")[1]["healed"] is True
    assert statuses(2) == [200, 200]
    assert control("DELETE", "/1")[1]["fired"] == 1
    assert control("GET")[1]["faults"] == []


def test_preset_and_clear(control, statuses):
    assert control("POST", "", {"preset": "airflow-restarting", "where": "get_dags"})[1]["total_entries"] == 4
    assert statuses(2, "GET", "/api/v1/pools") == [200, 200]
    assert control("DELETE") == (204, None)
    assert control("GET")[1]["total_entries"] == 0
    assert [preset["name"] for preset in control("GET", "/presets")[1]["presets"]] == [*PRESETS]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"where": "*"}, "needs an effect"),
        ({"status": 42}, "a status from 200 to 599"),
        ({"status": "502"}, "a status from 200 to 599, as a whole number, is expected"),
        ({"staus": 503}, "did you mean 'status'"),
        ({"where": "get_dgas", "status": 503}, "did you mean 'get_dags'"),
        ({"preset": "flaky"}, "did you mean 'flaky-gateway'"),
        ({"preset": "flaky-gateway", "times": 2}, "so not times"),
        ({"where": 5, "status": 503}, "'where' must be a text, not the number 5."),
        ([], "The body is a list; send a JSON object with 'where'."),
    ],
)
def test_what_cannot_be_is_a_400_and_changes_nothing(control, body, said):
    status, told = control("POST", "", body)

    assert status == 400
    assert said in told["detail"]
    assert control("GET")[1]["total_entries"] == 0


@pytest.mark.parametrize("which", ["7", "first"])
def test_unknown_rule_is_a_404(control, which):
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/heal")):
        status, told = control(method, f"/{which}{path}")
        assert status == 404
        assert which in told["detail"]


def test_documented_body_has_every_part_of_a_rule(ask):
    document = json.loads(ask("GET", "/__mock__/openapi.json", headers={}).body)
    parts = document["components"]["schemas"]["NewFault"]["properties"]

    assert set(parts) == {"where", "preset", *CONDITIONS, *EFFECTS}


@pytest.fixture
def command(airflow, capsys):
    """A run of the command against the server: exit code, what it printed, what it complained of."""

    def run(*arguments):
        code = main(["faults", *arguments, *(["--url", airflow.url] if arguments[0] != "presets" else [])])
        out, err = capsys.readouterr()
        return code, out.rstrip("\n"), err.rstrip("\n")

    return run


def test_command_line(airflow, command, statuses):
    assert command("list") == (0, "There is no fault rule.", "")
    code, out, _ = command("add", "GET /api/v1/dags*", "--status", "503", "--retry-after", "date 30", "--times", "1")
    assert (code, out) == (0, "1  GET /api/v1/dags*: status 503, Retry-After date 30, once  (saw 0, fired 0)")
    assert command("add", "--latency", "[0.1, 2]", "--drip", '{"bytes": 5, "every": 1}')[0] == 0
    assert command("add", "get_pools", "--reset")[0] == 0
    assert airflow.faults.list()[1].effects[0].value == {"uniform": [0.1, 2]}
    assert statuses(1) == [503]
    assert command("list")[1].splitlines()[0].endswith("(saw 1, fired 1, rests)")
    airflow.faults.heal(2)
    assert "fired 0, healed)" in command("list")[1]
    assert command("clear", "3") == (0, "The fault rule 3 is gone.", "")
    assert command("clear") == (0, "No fault rule is left.", "")
    assert airflow.faults.list() == []
    assert len(command("add", "--preset", "airflow-restarting")[1].splitlines()) == 4


def test_command_line_lists_presets(command):
    out = command("presets")[1]

    assert [name for name in PRESETS if name not in out] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add",), "Say what should go wrong"),
        (("add", "*", "--status", "42"), "a status from 200 to 599"),
        (("add", "*", "--staus", "42"), "did you mean --status?"),
        (("add", "--preset", "flaky"), "did you mean 'flaky-gateway'"),
        (("clear", "7"), "There is no fault rule 7"),
        (("ad",), "did you mean add?"),
    ],
)
def test_command_line_refuses_in_a_sentence(command, arguments, said):
    code, out, err = command(*arguments)

    assert (code, out) == (2, "")
    assert said in err


def test_world_file_brings_rules(tmp_path):
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"faults": [RULE, {"preset": "page-drift"}, {"status": 502, "until": 60}]}))
    with MockAirflow(world=str(world), clock="2025-06-01T12:00:00Z", frozen=True) as airflow:
        texts = [rule.text for rule in airflow.faults.list()]
        airflow.faults.clear()
        airflow.reset()

        assert texts[0] == "GET /api/v1/dags*: status 503, Retry-After 2, after 1 call, 2 times"
        assert texts[3] == "*: status 502, until 2025-06-01T12:01:00+00:00"
        assert [rule.text for rule in airflow.faults.list()] == texts


def test_windows_of_a_world_begin_with_each_deployment(tmp_path):
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"faults": [{"status": 502, "since": 3600}]}))
    from mock_airflow.testing.mock import template_of

    template = template_of({"world": str(world)})
    template.clock.advance(hours=5)
    fresh = template.fresh()
    (rule,) = fresh.faults.rules

    assert not rule.works(fresh.clock.now() + timedelta(minutes=59))
    assert rule.works(fresh.clock.now() + timedelta(minutes=61))
    assert abs(rule.added_at - datetime.now(timezone.utc)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([{"status": 42}], "faults[0]: A fault rule's 'status' cannot be 42"),
        ([RULE, {"where": "get_dgas", "status": 503}], "faults[1]: There is no operation 'get_dgas'"),
        ([{"preset": "flaky"}], "faults[0]: There is no preset 'flaky'"),
        ({}, "this section is a list of objects"),
        ([5], "faults[0]: an object is expected"),
    ],
)
def test_world_file_with_a_rule_that_cannot_be_is_refused_whole(tmp_path, faults, said):
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"dags": [{"dag_id": "etl"}], "faults": faults}))
    with pytest.raises(WorldError) as caught:
        MockAirflow(world=str(world))

    assert said in str(caught.value)
    assert str(world) in str(caught.value)
