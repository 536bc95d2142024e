"""Writes the table in `docs/dag_folder.md`: Airflow's own example DAGs, read here and by a real Airflow 2.11.2.

    python docs/make_dag_folder_page.py

The examples come out of the package `apache-airflow==2.11.2`, which pip fetches without its dependencies; the real
answers are in `fixtures/recordings/airflow-2.11.2-examples/`. `tests/dag_files/examples_test.py` compares likewise.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from mock_airflow.testing.mock import template_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "dag_folder.md"
RECORDING = ROOT / "fixtures" / "recordings" / "airflow-2.11.2-examples" / "examples.json"
RECORDED_ON = "2026-11-21"  # one of the examples has the day on which it is read as a default
PACKAGE = "apache-airflow==2.11.2"
BEGIN, END = "<!-- the table is written by make_dag_folder_page.py -->", "<!-- end of the table -->"
# What every part of the comparison is made of: a title, and the fields of the list, of details or of tasks.
PARTS = {
    "schedule": ("schedule_interval", "timetable_description", "catchup", "start_date", "end_date", "timezone"),
    "tags and owners": ("tags", "owners"),
    "params": ("params",),
    "texts": ("doc_md", "description", "dag_display_name"),
    "datasets": ("dataset_expression",),
}
_MOMENTS = ("file_token", "last_parsed", "last_parsed_time", "next_dagrun")
_AT_RANDOM = ("tags", "owners", "downstream_task_ids")  # sets in Airflow, which it tells in any order


def recorded() -> dict[str, Any]:
    """What the real Airflow answered."""
    answers: dict[str, Any] = json.loads(RECORDING.read_text(encoding="utf-8"))
    return answers


def unpacked(wheel: Path, folder: Path) -> Path:
    """The example DAGs of the package, in a folder named as in it; for them it is the day of the recording."""
    with zipfile.ZipFile(wheel) as package:
        package.extractall(folder, [name for name in package.namelist() if name.startswith("airflow/example_dags/")])
    examples = folder / "airflow" / "example_dags"
    for file in examples.rglob("*.py"):
        source = file.read_text("utf-8")
        file.write_text(source.replace("date.today()", f"date.fromisoformat({RECORDED_ON!r})"), "utf-8")
    return examples


def read_here(folder: Path) -> dict[str, Any]:
    """What this project answers of the same folder: DAGs by id, datasets and import errors, as in the recording."""
    deployment = template_of({"dags_folder": folder, "maximum_page_limit": 1000}).fresh()
    client = Client(deployment.wsgi)
    headers = deployment.profile.headers(deployment.credentials, deployment)

    def get(path: str) -> Any:
        text = client.get("/api/v1" + path, headers=headers).get_data(as_text=True)
        return json.loads(text.replace(os.path.realpath(folder), "/example_dags"))

    dags = {}
    for row in get("/dags?limit=1000")["dags"]:
        dag_id = row["dag_id"]
        details, tasks = get(f"/dags/{dag_id}/details"), get(f"/dags/{dag_id}/tasks")["tasks"]
        dags[dag_id] = {"dag": row, "details": details, "tasks": tasks}
    assert deployment.dag_folder is not None
    for told in deployment.dag_folder.read(deployment).answers.values():
        for dag in told["dags"]:
            more = ("groups", "edge_labels", "setup", "teardown")
            dags[dag["details"]["dag_id"]] |= {name: dag[name] for name in more}
    return {
        "dags": dags,
        "datasets": get("/datasets?limit=1000")["datasets"],
        "import_errors": get("/importErrors?limit=1000")["import_errors"],
    }


def differences(real: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """By file and part of the comparison, what differs; a file without any has no entry."""
    found: dict[str, dict[str, list[str]]] = {}

    def say(file: str, part: str, what: str) -> None:
        found.setdefault(file, {}).setdefault(part, []).append(what)

    for dag_id in sorted({*real["dags"], *ours["dags"]}):
        pair = real["dags"].get(dag_id), ours["dags"].get(dag_id)
        file = _file((pair[0] or pair[1])["dag"]["fileloc"])
        if None in pair:
            say(file, "dag ids", f"{dag_id} is {'not read here' if pair[1] is None else 'read here only'}")
            continue
        for part, what in _of_dag(*pair):
            say(file, part, f"{dag_id}: {what}")
    for name in ("import_errors",):
        told = [{_file(row["filename"]): _last_line(row["stack_trace"]) for row in side[name]} for side in (real, ours)]
        for file in {*told[0], *told[1]}:
            if told[0].get(file) != told[1].get(file):
                say(file, "import errors", f"{told[1].get(file)!r} for {told[0].get(file)!r}")
    uris = [{row["uri"]: _references(row) for row in side["datasets"]} for side in (real, ours)]
    for uri in {*uris[0], *uris[1]}:
        if uris[0].get(uri) != uris[1].get(uri):
            say("datasets", "datasets", f"{uri}: {uris[1].get(uri)} for {uris[0].get(uri)}")
    return found


def _of_dag(real: Mapping[str, Any], ours: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    part_of = {name: part for part, names in PARTS.items() for name in names}
    for section in ("dag", "details"):
        for name, value in real.get(section, {}).items():
            if not name.startswith(_MOMENTS):
                mine = _plain(name, ours[section][name])
                if mine != _plain(name, value):
                    found.append((part_of.get(name, "other fields"), f"{name} is {mine!r} for {value!r}"))
    if "tasks" not in real:  # it could not be stored
        return found
    tasks = [{task["task_id"]: task for task in side["tasks"]} for side in (real, ours)]
    if set(tasks[0]) != set(tasks[1]):
        found.append(("tasks", f"tasks {sorted(set(tasks[0]) ^ set(tasks[1]))} are on one side only"))
    for task_id in set(tasks[0]) & set(tasks[1]):
        for name, value in tasks[0][task_id].items():
            mine = _plain(name, tasks[1][task_id][name])
            if mine != _plain(name, value):
                part = {"downstream_task_ids": "edges", "is_mapped": "mapped", "params": "params"}.get(name, "tasks")
                found.append((part, f"{task_id}.{name} is {mine!r} for {value!r}"))
    if _sorted(ours["groups"]) != _sorted(real["groups"]):
        found.append(("groups", "task groups differ"))
    for name in ("edge_labels", "setup", "teardown"):
        mine = sorted(ours[name]) if name != "edge_labels" else ours[name]
        if mine != real[name]:
            found.append(("edges", f"{name} is {mine!r} for {real[name]!r}"))
    return found


def _plain(name: str, value: Any) -> Any:
    if name in _AT_RANDOM:
        return sorted(each["name"] if isinstance(each, dict) else each.strip() for each in value)
    if name == "template_fields":
        return sorted(value)  # of some operators a set
    if name == "class_ref":  # Airflow names a file's own module after its path
        return {key: re.sub("unusual_prefix_[0-9a-f]{40}_", "", text) for key, text in value.items()}
    return value


def _sorted(group: Mapping[str, Any]) -> Any:
    children = [_sorted(child) if isinstance(child, dict) else child for child in group["children"]]
    return {
        **group,
        "children": sorted(children, key=lambda child: child if isinstance(child, str) else child["group_id"]),
    }


def _references(row: Mapping[str, Any]) -> Any:
    return {
        name: [(each["dag_id"], each.get("task_id")) for each in row[name]]
        for name in ("consuming_dags", "producing_tasks")
    }


def _file(path: str) -> str:
    return path.rpartition("/example_dags/")[2]


def _last_line(text: str) -> str:
    return re.sub(r"^[\w.]+\.(\w+: )", r"\1", text.strip().splitlines()[-1])


def table(real: Mapping[str, Any], found: Mapping[str, Mapping[str, list[str]]]) -> str:
    """The table in Markdown: a line a file."""
    by_file: dict[str, list[str]] = {file: [] for file in real["files"]}
    for dag_id, dag in real["dags"].items():
        by_file[_file(dag["dag"]["fileloc"])].append(dag_id)
    same = sum(file not in found for file in by_file)
    tasks = sum(len(dag.get("tasks", ())) for dag in real["dags"].values())
    lines = [
        f"{len(by_file)} files, {len(real['dags'])} DAGs, {tasks} tasks: "
        f"{same} files are read alike ({same / len(by_file):.1%}).",
        "",
        "| file | DAGs | tasks | read as by Airflow |",
        "|---|--:|--:|---|",
    ]
    for file, dag_ids in by_file.items():
        count = sum(len(real["dags"][dag_id].get("tasks", ())) for dag_id in dag_ids)
        differs = ", ".join(found.get(file, {})) if file in found else ""
        lines.append(f"| `{file}` | {len(dag_ids)} | {count} | {f'no: {differs}' if differs else 'yes'} |")
    return "\n".join(lines)


def downloaded(folder: Path) -> Path:
    """The package, fetched into a folder."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--ignore-requires-python",
    ]
    subprocess.run([*command, "--dest", str(folder), PACKAGE], check=True)
    return next(folder.glob("apache_airflow-*.whl"))


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(sys.argv[1]) if len(sys.argv) > 1 else downloaded(Path(folder))
        real = recorded()
        text = table(real, differences(real, read_here(unpacked(wheel, Path(folder)))))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
