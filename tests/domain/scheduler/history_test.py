"""Whatever the DAGs, plans, moments of looking and changes by hand: what is told is a history that could have been.

``LIVES_EXAMPLES`` in the environment has so many examples tried, drawn anew each time, for a long hunt.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from mock_airflow import MockAirflow

from .interference import Outside
from .truths import Witness, bounds_were_kept, ends_agree, rules_were_kept
from .worlds import START, Action, World, actions, calm_worlds, steps, worlds

EXAMPLES = int(os.environ.get("LIVES_EXAMPLES", "0"))
PATIENCE = 40_000  # seconds in which everything comes to its end that can


def hunt(examples: int) -> Any:
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        deadline=None,
        phases=[Phase.generate],  # to make an example smaller takes minutes
        suppress_health_check=list(HealthCheck),
    )


def living(world: World) -> MockAirflow:
    from mock_airflow.world.reading import world_of

    mock = MockAirflow(clock=START, frozen=True, user="admin:admin:Admin")
    world_of(world).apply(mock.deployment)
    mock.deployment.begin()
    return mock


def history(mock: MockAirflow) -> Any:
    """Everything that is told, to the last id."""
    mock.deployment.settle()
    airflow = mock.deployment.airflow
    tables = (
        airflow.dag_runs,
        airflow.task_instances,
        airflow.tries,
        airflow.xcoms,
        airflow.asset_events,
        airflow.queued_events,
        airflow.event_logs,
    )
    return [sorted(map(repr, table)) for table in tables], [repr(dag) for dag in airflow.dags]


@hunt(30)
@given(worlds(), steps)
def test_every_moment_is_possible_and_looking_changes_nothing(world: World, pace: list[float]) -> None:
    looked_at, left_alone = living(world), living(world)
    witness, fork = Witness(looked_at, world), None
    for number, step in enumerate(pace):
        witness.look()
        if number == len(pace) // 2:
            kept = looked_at.snapshot()
            fork = looked_at.fork()
            looked_at.clock.advance(1000)
            history(looked_at)
            looked_at.restore(kept)
        looked_at.clock.advance(step)
    left_alone.clock.set(looked_at.clock.now())
    assert fork is not None
    fork.clock.set(looked_at.clock.now())

    assert history(looked_at) == history(left_alone) == history(fork)
    bounds_were_kept(looked_at, world)
    ends_agree(looked_at, world)
    rules_were_kept(looked_at, world)


@hunt(30)
@given(worlds(), steps, actions)
def test_changes_by_hand_leave_a_possible_world_in_which_all_comes_to_an_end(
    world: World, pace: list[float], deeds: list[Action]
) -> None:
    looked_at, left_alone = living(world), living(world)
    witness, here, there = Witness(looked_at, world), Outside(looked_at), Outside(left_alone)
    every = max(1, len(pace) // (len(deeds) + 1))
    todo = list(deeds)
    for number, step in enumerate(pace, 1):
        witness.look()
        if number % every == 0 and todo:
            deed = todo.pop(0)
            left_alone.clock.set(looked_at.clock.now())
            here.act(deed)
            there.act(deed)
            witness.interfered()
        looked_at.clock.advance(step)
    left_alone.clock.set(looked_at.clock.now())
    witness.look()
    assert history(looked_at) == history(left_alone)

    for outside in (here, there):
        outside.pool_slots(0, 2)
        for which in range(3):
            outside.unpause(which, 0)
    witness.interfered()
    for _ in range(10):
        looked_at.clock.advance(PATIENCE / 10)
        witness.look()
    left_alone.clock.set(looked_at.clock.now())
    assert history(looked_at) == history(left_alone)
    comes_to_an_end(looked_at, world)


@hunt(12)
@given(calm_worlds(), st.lists(st.integers(0, 9_000), min_size=1, max_size=4), steps)
def test_long_undisturbed_times_are_passed_as_if_somebody_had_looked(
    world: World, leaps: list[int], pace: list[float]
) -> None:
    """Hours at once, hours in a few leaps, and hours of which some are looked at closely: all the same."""
    at_once, in_leaps, closely = living(world), living(world), living(world)
    witness = Witness(closely, world)
    for leap in leaps:
        in_leaps.clock.advance(leap)
        history(in_leaps)
        for step in pace[:8]:
            closely.clock.advance(min(step, max(0.0, (in_leaps.clock.now() - closely.clock.now()).total_seconds())))
            witness.look()
        closely.clock.set(in_leaps.clock.now())
    at_once.clock.set(in_leaps.clock.now())

    assert history(at_once) == history(in_leaps) == history(closely)
    bounds_were_kept(at_once, world)
    ends_agree(at_once, world)
    rules_were_kept(at_once, world)


def comes_to_an_end(mock: MockAirflow, world: World) -> None:
    """No run is left open, but where a task waits for what was before it, or has a bound of its own (code)."""
    airflow = mock.deployment.airflow
    for dag in world["dags"]:
        waits = any(
            task["depends_on_past"] or "max_active_tis_per_dag" in task or "max_active_tis_per_dagrun" in task
            for task in dag["tasks"]
        )
        for run in airflow.dag_runs.group("dag_id", dag["dag_id"]).values():
            rows = airflow.task_instances.group("run", run.key).values()
            assert waits or run.state in ("success", "failed"), (run, [(row.key, row.state) for row in rows])
