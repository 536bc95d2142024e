"""Asking again and again until something has happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from statistics import median

from mock_airflow.domain.records import FINISHED_TASK
from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.traffic import OVER, Seen, Traffic, grouped

rule = partial(ReviewRule, subject="waiting")

_RUNS = frozenset({"get_dag_run", "dag_run_status"})
_TASKS = frozenset({"get_task_instance", "get_mapped_task_instance", "task_instance_info"})
_LISTS = frozenset({"get_task_instances", "get_dag_runs"})
_BATCHES = frozenset({"get_task_instances_batch", "get_dag_runs_batch", "get_list_dag_runs_batch"})
_SEPARATE = 600.0  # seconds after which the same is looked at anew, and not waited for
POLLS = 5  # that many in a row are a poll
_FAST = 1.0  # seconds
_LONG = 60  # polls
_SLOW = 10.0  # seconds between them, at which nobody needs to slow down
_ALIKE = 0.1


def polls(traffic: Traffic) -> Iterator[list[Seen]]:
    """The same question of one client after a run, its tasks or a list of them, as often as it was asked."""
    for calls in traffic.same:
        answered = traffic.one_after_the_other(call for call in calls if call.ok)
        asks = answered and answered[0].method == "GET" and answered[0].id in _RUNS | _TASKS | _LISTS
        if asks or (answered and answered[0].id in _BATCHES):
            yield answered


def state_of(call: Seen) -> str | None:
    """The state of a run or a task instance, as a call was told it."""
    state = call.answered.get("state")
    return state if isinstance(state, str) else None


def is_over(call: Seen) -> bool:
    """Whether a call was told that a run, or a task instance, is in a state that it does not leave by itself."""
    return state_of(call) in (OVER if call.id in _RUNS else FINISHED_TASK)


@rule(
    "poll-too-fast",
    "Polls faster than anything happens",
    severity=Severity.WARNING,
    source="documented: Airflow's scheduler looks every second at best ([scheduler] scheduler_heartbeat_sec is 5)",
    consequence="A run of an hour costs thousands of requests, which eat the rate limit of everybody who shares the"
    " key.",
    way_out="time.sleep(10)  # between two polls; tasks take seconds to minutes",
    needs_times=True,
)
def too_fast(traffic: Traffic) -> Iterable[Finding]:
    """
    One client asked the same question after a run, its task instances or a list of them at least five times, and half
    of the pauses were shorter than a second. Pauses are taken by the deployment's clock, or really, whichever is
    longer; those during which the clock stood still prove nothing, as the test may have taken the waiting away, and
    neither do questions that threads asked at once.
    """
    for calls in polls(traffic):
        moved = (pair for pair in pairwise(calls) if not traffic.stood_still(pair))
        pauses = [traffic.pause(one, other) for one, other in moved]
        if len(pauses) < POLLS - 1:
            continue
        if (middle := median(pauses)) < _FAST:
            yield Finding(
                f"GET {calls[0].entry.path} was asked {len(calls)} times, mostly {middle:.3g} s apart.",
                tuple(calls),
                {"polls": len(calls), "median_pause": round(middle, 3)},
            )


@rule(
    "poll-never-slows",
    "Polls for long without slowing down",
    severity=Severity.NOTE,
    source="assumed: what has taken ten minutes is not over within the next ten seconds",
    consequence="Long runs cost hundreds of requests for an answer that changes once.",
    way_out="pause = min(pause * 1.5, 60)",
    needs_times=True,
)
def never_slows(traffic: Traffic) -> Iterable[Finding]:
    """
    One client asked the same question after a run more than sixty times, less than ten seconds apart, and the last
    pauses were no longer than the first, within a tenth. Polls of ten seconds and more need not slow down.
    """
    for calls in polls(traffic):
        if len(calls) <= _LONG or traffic.stood_still(calls):
            continue
        pauses = traffic.pauses(calls)
        early, late = median(pauses[:10]), median(pauses[-10:])
        if _FAST <= late < _SLOW and late <= early * (1 + _ALIKE):
            yield Finding(
                f"GET {calls[0].entry.path} was asked {len(calls)} times, {early:.3g} s apart at first and {late:.3g} s"
                " at last.",
                tuple(calls),
                {"polls": len(calls), "first_pauses": round(early, 3), "last_pauses": round(late, 3)},
            )


@rule(
    "poll-goes-on",
    "Goes on asking what has come to its end",
    severity=Severity.WARNING,
    source="observed: success and failed are final until somebody clears the run",
    consequence="A run that failed is waited for until somebody kills the job.",
    way_out='if run["state"] in ("success", "failed"): break',
)
def goes_on(traffic: Traffic) -> Iterable[Finding]:
    """
    One client was told that a run or a task instance is in its last state, and asked the same at least three times
    more, each answered with that state, while it had changed nothing in that DAG (nothing cleared, no state set). Who
    looks again after more than ten minutes does not wait.
    """
    for calls in polls(traffic):
        if calls[0].id in _LISTS | _BATCHES:
            continue
        ended = next((place for place, call in enumerate(calls) if is_over(call)), None)
        if ended is None:
            continue
        first, more = calls[ended], _without_break(traffic, calls[ended:])[1:]
        more = [call for call in more if state_of(call) == state_of(first)]
        if len(more) >= 3 and not _changed_between(traffic, first, more[-1]):
            yield Finding(
                f"#{first.number} told that the state is {state_of(first)}, and it was asked for {len(more)} times"
                " more.",
                (first, *more),
                {"state": state_of(first), "polls": len(more)},
                avoidable=tuple(more),
            )


def _without_break(traffic: Traffic, calls: list[Seen]) -> list[Seen]:
    """The calls up to the first pause of more than ten minutes; all where no times are known."""
    for place, (one, other) in enumerate(pairwise(calls), 1):
        if traffic.knows_times and traffic.pause(one, other) > _SEPARATE:
            return calls[:place]
    return calls


def _changed_between(traffic: Traffic, one: Seen, other: Seen) -> bool:
    """Whether somebody wrote to the DAG in between."""
    for call in traffic.after(one):
        if call.number >= other.number:
            return False
        if call.method != "GET" and call.names.get("dag_id") in (one.names.get("dag_id"), "~"):
            return True
    return False


_TAIL = 3


@rule(
    "log-read-from-the-start",
    "Follows a log by reading all of it again",
    severity=Severity.NOTE,
    source="documented: the answer's continuation_token leads on from where it ended",
    consequence="Each look costs the whole log once more, which the webserver reads from storage each time.",
    way_out='params={"token": answer["continuation_token"]}',
)
def log_again(traffic: Traffic) -> Iterable[Finding]:
    """
    One client read the log of the same try of the same task at least three times with 200, and sent no token, so that
    each began at the first line. Reading it once when the task is over, or with the token of the answer before, is not,
    nor is reading it again after more than ten minutes.
    """
    logs = (call for call in traffic if call.id == "get_log" and call.ok and call.asked("token") is None)
    key = lambda call: (call.client, call.entry.path, call.asked("map_index"))  # noqa: E731
    for every in grouped(logs, key).values():
        calls = _without_break(traffic, every)
        if len(calls) >= _TAIL:
            yield Finding(
                f"GET {calls[0].entry.path} was read {len(calls)} times from its first line on.",
                tuple(calls),
                {"reads": len(calls)},
            )
