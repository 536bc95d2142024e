"""XComs: the values that task instances leave, reading and writing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any

from msgspec.structs import replace
from pydantic import AfterValidator, Field

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import PAGE, Parameter, between, order_by, order_keys, orders, pattern
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_run_fields import display_name, run_after_of
from mock_airflow.api.v2.filters import matching, within
from mock_airflow.api.v2.lists import listing, sorted_by
from mock_airflow.api.v2.task_instance_fields import named
from mock_airflow.domain import xcoms
from mock_airflow.domain.dags import declared
from mock_airflow.domain.records import DagRun, RunKey, TaskInstanceKey, XCom

operation = API.tagged("XCom")

_READ, _CREATE, _EDIT, _DELETE = (on_dag(method, "XComs") for method in ("GET", "POST", "PUT", "DELETE"))
_ALL = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries"
_ONE = f"{_ALL}/{{xcom_key}}"
_RESERVED = frozenset(
    ("__classname__", "__version__", "__data__", "__id__", "__cache__", "__type", "__source", "__var")
)
_INDEX = Annotated[int, Field(ge=-1)]


def _free_of_reserved(value: Any) -> Any:
    _walk(value, "value")
    return value


def _walk(value: Any, path: str) -> None:
    """Refuse what would be read as a serialized object, in JSON texts too (code). Raises ValueError."""
    if isinstance(value, str):
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            return
        if isinstance(inner, (dict, list)):
            _walk(inner, path)
    elif isinstance(value, dict):
        found = sorted(_RESERVED & value.keys())
        if found:
            raise ValueError(
                f"XCom {path} contains reserved serialization keys: {', '.join(found)}. These keys are reserved for"
                " internal use."
            )
        for name, inner in value.items():
            _walk(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _walk(inner, f"{path}[{number}]")


_Value = Annotated[Any, AfterValidator(_free_of_reserved)]


class XComCreateBody(Body):
    """A value that is left."""

    key: str
    value: _Value
    map_index: int = -1


class XComUpdateBody(Body):
    """A value that takes another's place."""

    value: _Value
    map_index: int = -1


def _view(call: Call, row: XCom) -> dict[str, Any]:
    run = _run(call, row)
    ti = call.airflow.task_instances.get(TaskInstanceKey(row.dag_id, row.run_id, row.task_id, row.map_index))
    return {
        "key": row.key,
        "timestamp": row.timestamp,
        "logical_date": None if run is None or run.dateless else run.logical_date,
        "map_index": row.map_index,
        "task_id": row.task_id,
        "dag_id": row.dag_id,
        "run_id": row.run_id,
        "dag_display_name": display_name(call.airflow, row.dag_id),
        "task_display_name": ti.task_display_name if ti is not None else row.task_id,
        "run_after": run_after_of(run) if run is not None else row.logical_date,
    }


def _run(call: Call, row: XCom) -> DagRun | None:
    return call.airflow.dag_runs.get(RunKey(row.dag_id, row.run_id))


@operation(
    "GET",
    _ONE,
    access=_READ,
    query=(
        Parameter("map_index", _INDEX, default=-1),
        Parameter("deserialize", bool, default=False),
        Parameter("stringify", bool, default=False),
    ),
    answer="XComResponseNative",
    or_answer="XComResponseString",
)
def get_xcom_entry(call: Call) -> Answer:
    """Read a value, as it is or as a text."""
    key = named(call)
    if not call.path["xcom_key"]:
        raise Oops("There is no XCom without a key, at which a real Airflow fails.")
    row = call.airflow.xcoms.get((key, call.path["xcom_key"]))
    if row is None:
        raise Detail(404, f"XCom entry with key: `{call.path['xcom_key']}` not found")
    value = _readable(row.value) if call.query["deserialize"] else row.value
    if call.query["stringify"] and value is not None:
        value = str(value)
    return answer({**_view(call, row), "value": value})


