"""The same stories under a real Airflow with its scheduler and here: what became of every run and task is the same.

``fixtures/recordings/airflow-2.11.2-lives`` has the DAG files, the stories, and what the real one did. A story is told
here again on a clock of its own, of the DAGs as the real one's API told of them and of the DAG files themselves, with
plans that say what the files' code does and nothing of what follows from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings
from mock_airflow.testing.mock import template_of
from mock_airflow.world.reading import world_of
from tests.domain.scheduler.retelling import Retelling, Teller, tries

LIVES = Path(__file__).resolve().parents[3] / "fixtures" / "recordings" / "airflow-2.11.2-lives"
MORE = LIVES.with_name("airflow-2.11.2-lives-more")
SHARED = LIVES.with_name("airflow-2.11.2")
GIVEN = LIVES.parents[1] / "lives" / "airflow-2.11.2"  # what the DAG files do not say
PLANS: Mapping[str, Any] = json.loads((GIVEN / "plans.json").read_text("utf-8"))  # by story
# What an alias stands for is known when its task runs, so the files alone do not tell it.
TOLD = [
    (name, source)
    for name in PLANS
    for source in ("captured", "declared")
    if (name[3:], source) != ("dataset_alias", "declared")
]
PARSED = "2026-11-21T07:31:00Z"
ADMIN = "admin:admin:Admin"
_FIELDS = (
    "next_dagrun",
    "next_dagrun_data_interval_start",
    "next_dagrun_data_interval_end",
    "next_dagrun_create_after",
)


class Teller2(Teller):
    """In the words of an Airflow 2."""

    def dag(self, found: Mapping[str, Any]) -> dict[str, Any]:
        names = self.names(found["runs"])
        return {
            "runs": {names[run["dag_run_id"]]: self._run(run) for run in found["runs"]},
            "tasks": {names[run_id]: self._tasks(rows) for run_id, rows in found["task_instances"].items()},
            "tries": {self.stamped(key): tries(rows) for key, rows in sorted(found["tries"].items())},
            "upstream": {
                names[run_id]: sorted(([event["dataset_uri"], event["source_dag_id"]] for event in events), key=repr)
                for run_id, events in found["upstream_dataset_events"].items()
            },
            "events": sorted((self._event(event) for event in found["dataset_events"]), key=repr),
            "queued": sorted(event["uri"] for event in found["queued_events"].get("queued_events", ())),
            "paused": found["dag"]["is_paused"],
            "next": {field: self.stamped(found["dag"][field]) for field in _FIELDS},
        }

    def _run(self, run: Mapping[str, Any]) -> dict[str, Any]:
        started = run["start_date"] is not None
        return {
            "type": run["run_type"],
            "state": run["state"],
            "logical_date": self.stamped(run["logical_date"]),
            "data_interval": (self.stamped(run["data_interval_start"]), self.stamped(run["data_interval_end"])),
            "named_for_its_date": run["logical_date"] in run["dag_run_id"],
            "external": run["external_trigger"],
            "conf": run["conf"],
            "dates": (started, run["end_date"] is not None),
        }

    def _tasks(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return {
            f"{ti['task_id']}[{ti['map_index']}]": (ti["state"], ti["try_number"], ti["max_tries"])
            for ti in sorted(rows, key=lambda ti: (ti["task_id"], ti["map_index"]))
        }

    def _event(self, event: Mapping[str, Any]) -> list[Any]:
        woken = sorted(f"{run['dag_id']} {self.stamped(run['dag_run_id'])}" for run in event["created_dagruns"])
        source = [event[f"source_{part}"] for part in ("task_id", "run_id", "map_index")]
        return [event["dataset_uri"], *map(self.stamped, source), woken]


def _recording_of(name: str) -> Path:
    return LIVES if (LIVES / "stories" / f"{name}.json").exists() else MORE


def _read(folder: str, name: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads((_recording_of(name) / folder / f"{name}.json").read_text("utf-8"))
    return content


def _world(start: Path, **more: Any) -> dict[str, Any]:
    """The definitions of a recording's starting state with what the API does not tell of them."""
    world = dict(json.loads(start.read_text("utf-8")))
    for section, key in (("dags", "dag_id"), ("datasets", "uri")):
        world[section] = [{**row, **more.get(section, {}).get(row[key], {})} for row in world[section]]
    for dag_id, tasks in more.get("tasks", {}).items():
        if dag_id not in world["tasks"]:
            continue
        world["tasks"][dag_id] = [{**task, **tasks.get(task["task_id"], {})} for task in world["tasks"][dag_id]]
    return world


@cache
def _start(recording: Path, source: str) -> Deployment:
    """All DAGs of a recording, paused, before any run: as the API told of them, or as their files declare them."""
    if source == "declared":
        return template_of({"dags_folder": str(recording / "dags"), "clock": PARSED, "frozen": True, "user": ADMIN})
    more = json.loads((GIVEN / "world.json").read_text("utf-8"))
    return _deployment(_world(recording / "start.json", **more), PARSED)


def _deployment(world: Mapping[str, Any], clock: str) -> Deployment:
    deployment = Deployment(Settings.of(clock=clock, frozen=True, user=ADMIN))
    world_of(world).apply(deployment)
    deployment.begin()
    return deployment


class Retelling2(Retelling):
    """By an Airflow 2, whose administrator has a password."""

    root, lives = "/api/v1", LIVES

    def credential(self) -> str:
        return "Basic YWRtaW46YWRtaW4="


