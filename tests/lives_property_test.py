"""Whatever the DAGs, plans and moments of looking: what is told of runs is a history that could have been."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_airflow import MockAirflow

START = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)
RULES = (
    "all_success all_failed all_done one_success one_failed one_done none_failed none_failed_min_one_success "
    "none_skipped all_skipped always"
).split()
NEXT: dict[str | None, set[str]] = {
    None: {"scheduled", "queued", "success", "skipped", "upstream_failed", "removed"},
    "scheduled": {"queued", "skipped"},
    "queued": {"running", "skipped"},
    "running": {"success", "failed", "skipped", "up_for_retry", "up_for_reschedule", "deferred"},
    "up_for_retry": {"scheduled", "queued", "skipped"},
    "up_for_reschedule": {"scheduled", "queued", "skipped"},
    "deferred": {"scheduled", "queued", "skipped"},
}
REACHED: dict[str | None, set[str]] = {}
FINISHED = {"success", "failed", "skipped", "upstream_failed", "removed"}


def reachable(state: str | None) -> set[str]:
    """All states that may follow, however seldom somebody looks."""
    if state not in REACHED:
        REACHED[state] = set()
        for after in NEXT.get(state, set()):
            REACHED[state] |= {after} | reachable(after)
    return REACHED[state]


for _ in range(3):
    for _state in NEXT:  # retries go in circles, so that one walk does not find all
        for _after in set(NEXT[_state]):
            REACHED[_state] = reachable(_state) | reachable(_after)


@st.composite
def worlds(draw: Any) -> dict[str, Any]:
    """Two DAGs with a pool of their own, a plan for each, and how their runs are started."""
    dags, plans = [], {}
    for dag_id in ("one", "two"):
        count = draw(st.integers(1, 5))
        tasks, plan = [], {}
        for number in range(count):
            name = f"t{number}"
            after = [f"t{other}" for other in range(number + 1, count) if draw(st.booleans())]
            retries = draw(st.integers(0, 2))
            tasks.append(
                {
                    "task_id": name,
                    "downstream_task_ids": after,
                    "operator_name": draw(st.sampled_from(["PythonOperator", "PythonOperator", "EmptyOperator"])),
                    "trigger_rule": draw(st.sampled_from(["all_success", "all_success", *RULES])),
                    "retries": retries,
                    "retry_delay": draw(st.sampled_from([0, 5, 40])),
                    "pool": draw(st.sampled_from(["narrow", "default_pool"])),
                    "priority_weight": draw(st.integers(1, 3)),
                    "depends_on_past": draw(st.sampled_from([False, False, True])),
                    "is_mapped": number > 0 and draw(st.sampled_from([False, False, True])),
                }
            )
            told: dict[str, Any] = {"seconds": draw(st.sampled_from([0, 1, 4.5, 20]))}
            told |= draw(
                st.sampled_from(
                    [
                        {},
                        {},
                        {"outcome": "failed"},
                        {"outcome": "skipped"},
                        {"fails": retries},
                        {"pokes": 2, "interval": 7},
                        {"deferred": 9},
                    ]
                )
            )
            if tasks[-1]["is_mapped"]:
                told["length"] = draw(st.integers(0, 4))
            if draw(st.booleans()) and tasks[-1]["operator_name"] != "EmptyOperator":
                plan[name] = told
        plans[dag_id] = plan
        dags.append(
            {
                "dag_id": dag_id,
                "tasks": tasks,
                "max_active_runs": draw(st.integers(1, 3)),
                "max_active_tasks": draw(st.integers(1, 4)),
                "schedule": 60,
                "start_date": START - timedelta(minutes=draw(st.integers(1, 4))),
                "catchup": draw(st.booleans()),
                "dag_run_timeout": draw(st.sampled_from([None, None, 30])),
            }
        )
    return {"pools": [{"name": "narrow", "slots": draw(st.integers(1, 2))}], "dags": dags, "plans": plans}


def living(world: dict[str, Any]) -> MockAirflow:
    from mock_airflow.world.reading import world_of

    mock = MockAirflow(clock=START, frozen=True)
    world_of(world).apply(mock.deployment)
    return mock


def history(mock: MockAirflow) -> Any:
    """Everything that is told, to the last id."""
    mock.deployment.settle()
    airflow = mock.deployment.airflow
    tables = (airflow.dag_runs, airflow.task_instances, airflow.tries, airflow.xcoms, airflow.event_logs)
    return [sorted(map(repr, table)) for table in tables], [repr(dag) for dag in airflow.dags]


def check(mock: MockAirflow, before: dict[Any, Any], world: dict[str, Any]) -> dict[Any, Any]:
    """That the moment is a possible one, and may follow the one before; gives what to compare the next with."""
    mock.deployment.settle()
    airflow, now = mock.deployment.airflow, mock.clock.now()
    used: Counter[str] = Counter()
    active: Counter[str] = Counter()
    states: dict[Any, Any] = {}
    for run in airflow.dag_runs:
        rows = list(airflow.task_instances.group("run", run.key).values())
        known = [one for one in (run.queued_at, run.start_date, run.end_date) if one is not None]
        assert known == sorted(known)
        assert all(one <= now for one in known)
        if run.state == "queued":
            assert all(row.state is None for row in rows)
        if run.state == "success":
            assert all(row.state in FINISHED for row in rows)
        states[run.key] = run.state
    for row in airflow.task_instances:
        moments = [one for one in (row.start_date, row.end_date) if one is not None]
        assert moments == sorted(moments)
        assert all(one <= now for one in moments)
        if row.state in ("queued", "running"):
            used[row.pool] += row.pool_slots
            active[row.dag_id] += 1
        was = before.get(row.key)
        assert row.state == was or row.state in reachable(was), (was, row.state)
        states[row.key] = row.state
    assert used["narrow"] <= world["pools"][0]["slots"]
    for dag in world["dags"]:
        assert active[dag["dag_id"]] <= dag["max_active_tasks"]
        running = airflow.dag_runs.group("open", (dag["dag_id"], "running"))
        queued = airflow.dag_runs.group("open", (dag["dag_id"], "queued"))
        assert len(running) + len(queued) <= dag["max_active_runs"]
    return states


@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.lists(st.sampled_from([0.2, 1, 3.7, 30]), min_size=5, max_size=40))
def test_every_moment_is_possible_and_looking_changes_nothing(world: dict[str, Any], steps: list[float]) -> None:
    looked_at, left_alone = living(world), living(world)
    before: dict[Any, Any] = {}
    kept = None
    for number, step in enumerate(steps):
        before = check(looked_at, before, world)
        if number == len(steps) // 2:
            kept = looked_at.snapshot()
            looked_at.clock.advance(1000)
            history(looked_at)
            looked_at.restore(kept)
        looked_at.clock.advance(step)
    left_alone.clock.advance(sum(steps))
    left_alone.clock.set(looked_at.clock.now())

    assert history(looked_at) == history(left_alone)