def _readable(value: Any) -> Any:
    """A value with serialized objects as texts, the way Airflow's front end shows them (code)."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    if isinstance(value, list):
        return [_readable(each) if not isinstance(each, str) else each for each in value]
    if not isinstance(value, dict):
        return value
    if "__classname__" not in value or "__version__" not in value:
        return {str(name): each if isinstance(each, str) else _readable(each) for name, each in value.items()}
    name, version, data = value["__classname__"], value["__version__"], value.get("__data__")
    if name in ("builtins.tuple", "builtins.set", "builtins.frozenset"):
        shown = ",".join(str(_readable(each)) for each in data or ())
        return f"({shown})"
    if isinstance(data, dict):
        inner = ", ".join(
            f"{key}={each!r}" if isinstance(each, str) else f"{key}={_readable(each)}" for key, each in data.items()
        )
    elif isinstance(data, list):
        inner = ",".join(str(_readable(each)) for each in data)
    else:
        inner = str(data)
    return f"{name}@version={version}({inner})"


_KEYS = order_keys("key", "dag_id", "run_id", "task_id", "map_index", "timestamp")


@operation(
    "GET",
    _ALL,
    access=_READ,
    query=(
        Parameter("xcom_key"),
        Parameter("map_index", _INDEX),
        *PAGE,
        *pattern("xcom_key"),
        *pattern("dag_display_name"),
        *pattern("run_id"),
        *pattern("task_id"),
        Parameter("map_index_filter", int),
        *between("logical_date"),
        *between("run_after"),
        order_by("dag_id", "task_id", "run_id", "map_index", "key"),
    ),
    answer="XComCollectionResponse",
)
def get_xcom_entries(call: Call) -> Answer:
    """List what was left, without the values; ``~`` takes every DAG, run or task."""
    keys = {**_KEYS, "run_after": lambda row: run_after_of(run) if (run := _run(call, row)) is not None else None}
    wanted = orders(call.query["order_by"], keys, "dag_id")
    if call.query["order_by"]:  # equal ones by their run, and as they were left
        left = sorted(_filtered(call), key=lambda row: (row.task_id, row.map_index, row.timestamp))
        if call.query["order_by"][0] == "-dag_id":  # for which there is an index, read from its end
            left.reverse()
        rows = sorted_by(left, wanted, lambda row: getattr(_run(call, row), "id", 0))
    else:
        rows = sorted(_filtered(call), key=lambda row: (row.dag_id, row.task_id, row.run_id, row.map_index, row.key))
    return listing(call, "xcom_entries", rows, _view)


def _filtered(call: Call) -> Iterable[XCom]:
    query, path, permitted = call.query, call.path, call.permitted_dags("can_read")
    rows: Iterable[XCom] = [
        row
        for row in call.airflow.xcoms
        if path["dag_id"] in ("~", row.dag_id)
        and path["dag_run_id"] in ("~", row.run_id)
        and path["task_id"] in ("~", row.task_id)
        and query["map_index"] in (None, row.map_index)
        and query["map_index_filter"] in (None, row.map_index)
        and query["xcom_key"] in (None, row.key)
        and (permitted is None or permitted(row.dag_id))
    ]
    rows = matching(call, rows, "xcom_key", lambda row: row.key)
    rows = matching(call, rows, "dag_display_name", lambda row: display_name(call.airflow, row.dag_id))
    for name in ("run_id", "task_id"):
        rows = matching(call, rows, name)
    for name in ("logical_date", "run_after"):
        rows = within(call, rows, name, lambda row, name=name: _view(call, row)[name])  # type: ignore[misc]
    return rows


@operation(
    "POST",
    _ALL,
    access=_CREATE,
    body=XComCreateBody,
    event=True,
    success=201,
    answer="XComResponseNative",
    refuses=(404, 409),
)
def create_xcom_entry(call: Call) -> Answer:
    """Leave a value for a task instance."""
    body, path, airflow = call.body, call.path, call.airflow
    dag_id, run_id, task_id = path["dag_id"], path["dag_run_id"], path["task_id"]
    dag = declared(airflow, dag_id)
    if task_id not in dag.tasks:
        raise Detail(404, f"Task with ID: `{task_id}` not found in dag: `{dag_id}`")
    if (dag_id, run_id) not in airflow.dag_runs:
        raise Detail(404, f"Dag Run with ID: `{run_id}` not found for dag: `{dag_id}`")
    key = named(call, body.map_index)
    if (key, body.key) in airflow.xcoms:
        raise Detail(409, f"The XCom with key: `{body.key}` with mentioned task instance already exists.")
    ti = airflow.task_instances.get(key)
    if not body.key or ti is None:
        raise Oops("An XCom needs a key, and a task instance that it belongs to.")
    row = xcoms.push(airflow, ti, body.key, body.value, airflow.now())
    return answer({**_view(call, row), "value": row.value}, 201)


@operation("PATCH", _ONE, access=_EDIT, body=XComUpdateBody, event=True, answer="XComResponseNative")
def update_xcom_entry(call: Call) -> Answer:
    """Put another value in the place of one."""
    row = _there(call, call.body.map_index)
    changed = call.airflow.xcoms.put(replace(row, value=call.body.value, timestamp=call.airflow.now()))
    return answer({**_view(call, changed), "value": changed.value})


def _there(call: Call, map_index: int) -> XCom:
    name = call.path["xcom_key"]
    row = call.airflow.xcoms.get((named(call, map_index), name))
    if row is None:
        raise Detail(404, f"The XCom with key: `{name}` with mentioned task instance doesn't exist.")
    return row


@operation("DELETE", _ONE, access=_DELETE, query=(Parameter("map_index", _INDEX, default=-1),), event=True, success=204)
def delete_xcom_entry(call: Call) -> None:
    """Remove a value."""
    row = _there(call, call.query["map_index"])
    call.airflow.xcoms.delete((named(call), row.key))
