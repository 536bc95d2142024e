"""What this project answers of a DAG folder as an Airflow 3, beside what a real 3.3.2 answered: field by field."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from mock_airflow.testing.mock import template_of

RECORDED = Path(__file__).resolve().parents[2] / "fixtures" / "recordings" / "airflow-3.3.2-examples"
# What differs with the moment, the database and the server, and the plan, which does with the day.
_LEFT_OUT = {
    *("file_token", "last_parsed", "last_parsed_time", "last_parse_duration", "created_at", "updated_at", "timestamp"),
    *("import_error_id", "id", "asset_id", "latest_dag_version", "last_asset_event"),
    *("next_dagrun_logical_date", "next_dagrun_run_after"),
    *("next_dagrun_data_interval_start", "next_dagrun_data_interval_end"),
}
_AT_RANDOM = {"owners", "tags", "downstream_task_ids", "template_fields"}  # sets in Airflow
Difference = tuple[str, str, Any, Any]  # the field, of what, ours, the real one


def recorded(name: str) -> Any:
    """What a real Airflow answered."""
    return json.loads((RECORDED / name).read_text("utf-8"))


def read_here(folder: Path) -> dict[str, Any]:
    """DAGs by id, assets, aliases and import errors, in the recording's form."""
    settings = {"dags_folder": str(folder), "airflow_version": "3.3.2", "maximum_page_limit": 1000}
    deployment = template_of({**settings, "simple_auth_manager_all_admins": True}).fresh()
    client = Client(deployment.wsgi)
    token = json.loads(client.get("/auth/token").get_data())["access_token"]

    def get(path: str) -> Any:
        text = client.get(f"/api/v2{path}", headers={"Authorization": f"Bearer {token}"}).get_data(as_text=True)
        return json.loads(text.replace(os.path.realpath(folder), "/examples"))

    dags = {}
    for row in get("/dags?limit=1000")["dags"]:
        dag_id = row["dag_id"]
        dags[dag_id] = {"details": get(f"/dags/{dag_id}/details"), "tasks": get(f"/dags/{dag_id}/tasks")["tasks"]}
    assert deployment.dag_folder is not None
    for told in deployment.dag_folder.read(deployment).answers.values():
        for dag in told["dags"]:
            if dag["details"]["dag_id"] in dags:
                dags[dag["details"]["dag_id"]]["structure"] = _nodes(dag)
    return {
        "dags": dags,
        "assets": get("/assets?limit=1000&only_active=false")["assets"],
        "asset_aliases": get("/assets/aliases?limit=1000")["asset_aliases"],
        "import_errors": get("/importErrors?limit=1000")["import_errors"],
    }


def compared(real: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[Difference]:
    """Every field that was compared."""
    for dag_id in sorted({*real["dags"], *ours["dags"]}):
        mine, theirs = ours["dags"].get(dag_id), real["dags"].get(dag_id)
        yield "dag ids", dag_id, mine is not None, theirs is not None
        if mine is not None and theirs is not None:
            yield from _of_dag(dag_id, mine, theirs)
    for kind, key in (("assets", "name"), ("asset_aliases", "name")):
        named = [{row[key]: row for row in side[kind]} for side in (ours, real)]
        for name in sorted({*named[0], *named[1]}):
            yield f"{kind} {key}", name, name in named[0], name in named[1]
            for field, value in named[1].get(name, {}).items() if name in named[0] else ():
                yield f"{kind} {field}", name, _unordered(named[0][name].get(field)), _unordered(value)
    errors = [
        {row["filename"]: last_line(row["stack_trace"]) for row in side["import_errors"]} for side in (ours, real)
    ]
    for file in sorted({*errors[0], *errors[1]}):
        yield "import errors", file, errors[0].get(file), errors[1].get(file)


def _of_dag(dag_id: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Difference]:
    for field, value in theirs["details"].items():
        if field not in _LEFT_OUT:
            yield f"details {field}", dag_id, _plain(field, mine["details"].get(field)), _plain(field, value)
    tasks = [{task["task_id"]: task for task in side["tasks"]} for side in (mine, theirs)]
    yield "task ids", dag_id, sorted(tasks[0]), sorted(tasks[1])
    for task_id in sorted(set(tasks[0]) & set(tasks[1])):
        for field, value in tasks[1][task_id].items():
            yield (
                f"task {field}",
                f"{dag_id}.{task_id}",
                _plain(field, tasks[0][task_id].get(field)),
                _plain(field, value),
            )
    yield "structure", dag_id, mine["structure"], _tree(theirs["structure"]["nodes"])


def _nodes(dag: Mapping[str, Any], group: Mapping[str, Any] | None = None) -> list[Any]:
    """Tasks and groups as a tree of labels, with what sets something up."""
    labels = {task["task_id"]: task["task_display_name"] for task in dag["tasks"]}
    found = []
    group = group or dag["groups"]
    for child in group["children"]:
        name = child if isinstance(child, str) else child["group_id"]
        shown = labels.get(name, name)
        label = name.removeprefix(f"{group['group_id']}.") if shown == name else shown
        kind = "setup" if name in dag["setup"] else "teardown" if name in dag["teardown"] else None
        found.append([label, kind, [] if isinstance(child, str) else _nodes(dag, child)])
    return sorted(found, key=repr)


def _tree(nodes: list[Any]) -> list[Any]:
    tasks = [node for node in nodes if node["type"] == "task"]
    return sorted(
        ([node["label"], node["setup_teardown_type"], _tree(node["children"] or [])] for node in tasks), key=repr
    )


def _plain(field: str, value: Any) -> Any:
    if field in _AT_RANDOM:
        return sorted(each["name"] if isinstance(each, dict) else str(each) for each in value or ())
    if field == "class_ref" and value:
        return {key: re.sub("unusual_prefix_[0-9a-f]{40}_", "", text or "") for key, text in value.items()}
    return _without(value)


def _unordered(value: Any) -> Any:
    return sorted(map(_without, value), key=repr) if isinstance(value, list) else _without(value)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(part) for name, part in value.items() if name not in _LEFT_OUT}
    return [_without(part) for part in value] if isinstance(value, list) else value


def last_line(text: str) -> str:
    """The last line of an error, without its module, where a module lies, and what newer interpreters add to it."""
    line = re.sub(r"^[\w.]+\.(\w+: )", r"\1", text.strip().splitlines()[-1])
    line = re.sub(r"\. Did you mean: '\w+'\?$", "", line)
    line = re.sub(r" \((?:/[^)]*|unknown location)\)$", "", line)
    line = re.sub(r"required (?:positional|keyword-only) argument", "required argument", line)
    return re.sub(r"\(\"(.*?)\", Attribute\(.*", r"\1", line)  # attrs tells its own validator
