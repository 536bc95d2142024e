"""Results that were read before they were there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.rules.polling import is_over, state_of
from mock_airflow.review.rules.retrying import is_trigger
from mock_airflow.review.rules.runs import run_of
from mock_airflow.review.traffic import Seen, Traffic, grouped

rule = partial(ReviewRule, subject="runs")

_STATES = frozenset({"get_dag_run", "get_task_instance", "get_mapped_task_instance", "dag_run_status"})
_TRIED = frozenset({"up_for_retry", "up_for_reschedule"})  # the try before is over, and its log is whole
_LOOKS = frozenset(
    "get_task_instances get_task_instances_batch get_mapped_task_instances get_dag_runs get_dag_runs_batch"
    " get_list_dag_runs_batch dag_runs wait_dag_run_until_finished".split()
)


@rule(
    "read-before-done",
    "Reads results before the task is done",
    severity=Severity.WARNING,
    source="observed: an XCom is 404 until its task has pushed it, and a log is what was written so far",
    consequence="On a busy Airflow the task starts later than in the test, and the client finds nothing or half of it.",
    way_out='while ti["state"] not in ("success", "failed"): sleep(10)  # then read',
)
def before_done(traffic: Traffic) -> Iterable[Finding]:
    """
    A client read an XCom that was not there yet, or a log of a task, although the last that it had been told of that
    run or task was a state which is not its end, or although it had just triggered the run and asked for no state at
    all, and did not read the same again afterwards. An XCom that was 404 and was found when the same was asked again
    counts as waited for, and so does a log that is followed. Whoever looked at a list of runs or task instances since,
    waited in one call, or was told that the task itself is over or up for another try, may well know better.
    """
    triggers: dict[Any, Seen] = {
        (call.client, (call.names.get("dag_id"), run_of(call))): call
        for call in traffic
        if is_trigger(call) and call.ok
    }
    looks = grouped((call for call in traffic if call.id in _LOOKS and call.ok), lambda call: call.client)
    for (client, key), calls in grouped(
        (call for call in traffic if call.run is not None), lambda call: (call.client, call.run)
    ).items():
        state: Seen | None = None
        early: list[Seen] = []
        done: set[str | None] = set()
        for call in calls:
            task = call.names.get("task_id")
            if call.id in _STATES and call.ok and state_of(call) is not None:
                state = call
                if task is not None and (is_over(call) or state_of(call) in _TRIED):
                    done.add(task)
            elif (call.id == "get_xcom_entry" and call.status == 404) or (call.id == "get_log" and call.ok):
                if state is None:
                    state = triggers.get((client, key))
                if state is None or is_over(state) or task in done or _read_again(calls, call):
                    continue
                if not any(state.number < look.number < call.number for look in looks.get(client, ())):
                    early.append(call)
        if early and state is not None:
            shown = tuple(dict.fromkeys((state, *early))) if state.number < early[0].number else tuple(early)
            yield Finding(
                f"#{early[0].number} read {'an XCom' if early[0].id == 'get_xcom_entry' else 'a log'} of"
                f" {early[0].names.get('task_id')} while the client had not been told that it is over.",
                shown,
                {"status": early[0].status},
            )


def _read_again(calls: list[Seen], call: Seen) -> bool:
    return any(each.number > call.number and each.entry.path == call.entry.path for each in calls)
