"""Asking again what failed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.traffic import Seen, Traffic

rule = partial(ReviewRule, subject="waiting")

_FAILED = frozenset({0, 429, 500, 502, 503, 504})
_TRIES = 4  # of the same request in a row; fewer pauses show no pattern
_MOST = 10  # tries after which nobody can call it bounded
_ALIKE = 0.1  # of the longest pause
_AT_ONCE = 0.1  # seconds
_ANEW = 600.0  # seconds after which the same request is another attempt at another time, as of a job that runs hourly
_HEALTH = frozenset({"get_health", "test"})  # what monitors ask on and on, whatever comes


def failing_rows(traffic: Traffic) -> Iterator[list[Seen]]:
    """The same request of the same client, as often as it failed in a row, with the one that ended the row.

    Calls of threads that ask at once are no retries, nor is what comes ten minutes later, nor a monitor's look.
    """
    for calls in traffic.same:
        if calls[0].id in _HEALTH:
            continue
        row: list[Seen] = []
        for call in calls:
            if row and call.status in _FAILED and traffic.overlaps(row[-1], call):
                continue
            if row and traffic.knows_times and traffic.pause(row[-1], call) > _ANEW:
                if len(row) > 1:
                    yield row
                row = []
            row.append(call)
            if call.status not in _FAILED:
                if len(row) > 1:
                    yield row
                row = []
        if len(row) > 1:
            yield row


@rule(
    "retries-at-one-pace",
    "Retries without a growing pause",
    severity=Severity.WARNING,
    source="assumed: a server that is down gets up under less load than it went down under",
    consequence="All clients together come back at the same beat and keep a struggling Airflow on its knees.",
    way_out="Retry(5, backoff_factor=1, backoff_jitter=1)",
    needs_times=True,
)
def at_one_pace(traffic: Traffic) -> Iterable[Finding]:
    """
    One client sent the same request at least four times in a row, each answered with 429, 500, 502, 503, 504 or not at
    all, and no answer named a Retry-After. The pauses were all alike within a tenth, or all below a tenth of a second.
    Pauses that grow, and those drawn by chance, differ by more. While the clock of a deployment stands still nothing is
    taken as proof. A poll that goes on at the pace which it had before is none of this, nor is a look at the health.
    """
    for row in failing_rows(traffic):
        if len(row) < _TRIES or traffic.stood_still(row) or any("retry-after" in call.told for call in row[:-1]):
            continue
        pauses = traffic.pauses(row)
        longest, shortest = max(pauses), min(pauses)
        if _was_polled_so(traffic, row[0], longest):
            continue
        if longest < _AT_ONCE or longest - shortest <= _ALIKE * longest:
            yield Finding(
                f"{row[0].method} {row[0].entry.path} was sent {len(row)} times in a row, each {longest:.3g} s"
                " after the"
                " one before.",
                tuple(row),
                {"tries": len(row), "longest_pause": round(longest, 3), "shortest_pause": round(shortest, 3)},
            )


def _was_polled_so(traffic: Traffic, first: Seen, pause: float) -> bool:
    """Whether the same had been asked, and answered, just so long before the first failure."""
    before = [call for call in traffic.by_request[first.client, first.request] if call.number < first.number]
    return bool(before) and before[-1].ok and abs(traffic.pause(before[-1], first) - pause) <= _ALIKE * pause


@rule(
    "retries-without-end",
    "Retries without an end",
    severity=Severity.WARNING,
    source="assumed: no operator waits for the eleventh attempt",
    consequence="The job hangs for as long as Airflow is down instead of failing where somebody sees it.",
    way_out="Retry(total=5, backoff_factor=1)",
)
def without_end(traffic: Traffic) -> Iterable[Finding]:
    """
    One client sent the same request more than ten times in a row, and every answer but perhaps the last was 429, 500,
    502, 503, 504 or none at all. Ten and fewer are taken as bounded. A monitor's look at the health is not meant, nor
    what comes more than ten minutes after the failure before it.
    """
    for row in failing_rows(traffic):
        if len(row) > _MOST:
            yield Finding(
                f"{row[0].method} {row[0].entry.path} was sent {len(row)} times in a row while it failed.",
                tuple(row),
                {"tries": len(row)},
                avoidable=tuple(row[_MOST:]),
            )


_UNKNOWN = frozenset({0, 500, 502, 503, 504})  # nobody knows whether it was done


@rule(
    "trigger-retried-without-run-id",
    "Retries a trigger without a run id of its own",
    severity=Severity.WARNING,
    source="observed: a gateway's 502 or 504 says nothing of whether Airflow made the run",
    consequence="Where only the answer was lost the DAG runs twice, with everything that it loads, sends and bills.",
    way_out='json={"dag_run_id": f"my-job-{uuid4()}", "conf": conf}  # made once, before the first attempt',
)
def trigger_retried(traffic: Traffic) -> Iterable[Finding]:
    """
    A trigger without a run id and without a date was answered with 500, 502, 503, 504 or not at all, and the same
    client sent the same body to the same DAG again. It is an error where the deployment's rows show that the first one
    had made a run all the same. A trigger with its own run id is not: the second is refused with 409. One that was
    refused with 429 has made nothing. Whoever reads the DAG's runs in between has looked, and what comes more than ten
    minutes later is another trigger; neither is meant unless two runs were made.
    """
    for calls in traffic.same:
        if not is_trigger(calls[0]) or has_identity(calls[0].body):
            continue
        for one, other in itertools.pairwise(calls):
            if one.status not in _UNKNOWN:
                continue
            first, second = made_runs(one), made_runs(other)
            if first and second:
                yield Finding(
                    f"#{one.number} was answered with {one.status or 'nothing'} after it had made the run {first[0]};"
                    f" #{other.number} made another, {second[0]}.",
                    (one, other),
                    {"runs": [first[0], second[0]]},
                    severity=Severity.ERROR,
                )
            elif _looked(traffic, one, other):
                continue
            else:
                yield Finding(
                    f"#{one.number} was answered with {one.status or 'nothing'}, and #{other.number} sent the same"
                    " again.",
                    (one, other),
                    {"status": one.status},
                )
            break


def _looked(traffic: Traffic, one: Seen, other: Seen) -> bool:
    """Whether a client read the DAG's runs between two triggers, or let so much time pass that they are two."""
    if traffic.knows_times and traffic.pause(one, other) > _ANEW:
        return True
    dag = one.names.get("dag_id")
    between = (call for call in traffic.after(one) if call.number < other.number and call.client == one.client)
    reads = (call for call in between if call.ok and call.names.get("dag_id") in (dag, "~"))
    return any("/dagRuns" in call.entry.path and (call.method == "GET" or call.id in _LISTS) for call in reads)


_LISTS = frozenset({"get_dag_runs_batch", "get_list_dag_runs_batch"})


def is_trigger(call: Seen) -> bool:
    """Whether it asks for a run."""
    return call.id in ("post_dag_run", "trigger_dag_run", "trigger_dag")


def has_identity(body: Mapping[str, Any]) -> bool:
    """Whether a second run with the same body would be refused, by its id or by its date."""
    return any(body.get(name) for name in ("dag_run_id", "run_id", "logical_date", "execution_date"))


def made_runs(call: Seen) -> list[str]:
    """The runs that a call made, as the rows show that it changed."""
    return [
        str(getattr(change.after, "run_id", change.key))
        for change in call.entry.changes
        if change.table == "dag_runs" and change.before is None and change.after is not None
    ]
