"""DAGs: listing, reading, pausing, deleting, favourites."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from mock_airflow.access.permissions import on, on_dag
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow3.body import Body
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import (
    PAGE,
    UPDATE_MASK,
    Parameter,
    between,
    one_of,
    order_by,
    order_keys,
    pattern,
    several,
)
from mock_airflow.api.airflow3.problems import Detail, unique_violation
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_fields import dag_view, details_view, timetable_type
from mock_airflow.api.v2.filters import equal, holds, matching, within
from mock_airflow.api.v2.lists import asked_page, ordered, page_of
from mock_airflow.api.v2.states import DagRunState, words
from mock_airflow.domain import dags, event_logs
from mock_airflow.domain.records import Dag, DagRun, Favorite

operation = API.tagged("DAG")

_BY_RUNS = (*between("dag_run_start_date"), *between("dag_run_end_date"))
_RUN_BOUNDS = [each.name for each in _BY_RUNS]
_FILTERS = (
    *several("tags"),
    Parameter("tags_match_mode", one_of("any", "all")),
    *several("owners"),
    *pattern("dag_id"),
    *pattern("dag_display_name"),
    Parameter("exclude_stale", bool, default=True),
    Parameter("paused", bool),
    Parameter("has_import_errors", bool),
    Parameter("last_dag_run_state", DagRunState),
    Parameter("bundle_name"),
    Parameter("bundle_version"),
    Parameter("has_asset_schedule", bool),
    Parameter("asset_dependency"),
    *_BY_RUNS,
    *several("dag_run_state"),
    Parameter("is_favorite", bool),
    Parameter("timetable_type", repeated=True, default=()),
)


class DAGPatchBody(Body):
    """What of a DAG changes: whether it is paused."""

    is_paused: bool


def _last_run(call: Call, dag: Dag) -> DagRun | None:
    runs = call.airflow.dag_runs.group("dag_id", dag.dag_id).values()
    return max(runs, key=lambda run: run.id, default=None)


def found(call: Call, dag_id: str, words: str) -> Dag:
    """The DAG. Raises Detail with ``words`` where it does not exist."""
    dag = call.airflow.dags.get(dag_id)
    if dag is None:
        raise Detail(404, words.format(dag_id=dag_id))
    return dag


def _chosen(call: Call) -> list[Dag]:
    """The DAGs that the filters let through."""
    query = call.query
    rows: Iterable[Dag] = call.airflow.dags
    if query["exclude_stale"]:
        rows = [dag for dag in rows if dag.is_active]
    if query.get("paused") is not None:
        rows = [dag for dag in rows if bool(dag.is_paused) == query["paused"]]
    if query.get("tags"):
        wanted, every = set(query["tags"]), query.get("tags_match_mode") == "all"
        rows = (dag for dag in rows if (wanted <= set(dag.tags) if every else wanted & set(dag.tags)))
    if query.get("owners"):
        rows = (dag for dag in rows if any(holds(", ".join(dag.owners), owner) for owner in query["owners"]))
    for name in ("dag_id", "dag_display_name"):
        rows = matching(call, rows, name)
    for name in ("bundle_name", "bundle_version", "has_import_errors"):
        rows = equal(call, rows, name)
    if query.get("timetable_type"):
        rows = [dag for dag in rows if timetable_type(dag) in query["timetable_type"]]
    if query.get("has_asset_schedule") is not None:
        rows = [dag for dag in rows if (dag.schedule.assets is not None) == query["has_asset_schedule"]]
    if query.get("asset_dependency") is not None:
        waiting = _waiting_for(call, query["asset_dependency"])
        rows = [dag for dag in rows if dag.dag_id in waiting]
    if query.get("is_favorite") is not None:
        liked = call.airflow.favorites
        rows = [dag for dag in rows if ((call.principal.name, dag.dag_id) in liked) == query["is_favorite"]]
    if query.get("last_dag_run_state") is not None:
        rows = [dag for dag in rows if (run := _last_run(call, dag)) and run.state == query["last_dag_run_state"]]
    if query.get("dag_run_state"):
        states = words(query["dag_run_state"], [*DagRunState.__members__], "state")
        rows = [dag for dag in rows if getattr(_last_run(call, dag), "state", None) in states]
    if any(map(query.get, _RUN_BOUNDS)):
        rows = within(call, rows, "dag_run_start_date", lambda dag: getattr(_last_run(call, dag), "start_date", None))
        rows = within(call, rows, "dag_run_end_date", lambda dag: getattr(_last_run(call, dag), "end_date", None))
    return list(rows)


def _waiting_for(call: Call, part: str) -> set[str]:
    """The DAGs that wait for an asset with this in its name or its URI."""
    found = (each for each in call.airflow.assets if holds(each.asset_name, part) or holds(each.uri, part))
    return {reference.dag_id for asset in found for reference in asset.consuming_dags}


def _collection(call: Call, rows: list[Dag], total: int) -> Answer:
    return page_of(call, "dags", rows, total, dag_view)


@operation(
    "GET", "/dags", access=on_dag("GET"), query=(*PAGE, *_FILTERS, order_by("dag_id")), answer="DAGCollectionResponse"
)
def get_dags(call: Call) -> Answer:
    """List DAGs."""
    for text in call.query["order_by"] or ():
        if text.lstrip("-") in ("state", "start_date"):
            raise Oops("The database has no such column on DAGs, at which a real Airflow fails.")
    keys = order_keys(
        *("dag_id", "dag_display_name", "next_dagrun", "state", "start_date"),
        last_run_state=lambda dag: getattr(_last_run(call, dag), "state", None),
        last_run_start_date=lambda dag: getattr(_last_run(call, dag), "start_date", None),
    )
    rows = ordered(call, _chosen(call), keys, "dag_id", attrgetter("dag_id"))
    return _collection(call, rows[asked_page(call)], len(rows))


_PATCHED = (
    "tags",
    "tags_match_mode",
    "owners",
    "dag_id_pattern",
    "dag_id_prefix_pattern",
    "exclude_stale",
    "paused",
)


def _see_mask(call: Call) -> None:
    mask = call.query["update_mask"]
    if mask and set(mask) != {"is_paused"}:
        raise Detail(400, "Only `is_paused` field can be updated through the REST API")


@operation(
    "PATCH",
    "/dags",
    access=on_dag("PUT"),
    query=(UPDATE_MASK, *PAGE, *(each for each in _FILTERS if each.name in _PATCHED)),
    body=DAGPatchBody,
    event=True,
    answer="DAGCollectionResponse",
    refuses=(404,),
)
def patch_dags(call: Call) -> Answer:
    """Pause or unpause the DAGs that the filters name; without a pattern these are none (observed)."""
    _see_mask(call)
    if call.query["dag_id_pattern"] is None:
        return _collection(call, [], 0)
    rows = sorted(_chosen(call), key=lambda dag: dag.dag_id)
    changed = [dags.set_paused(call.airflow, dag.dag_id, call.body.is_paused) for dag in rows[asked_page(call)]]
    return _collection(call, changed, len(rows))


@operation("GET", "/dags/{dag_id}", access=on_dag("GET"), answer="DAGResponse", refuses=(404, 422))
def get_dag(call: Call) -> Answer:
    """Read a DAG."""
    return answer(dag_view(call, found(call, call.path["dag_id"], "The Dag with ID: `{dag_id}` was not found")))


@operation(
    "PATCH",
    "/dags/{dag_id}",
    access=on_dag("PUT"),
    query=(UPDATE_MASK,),
    body=DAGPatchBody,
    event=True,
    answer="DAGResponse",
)
def patch_dag(call: Call) -> Answer:
    """Pause or unpause a DAG."""
    dag = found(call, call.path["dag_id"], "Dag with id: {dag_id} was not found")
    _see_mask(call)
    return answer(dag_view(call, dags.set_paused(call.airflow, dag.dag_id, call.body.is_paused)))


@operation("DELETE", "/dags/{dag_id}", access=on_dag("DELETE"), event=True, success=204, refuses=(404, 409, 422))
def delete_dag(call: Call) -> Answer:
    """Delete a DAG with its runs, versions and every entry of the audit log that names it."""
    dag_id = call.path["dag_id"]
    found(call, dag_id, "Dag with id: {dag_id} was not found")
    airflow = call.airflow
    dags.delete(airflow, dag_id)
    for key in list(airflow.dag_versions.group("dag_id", dag_id)):
        airflow.dag_versions.delete(key)
    for row in [row for row in airflow.favorites if row.dag_id == dag_id]:
        airflow.favorites.delete((row.username, row.dag_id))
    event_logs.forget(airflow, dag_id)
    return Answer(status=204, content_type="")


@operation("GET", "/dags/{dag_id}/details", access=on_dag("GET"), answer="DAGDetailsResponse")
def get_dag_details(call: Call) -> Answer:
    """Read a DAG with all that its file declares."""
    return answer(details_view(call, found(call, call.path["dag_id"], "The Dag with ID: `{dag_id}` was not found")))


@operation("POST", "/dags/{dag_id}/favorite", access=on("GET"), event=True, success=204, refuses=(404, 409))
def favorite_dag(call: Call) -> None:
    """Take a DAG among the favourites of who asks."""
    dag = found(call, call.path["dag_id"], "Dag with id '{dag_id}' not found")
    if (call.principal.name, dag.dag_id) in call.airflow.favorites:
        raise unique_violation(call, f"{dag.dag_id!r} is a favourite of {call.principal.name!r} already.")
    call.airflow.favorites.put(Favorite(call.principal.name, dag.dag_id))


@operation("POST", "/dags/{dag_id}/unfavorite", access=on("GET"), event=True, success=204, refuses=(404, 409))
def unfavorite_dag(call: Call) -> None:
    """Take a DAG out of the favourites of who asks."""
    dag = found(call, call.path["dag_id"], "Dag with id '{dag_id}' not found")
    if (call.principal.name, dag.dag_id) not in call.airflow.favorites:
        raise Detail(409, "Dag is not marked as favorite")
    call.airflow.favorites.delete((call.principal.name, dag.dag_id))
