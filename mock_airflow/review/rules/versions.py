"""What is on its way out, and what a newer Airflow does better."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.rules.polling import POLLS, polls
from mock_airflow.review.traffic import Seen, Traffic, grouped

rule = partial(ReviewRule, subject="versions")

_MOVED = ("roles", "permissions", "users")  # deprecated in the document of 2.11.2


@rule(
    "deprecated-operation",
    "Calls operations that are on their way out",
    severity=Severity.WARNING,
    source="documented: deprecated in Airflow's own OpenAPI document; answers of /api/experimental carry"
    " Deprecation: true",
    consequence="With Airflow 3 these paths are gone: every call is a 404.",
    way_out="",
)
def deprecated_operation(traffic: Traffic) -> Iterable[Finding]:
    """
    A call went to /api/experimental, or to users, roles or permissions below /api/v1, which the document of Airflow
    2.11.2 marks as deprecated.
    """
    old = [call for call in traffic if call.operation is not None and _instead(call) is not None]
    for (_, instead), calls in grouped(old, lambda call: (call.id, _instead(call) or "")).items():
        yield Finding(
            f"{calls[0].method} {calls[0].entry.path} is deprecated; it was called "
            + ("once." if len(calls) == 1 else f"{len(calls)} times."),
            tuple(calls),
            {"operation": calls[0].id, "calls": len(calls)},
            way_out=instead,
        )


def _instead(call: Seen) -> str | None:
    if call.version == "experimental":
        return "/api/v1" + _NEW.get(call.id, "") if call.id in _NEW else "/api/v1"
    first = call.operation.path.split("/")[1] if call.version == "v1" and call.operation is not None else ""
    return f"/auth/fab/v1/{first}" if first in _MOVED else None


_NEW = {
    "trigger_dag": "/dags/{dag_id}/dagRuns",
    "dag_runs": "/dags/{dag_id}/dagRuns",
    "dag_run_status": "/dags/{dag_id}/dagRuns/{dag_run_id}",
    "latest_dag_runs": "/dags/~/dagRuns?order_by=-execution_date",
    "get_pools": "/pools",
    "get_pool": "/pools/{pool_name}",
    "create_pool": "/pools",
    "delete_pool": "/pools/{pool_name}",
    "dag_paused": "/dags/{dag_id}",
    "dag_is_paused": "/dags/{dag_id}",
    "task_info": "/dags/{dag_id}/tasks/{task_id}",
    "test": "/health",
}


@rule(
    "deprecated-field",
    "Sends fields that are on their way out",
    severity=Severity.WARNING,
    source="documented: execution_date is deprecated in the document of 2.11.2; observed: 3.x refuses it with 422",
    consequence="With Airflow 3 every such trigger is refused with 422.",
    way_out='json={"logical_date": ...}  # instead of execution_date',
)
def deprecated_field(traffic: Traffic) -> Iterable[Finding]:
    """
    A trigger through /api/v1 or /api/v2 sent execution_date in its body. Filters of lists by execution_date are not
    meant: v1 has no other.
    """
    old = [
        call for call in traffic if call.id in ("post_dag_run", "trigger_dag_run") and call.body.get("execution_date")
    ]
    for calls in grouped(old, lambda call: call.client).values():
        yield Finding(
            f"#{calls[0].number} sent execution_date.", tuple(calls), {"field": "execution_date", "calls": len(calls)}
        )


_NAIVE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?")
_LOST_PLUS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)? \d\d:?\d\d")
_DATED = re.compile(
    r"(?:.*_(?:gte|gt|lte|lt)|before|after|logical_date|execution_date|run_after|.*_date|data_interval_\w+)"
)


@rule(
    "date-without-zone",
    "Sends dates without a time zone",
    severity=Severity.WARNING,
    source="observed: 3.x answers 500 to such a filter and 422 to such a body; 2.x takes its own zone",
    consequence="With Airflow 2 it means another moment wherever the server has another zone; with Airflow 3 it fails.",
    way_out="datetime.now(timezone.utc).isoformat()  # and params= of the library, which encodes the +",
)
def no_zone(traffic: Traffic) -> Iterable[Finding]:
    """
    A filter or a field of a body that is a date held a day, or a day and a time, with neither Z nor an offset; or an
    offset whose plus had become a blank, as it does where a URL is put together by hand.
    """
    found: dict[str, list[Seen]] = {}
    lost: dict[str, bool] = {}
    for call in traffic:
        if call.version in ("v1", "v2"):
            for name, value in _dates(call):
                if _NAIVE.fullmatch(value) or _LOST_PLUS.fullmatch(value):
                    found.setdefault(name, []).append(call)
                    lost[name] = _LOST_PLUS.fullmatch(value) is not None
    for name, calls in found.items():
        said = "whose + was lost" if lost[name] else "without a zone"
        yield Finding(
            f"#{calls[0].number} sent {name} {said}.", tuple(dict.fromkeys(calls)), {"name": name, "calls": len(calls)}
        )


def _dates(call: Seen) -> Iterator[tuple[str, str]]:
    items: list[tuple[str, Any]] = [(name, value) for name, values in call.query.items() for value in values]
    items += list(call.body.items())
    for name, value in items:
        if isinstance(value, str) and _DATED.fullmatch(name):
            yield name, value


@rule(
    "poll-where-wait-is",
    "Polls where one call waits",
    severity=Severity.NOTE,
    source="documented: GET .../dagRuns/{dag_run_id}/wait of Airflow 3 answers a line for each look, the last with"
    " the end",
    consequence="A hundred requests and their checks of the credential are spent where one would do.",
    way_out="",
)
def wait_instead(traffic: Traffic) -> Iterable[Finding]:
    """
    One client of the API v2 asked after the same run at least five times with get_dag_run. The API v1 has nothing that
    waits.
    """
    for calls in polls(traffic):
        if calls[0].version == "v2" and calls[0].id == "get_dag_run" and len(calls) >= POLLS:
            yield Finding(
                f"GET {calls[0].entry.path} was asked {len(calls)} times.",
                tuple(calls),
                {"polls": len(calls)},
                avoidable=tuple(calls[1:]),
                way_out=f"GET {calls[0].entry.path}/wait?interval=5",
            )
