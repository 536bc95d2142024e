"""Pools and how full they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import inf
from typing import Any, NamedTuple

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import PoolNameTakenError, PoolNotFoundError
from mock_airflow.domain.records import HOLDING, Pool, RunKey, TaskInstance

DEFAULT_POOL = "default_pool"


class Occupation(NamedTuple):
    """How many slots of a pool are in use and left, and how many the task instances of each kind ask for."""

    occupied_slots: int
    open_slots: float  # infinite for a pool of -1 slots
    running_slots: int
    queued_slots: int
    scheduled_slots: int
    deferred_slots: int


def get(airflow: Airflow, name: str) -> Pool:
    """The pool. Raises PoolNotFoundError."""
    pool = airflow.pools.get(name)
    if pool is None:
        raise PoolNotFoundError(name=name)
    return pool


def counted_states(pool: Pool | None) -> frozenset[str]:
    """The states whose task instances take slots of a pool."""
    return HOLDING | {"deferred"} if pool is not None and pool.include_deferred else HOLDING


def slots_of(airflow: Airflow, name: str, states: Iterable[str]) -> int:
    """The slots that a pool's task instances in these states ask for."""
    groups = (airflow.task_instances.group("pool", (name, state)).values() for state in states)
    return sum(ti.pool_slots for group in groups for ti in group)


def occupation(airflow: Airflow, pool: Pool) -> Occupation:
    """How full the pool is."""
    occupied = slots_of(airflow, pool.name, counted_states(pool))
    kinds = (slots_of(airflow, pool.name, (state,)) for state in ("running", "queued", "scheduled", "deferred"))
    return Occupation(occupied, inf if pool.slots == -1 else pool.slots - occupied, *kinds)


def open_slots(airflow: Airflow, name: str) -> float:
    """The slots a task could take now; none in a pool that does not exist."""
    pool = airflow.pools.get(name)
    return -inf if pool is None else occupation(airflow, pool).open_slots


def wake_waiting(airflow: Airflow, name: str, at: datetime) -> None:
    """Have the runs looked at whose tasks wait for room in the pool."""
    for key in _waiting(airflow, name):
        airflow.wake(key, at)


def give_back(airflow: Airflow, ti: TaskInstance, at: datetime) -> None:
    """Let others have the slots that a task instance holds, of its pool and its DAG, as somebody ends it by hand."""
    if ti.state in HOLDING or ti.state == "deferred":
        of_dag = airflow.dag_runs.group("open", (ti.dag_id, "running"))
        for key in dict.fromkeys([*_waiting(airflow, ti.pool), *of_dag]):
            airflow.expect(key, at)


def _waiting(airflow: Airflow, name: str) -> dict[RunKey, None]:
    """The runs whose tasks wait for room in the pool."""
    return {ti.run_key: None for ti in airflow.task_instances.group("pool", (name, "scheduled")).values()}


def create(
    airflow: Airflow, *, name: str, slots: int, description: str | None = None, include_deferred: bool = False
) -> Pool:
    """Add a pool. Raises PoolNameTakenError."""
    if name in airflow.pools:
        raise PoolNameTakenError(name=name)
    number = 1 + max((pool.id for pool in airflow.pools), default=0)  # a deleted one's is given again (observed)
    pool = Pool(
        id=airflow.claim_id("pools", number),
        name=name,
        slots=slots,
        description=description,
        include_deferred=include_deferred,
    )
    wake_waiting(airflow, name, airflow.now())
    return airflow.pools.put(pool)


def change(airflow: Airflow, which: str, /, **values: Any) -> Pool:
    """Change attributes of a pool.

    Raises PoolNotFoundError, or PoolNameTakenError when it is renamed to another's name.
    """
    before = get(airflow, which)
    after = replace(before, **values)
    if after.name != before.name:
        if after.name in airflow.pools:
            raise PoolNameTakenError(name=after.name)
        airflow.pools.delete(which)
    wake_waiting(airflow, after.name, airflow.now())
    return airflow.pools.put(after)


def delete(airflow: Airflow, name: str) -> None:
    """Remove the pool. Raises PoolNotFoundError."""
    get(airflow, name)
    airflow.pools.delete(name)