def _retold(name: str, source: str) -> tuple[Mapping[str, Any], Mapping[str, Any], Teller2]:
    """What became of a story here and there, and who compares it."""
    there = _read("lives", name)
    began = datetime.fromtimestamp(there["moments"][0], timezone.utc)
    deployment = _start(_recording_of(name), source).fresh()
    deployment.clock.freeze(began)
    here = Retelling2(deployment, _read("stories", name), PLANS.get(name, {})).told()
    return here, there, Teller2(began)


@pytest.mark.parametrize(("name", "source"), TOLD)
def test_what_became_of_every_run_and_task_is_as_under_a_real_airflow(name: str, source: str) -> None:
    here, there, teller = _retold(name, source)

    for moment, noted in there["notes"].items():
        assert teller.account(here["notes"][moment]) == teller.account(noted), f"at {moment}"
    assert teller.account(here["end"]) == teller.account(there["end"])


@pytest.mark.parametrize("source", ["captured", "declared"])
def test_a_continuous_dag_makes_one_run_after_another(source: str) -> None:
    """How many there are is a matter of the machine; how they follow each other is not."""
    here, there, teller = _retold("19_continuous", source)

    for told in (here, there):
        runs = told["end"]["dags"]["continuous"]["runs"]
        assert len(runs) > 3
        assert runs[0]["logical_date"] == "2025-01-01T00:00:00+00:00"
        for earlier, later in pairwise(runs):
            assert later["data_interval_start"] == earlier["data_interval_end"] == later["logical_date"]
            assert later["dag_run_id"] == f"scheduled__{later['logical_date']}"
    mine, theirs = (teller.account(told["end"])["dags"]["continuous"] for told in (here, there))
    assert list(mine["runs"].values())[:3] == list(theirs["runs"].values())[:3]
    assert list(mine["tasks"].values())[:3] == list(theirs["tasks"].values())[:3]


def test_those_who_wait_in_a_pool_are_let_in_as_under_a_real_airflow() -> None:
    here, there, _ = _retold("43_in_line", "declared")

    def in_turn(told: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        runs = (rows for dag in told["end"]["dags"].values() for rows in dag["task_instances"].values())
        begun = sorted((ti for rows in runs for ti in rows), key=lambda ti: ti["start_date"])
        return [(ti["dag_id"], ti["dag_run_id"], ti["task_id"], ti["map_index"]) for ti in begun]

    assert in_turn(here) == in_turn(there)


def test_the_shared_recordings_start_comes_of_its_calls() -> None:
    """Of the DAGs, in the order of the calls, comes what the real scheduler had made of them."""
    start = _world(SHARED / "start.json")
    definitions = {key: start[key] for key in ("dags", "dag_details", "tasks", "users", "permissions")}
    definitions["roles"] = [role for role in start["roles"] if role["name"] != "Analyst"]
    definitions["datasets"] = start["datasets"]
    calls = json.loads((SHARED / "start_calls.json").read_text("utf-8"))["calls"]
    dags = [dag["dag_id"] for dag in start["dags"]]
    finished = {dag_id: sum(run["dag_id"] == dag_id for run in start["dag_runs"]) for dag_id in dags}
    story = {
        "dags": dags,
        "steps": [
            *(
                {"call": f"{call['method']} {call['path'].removeprefix('/api/v1')}", "json": call["json"]}
                for call in calls
            ),
            {"settle": finished},
        ],
    }
    plan = {
        "dags": {
            "fanout_pipeline": {"choose": {"follow": "left"}, "crunch.numbers": {"returns": [1, 2, 3]}},
            "flaky_job": {"boom": "failed"},
        },
        "runs": [
            [
                "adhoc_report",
                "seed_adhoc_1",
                {"kick_flaky": {"triggers": {"dag_id": "flaky_job", "run_id": "relay__seed_adhoc_1"}}},
            ]
        ],
    }
    deployment = _deployment(definitions, "2026-11-21T01:38:45Z")
    here = Retelling2(deployment, story, plan).told()["end"]
    teller = Teller2(deployment.clock.now())

    assert teller.account(here)["dags"] == teller.account(_gathered(start))["dags"]


def _gathered(world: Mapping[str, Any]) -> Mapping[str, Any]:
    """A world as if it had been gathered at the end of a story."""
    found: dict[str, Any] = {"stats": [], "dags": {}}
    for dag in world["dags"]:
        dag_id = dag["dag_id"]
        mine = {
            section: [row for row in world[section] if row["dag_id"] == dag_id]
            for section in ("dag_runs", "task_instances", "task_instance_tries", "queued_events")
        }
        instances: dict[str, list[Any]] = {run["dag_run_id"]: [] for run in mine["dag_runs"]}
        tries: dict[str, list[Any]] = {}
        for ti in mine["task_instances"]:
            instances[ti["dag_run_id"]].append(ti)
            if ti["try_number"] > 1:
                tries[f"{ti['dag_run_id']} {ti['task_id']} {ti['map_index']}"] = [
                    row
                    for row in mine["task_instance_tries"]
                    if all(row[key] == ti[key] for key in ("dag_run_id", "task_id", "map_index"))
                ]
        events = world["dataset_events"]
        found["dags"][dag_id] = {
            "dag": dag,
            "runs": mine["dag_runs"],
            "task_instances": instances,
            "tries": tries,
            "upstream_dataset_events": {
                run["dag_run_id"]: [
                    event
                    for event in events
                    if any(woken["dag_run_id"] == run["dag_run_id"] for woken in event["created_dagruns"])
                ]
                for run in mine["dag_runs"]
                if run["run_type"] == "dataset_triggered"
            },
            "dataset_events": [event for event in events if event["source_dag_id"] == dag_id],
            "queued_events": {"queued_events": mine["queued_events"]},
        }
    return found
