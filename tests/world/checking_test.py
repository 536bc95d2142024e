"""`mock-airflow world check`: every mistake of a world file, with its line and the nearest known name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_airflow.world.checking import check
from mock_airflow.world.reading import built_in_worlds

JSON = """{
  "about": "a file with mistakes",
  "dags": [
    {"dag_id": "etl", "tasks": ["extract", "load"]},
    {
      "dag_id": "with.dots",
      "tgas": ["daily"],
      "is_paused": "no"
    },
    {"dag_id": 5}
  ],
  "dag_run": [],
  "dag_runs": [
    {"dag_id": "etl", "dag_run_id": "first", "state": "succes"},
    {"dag_id": "elt"}
  ],
  "dag_details": {
    "with.dots": {
      "catchup": "never"
    }
  }
}
"""
YAML = """\
about: a file with mistakes
dags:
  - dag_id: etl
    tasks: [extract, load]
  - dag_id: with.dots
    tgas: [daily]
    is_paused: maybe
dag_details:
  with.dots:
    catchup: never
variables:
- key: a
  value: 5
"""


def mistakes(folder: Path, name: str, text: str) -> list[str]:
    file = folder / name
    file.write_text(text, "utf-8")
    return [str(mistake).replace(f"{folder}/", "") for mistake in check([str(file)]).mistakes]


def test_all_mistakes_of_a_json_file_are_told_with_their_lines(tmp_path: Path) -> None:
    assert sorted(mistakes(tmp_path, "world.json", JSON)) == [
        "world.json:10: dags[2].dag_id: a text is expected, not the number 5.",
        "world.json:12: there is no section 'dag_run'. Did you mean 'dag_runs'?",
        "world.json:14: dag_runs[0].state: 'succes' is none of queued, running, success, failed."
        " Did you mean 'success'?",
        "world.json:15: dag_runs[1]: there is no DAG 'elt' in the section 'dags'. Did you mean 'etl'?",
        "world.json:19: dag_details.with.dots.catchup: true or false is expected, not the text 'never'.",
        "world.json:7: dags[1]: there is no key 'tgas' here. Did you mean 'tags'?",
        "world.json:8: dags[1].is_paused: true or false is expected, not the text 'no'.",
    ]


def test_all_mistakes_of_a_yaml_file_are_told_with_their_lines(tmp_path: Path) -> None:
    assert sorted(mistakes(tmp_path, "world.yaml", YAML)) == [
        "world.yaml:10: dag_details.with.dots.catchup: true or false is expected, not the text 'never'.",
        "world.yaml:13: variables[0].value: a text is expected, not the number 5.",
        "world.yaml:6: dags[1]: there is no key 'tgas' here. Did you mean 'tags'?",
        "world.yaml:7: dags[1].is_paused: true or false is expected, not the text 'maybe'.",
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("w.json", '{\n "dags": [,]\n}', "w.json:2: line 2, column 11: Expecting value."),
        ("w.yaml", "dags:\n  - a: [1\n", "w.yaml:3: line 3, column 1: "),
        ("w.json", "[]", "w.json: a world file is one object with sections such as dags and dag_runs."),
        ("w.json", '{"limits": {\n"limit": "500/fortnight"}}', "w.json:2: limits.limit: "),
        ("w.json", '{"settings": {\n"speed": 0}}', "w.json:2: settings: The value 0 cannot be used for the setting"),
        ("w.json", '{"settings": {\n"sped": 1}}', "w.json:2: settings: There is no setting 'sped'; did you mean"),
        ("w.json", '{\n"dags": {}}', "w.json:2: dags: this section is a list of objects."),
    ],
)
def test_one_mistake(name: str, text: str, told: str, tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, name, text)

    assert found.startswith(told)


def test_what_follows_from_a_mistake_is_not_told(tmp_path: Path) -> None:
    text = """{"dags": [{"tasks": ["a"], "dag_id": "etl", "schedule_interval": {}}, {"dag_id": "b", "tasks": [{}]}],
    "dag_runs": [{"dag_id": "etl", "dag_run_id": "one"}, {"dag_id": "etl", "dag_run_id": "two", "run_type": "x"}],
    "users": [{"username": "v", "roles": [{"name": "Analyst"}]}],
    "roles": [{"name": "Analyst", "actions": "all"}]}"""

    found = mistakes(tmp_path, "world.json", text)

    assert [line.split(": ")[1] for line in found] == [
        "roles[0].actions",
        "dags[0].schedule_interval",
        "dags[1].tasks[0]",
        "dag_runs[1].run_type",
    ]


def test_the_same_unknown_key_is_told_once(tmp_path: Path) -> None:
    dags = ", ".join(f'{{"dag_id": "dag_{number}", "zzzz": "main"}}' for number in range(30))

    (found,) = mistakes(tmp_path, "world.json", f'{{"dags": [{dags}]}}')

    assert found.endswith("there is no key 'zzzz' here. So have 29 more.")


def test_files_are_read_together_as_serve_would(tmp_path: Path) -> None:
    (tmp_path / "dags.json").write_text('{"dags": [{"dag_id": "etl", "tasks": ["a"]}]}')
    (tmp_path / "runs.yaml").write_text("dag_runs:\n  - dag_id: etl\n")
    files = [str(tmp_path / name) for name in ("dags.json", "runs.yaml")]

    together = check(files)

    assert (together.mistakes, together.counts) == ([], {"dags": 1, "dag_runs": 1})
    assert [str(mistake).replace(f"{tmp_path}/", "") for mistake in check(files[1:]).mistakes] == [
        "runs.yaml:2: dag_runs[0]: there is no DAG 'etl' in the section 'dags'."
    ]


@pytest.mark.parametrize("name", [name for name in built_in_worlds() if name != "demo"])
def test_built_in_worlds_are_sound(name: str) -> None:
    assert check([name]).mistakes == []


def test_recorded_state_is_sound(checkout: Path) -> None:
    found = check([str(checkout / "fixtures/recordings/airflow-2.11.2/start.json")])

    assert found.mistakes == []
    assert found.counts["task_instances"] == 24
