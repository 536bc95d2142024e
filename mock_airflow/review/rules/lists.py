"""Many calls where one would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.rules.pages import gaps, identity_of, page_of, readings
from mock_airflow.review.traffic import Seen, Traffic, grouped

rule = partial(ReviewRule, subject="pages and lists")


class Whole(NamedTuple):
    """The call that answers for many what another answers for one: its method and path, and how it is told which."""

    method: str
    path: str
    chosen: str = ""


# What a list's items have all that the single answer has (operation tables of both generations).
_OF_BOTH: Mapping[str, tuple[str, Whole]] = {
    "get_dag": ("dag_id", Whole("GET", "/dags", "?dag_id_pattern=")),
    "get_dag_run": ("dag_run_id", Whole("POST", "/dags/~/dagRuns/list", ' {"dag_ids": [...]}')),
    "get_task_instance": ("task_id", Whole("GET", "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances")),
    "get_task_instances": (
        "dag_run_id",
        Whole("POST", "/dags/~/dagRuns/~/taskInstances/list", ' {"dag_run_ids": [...]}'),
    ),
    "get_task": ("task_id", Whole("GET", "/dags/{dag_id}/tasks")),
    "get_variable": ("variable_key", Whole("GET", "/variables")),
    "get_pool": ("pool_name", Whole("GET", "/pools")),
    "get_event_log": ("event_log_id", Whole("GET", "/eventLogs")),
    "get_import_error": ("import_error_id", Whole("GET", "/importErrors")),
}
_WHOLE: Mapping[tuple[str, str], tuple[str, Whole]] = {
    **{(version, id): told for version in ("v1", "v2") for id, told in _OF_BOTH.items()},
    ("v2", "get_dag"): ("dag_id", Whole("GET", "/dags", "?dag_id_prefix_pattern=")),
    ("v2", "get_variable"): ("variable_key", Whole("GET", "/variables", "?variable_key_prefix_pattern=")),
    ("v2", "get_connection"): ("connection_id", Whole("GET", "/connections")),
}
_MANY = 5
_TOGETHER = 60.0  # seconds between two of them; later ones may well be about something new


@rule(
    "one-call-for-each",
    "Makes a call for each item of a list",
    severity=Severity.WARNING,
    source="documented: the list's items carry all that the single answer carries",
    consequence="With a thousand items it is a thousand calls, minutes instead of one second, and the rate limit's"
    " end.",
    way_out="",
    needs_times=True,
)
def one_for_each(traffic: Traffic) -> Iterable[Finding]:
    """
    One client asked the same operation for at least five different items, nothing else in between and less than a
    minute apart, where one list or batch call gives the same fields for all of them: DAGs, runs, task instances, tasks,
    variables, pools, event logs, import errors, with Airflow 3 also connections. Details, logs and XComs are in no
    list. Items asked for one by one as they come up, with other work between, are not meant.
    """
    for calls in traffic.by_client.values():
        row: list[Seen] = []
        for call in [*calls, None]:
            if call is not None and row and _continues(traffic, row[-1], call):
                row.append(call)
                continue
            yield from _of_row(row)
            row = [call] if call is not None and (call.version, call.id) in _WHOLE and not call.query else []


def _continues(traffic: Traffic, before: Seen, call: Seen) -> bool:
    return (
        (call.version, call.id) == (before.version, before.id)
        and not call.query
        and traffic.pause(before, call) < _TOGETHER
    )


def _of_row(row: list[Seen]) -> Iterable[Finding]:
    if len(row) < _MANY:
        return
    name, whole = _WHOLE[row[0].version, row[0].id]
    if len({call.entry.path for call in row}) < max(_MANY, len(row) // 2 + 1):  # a poll of few things is none of this
        return
    others = {tuple(value for key, value in call.names.items() if key != name) for call in row}
    if name in ("task_id", "variable_key") and len(others) > 1 and len(row) // len(others) < _MANY:
        return
    path = whole.path
    for key, value in row[0].names.items():
        path = path.replace(f"{{{key}}}", quote(value, safe=""))
    one = f"{whole.method} {row[0].described.root}{row[0].described.prefix}{path}{whole.chosen}"
    yield Finding(
        f"{len(row)} calls from #{row[0].number} to #{row[-1].number} asked {row[0].id} for one item each.",
        tuple(row),
        {"calls": len(row), "instead": one},
        avoidable=tuple(row[1:]),
        way_out=one,
    )


# Of a list: the name of an item in other paths, and how one item is had without the list.
_ITEMS: Mapping[str, tuple[str, str]] = {
    "get_dags": ("dag_id", "GET {prefix}/dags/{item}"),
    "get_dag_runs": ("dag_run_id", "GET {prefix}/dags/{dag}/dagRuns/{item}"),
    "get_variables": ("variable_key", "GET {prefix}/variables/{item}"),
    "get_connections": ("connection_id", "GET {prefix}/connections/{item}"),
    "get_pools": ("pool_name", "GET {prefix}/pools/{item}"),
    "get_task_instances": ("task_id", "GET {prefix}/dags/{dag}/dagRuns/{run}/taskInstances/{item}"),
}


@rule(
    "whole-list-for-one",
    "Reads a whole list to find one item",
    severity=Severity.NOTE,
    source="documented: every item is had by its id, and lists take filters",
    consequence="The cost grows with the list: ten pages instead of one call once there are a thousand DAGs.",
    way_out="",
)
def whole_for_one(traffic: Traffic) -> Iterable[Finding]:
    """
    One client read at least two pages of a list without any filter, to its end or until a page held the item, and the
    next call that it made was about exactly one item of that list, which was also the only one it ever named by a path.
    Whoever goes on to others of the list wanted the list.
    """
    named = _named(traffic)
    following = {one.number: other for calls in traffic.by_client.values() for one, other in pairwise(calls)}
    for reading in readings(traffic):
        first, last = reading[0].call, reading[-1].call
        kind = _ITEMS.get(first.id)
        if kind is None or len(reading) < 2 or any(not name.startswith("('order_by'") for name in first.filters):
            continue
        name, way = kind
        after = following.get(last.number)
        if after is None or name not in after.names or after.id == first.id:
            continue
        item, since = named[first.client, name]
        if last.number < since or item == "~":
            continue
        if gaps(reading) and not _holds(last, item):
            continue
        way = way.format(
            prefix=first.described.root + first.described.prefix,
            item=quote(item, safe=""),
            dag=quote(first.names.get("dag_id", ""), safe=""),
            run=quote(first.names.get("dag_run_id", ""), safe=""),
        )
        yield Finding(
            f"{len(reading)} pages of {first.entry.path} were read, and then {item} alone was asked for.",
            (*(page.call for page in reading), after),
            {"pages": len(reading), "item": item},
            avoidable=tuple(page.call for page in reading),
            way_out=way,
        )


def _named(traffic: Traffic) -> dict[object, tuple[str, int]]:
    """What each client named last by a name in a path, and the last call that named another; 0 for none."""
    found: dict[object, tuple[str, int]] = {}
    for call in reversed(traffic.calls):
        for name, value in call.names.items():
            last, other = found.setdefault((call.client, name), (value, 0))
            if value != last and not other:
                found[call.client, name] = last, call.number
    return found


def _holds(call: Seen, item: str) -> bool:
    return any((identity_of(call, each) or "").split("/")[-1] == item for each in call.items() or ())


_BULK: Mapping[tuple[str, str], str] = {
    ("v2", f"{verb}_{noun}"): f"/{noun}s"
    for noun in ("variable", "connection", "pool")
    for verb in ("post", "patch", "delete")
}


@rule(
    "one-by-one-where-bulk-is",
    "Changes one by one what one bulk call changes",
    severity=Severity.NOTE,
    subject="versions",
    source="documented: PATCH on the collection takes a list of actions with Airflow 3",
    consequence="A deployment of a hundred variables is a hundred calls, of which some may fail and leave it half"
    " done.",
    way_out="",
)
def bulk(traffic: Traffic) -> Iterable[Finding]:
    """
    One client of the API v2 created, changed or deleted at least five variables, connections or pools one after the
    other with nothing else in between. The API v1 has no bulk calls.
    """
    for calls in traffic.by_client.values():
        row: list[Seen] = []
        for call in [*calls, None]:
            path = None if call is None else _BULK.get((call.version, call.id))
            if call is not None and row and path == _BULK[row[0].version, row[0].id]:
                row.append(call)
                continue
            if len(row) >= _MANY:
                one = f"PATCH {row[0].described.root}/api/v2{_BULK[row[0].version, row[0].id]}"
                one += ' {"actions": [{"action": "create", "entities": [...]}]}'
                yield Finding(
                    f"{len(row)} calls from #{row[0].number} to #{row[-1].number} changed one item each.",
                    tuple(row),
                    {"calls": len(row)},
                    avoidable=tuple(row[1:]),
                    way_out=one,
                )
            row = [call] if call is not None and path is not None else []


@rule(
    "deep-offset-where-cursor-is",
    "Goes deep by offset where a cursor is",
    severity=Severity.NOTE,
    subject="versions",
    source="documented: lists of runs and task instances take cursor= with Airflow 3",
    consequence="The database counts all rows up to the offset for each page, and rows that come meanwhile push"
    " items on.",
    way_out='params={"cursor": page["next_cursor"] or ""}',
)
def deep_offset(traffic: Traffic) -> Iterable[Finding]:
    """
    One client of the API v2 read a list of runs or task instances further than its thousandth item by offset.
    """
    deep = [
        call
        for call in traffic
        if call.version == "v2" and call.id in ("get_dag_runs", "get_task_instances") and call.offset >= 1000
    ]
    deep = [call for call in deep if page_of(call) is not None]
    for calls in grouped(deep, lambda call: (call.client, call.entry.path)).values():
        yield Finding(
            f"GET {calls[0].entry.path} was read from item {max(call.offset for call in calls)} on.",
            tuple(calls),
            {"offset": max(call.offset for call in calls)},
        )
