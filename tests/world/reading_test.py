"""World files: what they may say, how they are refused, and what becomes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_airflow.deployment import Deployment
from mock_airflow.errors import MockAirflowError, WorldError
from mock_airflow.settings import Settings
from mock_airflow.world.reading import SECTIONS, built_in_worlds, load_worlds, world_of
from mock_airflow.world.sections import READERS
from tests.support import Deploy

ETL = {"dags": [{"dag_id": "etl", "tasks": ["extract", "transform", "load"], "schedule": "0 6 * * *"}]}


def load(*worlds: dict[str, Any]) -> Deployment:
    deployment = Deployment(Settings.of(clock="2025-06-01T12:00:00Z", frozen=True))
    for world in worlds:
        world_of(world).apply(deployment)
    deployment.begin()
    return deployment


def test_short_form_gets_airflows_defaults() -> None:
    dag = load(ETL).airflow.dags.get("etl")

    assert dag is not None
    assert [(task.task_id, task.downstream_task_ids) for task in dag.tasks.values()] == [
        ("extract", ("transform",)),
        ("transform", ("load",)),
        ("load", ()),
    ]
    assert (dag.timetable_description, dag.fileloc, dag.is_paused) == ("At 06:00", "/opt/airflow/dags/etl.py", False)


def test_recorded_state_loads_as_it_stands(checkout: Path) -> None:
    world = load_worlds([str(checkout / "fixtures/recordings/airflow-2.11.2/start.json")])
    deployment = Deployment(Settings.of(runs="manual"))

    world.apply(deployment)

    airflow = deployment.airflow
    assert (len(airflow.dags), len(airflow.dag_runs), len(airflow.task_instances), len(airflow.event_logs)) == (
        8,
        8,
        24,
        84,
    )
    # Airflow answers tasks by id; their order of declaration shows in the runs
    assert list(airflow.dags.get("fanout_pipeline").tasks) == [  # type: ignore[union-attr]
        "left",
        "right",
        "done",
        "choose",
        "crunch.numbers",
        "crunch.square",
    ]


def test_every_section_of_the_format_is_read() -> None:
    assert set(SECTIONS) == set(READERS)


@pytest.mark.parametrize("name", built_in_worlds())
def test_built_in_worlds_load_whole(name: str) -> None:
    deployment = Deployment(Settings.of())

    load_worlds([name]).apply(deployment)

    assert len(deployment.airflow.dags) > 0


def test_demo_has_what_the_vendors_pages_name() -> None:
    deployment = Deployment(Settings.of())
    load_worlds(["demo"]).apply(deployment)

    assert "bad_variable_usage" in deployment.airflow.dags
    assert "upstream_data" in [row.uri for row in deployment.airflow.assets]
    assert {run.state for run in deployment.airflow.dag_runs} == {"success", "failed", "queued"}


@pytest.mark.parametrize(
    ("world", "sentence"),
    [
        ({"dag": []}, "there is no section 'dag'. Did you mean 'dags'?"),
        ({"dags": {}}, "dags: this section is a list of objects."),
        ({"dags": [{"dag_id": "a", "tag": []}]}, "dags[0]: there is no key 'tag' here. Did you mean 'tags'?"),
        ({"dags": [{}]}, "dags[0]: the key 'dag_id' is missing; it has to be a text."),
        ({"dags": [{"dag_id": 5}]}, "dags[0].dag_id: a text is expected, not the number 5."),
        (
            {"dags": [{"dag_id": "a", "is_paused": "no"}]},
            "dags[0].is_paused: true or false is expected, not the text 'no'.",
        ),
        ({"dags": [{"dag_id": "a", "start_date": "soon"}]}, "dags[0].start_date: 'soon' is not a time such as"),
        (
            {"dags": [{"dag_id": "a", "tasks": [{"task_id": "x", "downstream_task_ids": ["lod"]}, "load"]}]},
            "dags[0].tasks: the task 'x' has 'lod' downstream, which the DAG does not have. Did you mean 'load'?",
        ),
        (
            {
                "dags": [
                    {
                        "dag_id": "a",
                        "tasks": [
                            {"task_id": "x", "downstream_task_ids": ["y"]},
                            {"task_id": "y", "downstream_task_ids": ["x"]},
                        ],
                    }
                ]
            },
            "dags[0].tasks: the tasks 'x', 'y' depend on each other in a circle.",
        ),
        (
            {**ETL, "dag_runs": [{"dag_id": "elt"}]},
            "dag_runs[0]: there is no DAG 'elt' in the section 'dags'. Did you mean 'etl'?",
        ),
        (
            {**ETL, "dag_runs": [{"dag_id": "etl", "state": "succes"}]},
            "dag_runs[0].state: 'succes' is none of queued, running, success, failed. Did you mean 'success'?",
        ),
        (
            {"users": [{"username": "v", "roles": [{"name": "View"}]}]},
            "there is no role 'View'. Did you mean 'Viewer'?",
        ),
        ({"limits": {"limit": "fast"}}, "The limit 'fast' cannot be understood"),
        ({"keys": [{"secret": "short"}]}, "keys[0].secret: a key's value needs more than 8 characters"),
    ],
)
def test_mistake_is_told_with_its_place_and_nothing_is_loaded(
    world: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    deployment = Deployment(Settings.of())
    before = {name: list(table) for name, table in deployment.airflow.tables.items()}
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world), "utf-8")

    with pytest.raises(MockAirflowError) as told:
        load_worlds([str(file)]).apply(deployment)

    assert sentence in str(told.value)
    assert {name: list(table) for name, table in deployment.airflow.tables.items()} == before


def test_broken_file_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text('{\n  "dags": [}\n', "utf-8")

    with pytest.raises(WorldError, match=r"world\.json: line 2, column 12"):
        load_worlds([str(file)])


def test_missing_file_and_unknown_name_say_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot be read: No such file"):
        load_worlds([str(tmp_path / "none.json")])
    with pytest.raises(WorldError, match=r"no built-in world 'dem'; there are .*demo"):
        load_worlds(["dem"])


def test_yaml_says_the_same(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    file = tmp_path / "world.yaml"
    file.write_text("dags:\n- dag_id: etl\n  tasks: [a, b]\n  start_date: 2025-01-01 06:00:00\n", "utf-8")
    deployment = Deployment(Settings.of())

    load_worlds([str(file)]).apply(deployment)

    assert deployment.airflow.dags.get("etl").start_date.isoformat() == "2025-01-01T06:00:00+00:00"  # type: ignore[union-attr]


def test_later_world_adds_to_the_earlier(tmp_path: Path) -> None:
    deployment = load(ETL, {"dags": [{"dag_id": "etl", "is_paused": True}, {"dag_id": "other"}]})

    assert [(dag.dag_id, dag.is_paused, len(dag.tasks)) for dag in deployment.airflow.dags] == [
        ("etl", True, 3),
        ("other", False, 0),
    ]


def test_run_that_was_queued_goes_on_in_the_deployment(deploy: Deploy) -> None:
    call = deploy({**ETL, "dag_runs": [{"dag_id": "etl", "dag_run_id": "r", "logical_date": "2025-05-01T00:00:00Z"}]})
    path = "/api/v1/dags/etl/dagRuns/r"

    assert call.get(path).get_json()["state"] == "queued"
    assert call.get(path + "/taskInstances").get_json()["total_entries"] == 3
    call.deployment.clock.advance(minutes=5)
    assert call.get(path).get_json()["state"] == "success"


def test_settings_of_a_world_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text('{"settings": {"rate_limitt": "5/minute"}}', "utf-8")

    with pytest.raises(MockAirflowError, match="did you mean 'rate_limit'"):
        load_worlds([str(file)])


@pytest.mark.parametrize(
    "world",
    [
        {"variables": [{"key": "a\ud800b", "value": "x"}]},
        {"pools": [{"name": "\udfff", "slots": 1}]},
        {"users": [{"username": "a\ud800b"}]},
        {"roles": [{"name": "a\ud800b"}]},
        {"datasets": [{"uri": "s3://\ud800"}]},
        {"dags": [{"dag_id": "a", "tasks": [{"task_id": "b", "template_fields": ["\ud800"]}]}]},
        {"dags": [{"dag_id": "etl", "tasks": ["a\ud800b"]}]},
        {"dags": [{"dag_id": "etl", "tasks": [{"task_id": "a\ud800b"}]}]},
        {"connections": [{"connection_id": "a\ud800b", "conn_type": "http"}]},
    ],
)
def test_a_name_with_half_a_character_is_refused(world):
    with pytest.raises(WorldError, match="half a character"):
        world_of(world).apply(Deployment())


def test_a_name_of_whole_characters_is_taken():
    world_of({"variables": [{"key": "\U0001f600ä", "value": "x"}]}).apply(Deployment())
