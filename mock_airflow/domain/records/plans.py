"""How a DAG behaves, as one finished run of it showed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

from mock_airflow.domain.records.assets import AssetEvent
from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.domain.records.results import ExtraLink, TaskLog, XCom
from mock_airflow.domain.records.runs import DagRun, TaskInstance, TaskInstanceTry

Place = tuple[str, int]  # task_id and map_index


class Wait(NamedTuple):
    """That an attempt lets go of its slot for some seconds: ``up_for_reschedule`` or ``deferred``."""

    state: str
    seconds: float


class Attempt(NamedTuple):
    """One attempt: seconds it runs, the state it ends in (success, failed, skipped), and the waits before that.

    ``held`` says that it does not end before somebody releases it, ``final`` that its failure is not tried again.
    """

    seconds: float
    outcome: str
    waits: tuple[Wait, ...] = ()
    held: bool = False
    final: bool = False


class TaskOrder(Struct, frozen=True, kw_only=True):
    """What a plan says of one task, or of one index of a mapped one; None leaves it to the default plan.

    ``follows`` are the tasks a branch goes on with; ``length`` how many instances a mapped task has; ``xcoms`` what a
    success leaves; ``log`` the lines it logs; ``error`` the last line of a failure's traceback; ``starts`` the run
    that a TriggerDagRunOperator makes; ``changes`` the extras of the asset events that a success makes, by URI.
    """

    attempts: tuple[Attempt, ...] | None = None
    follows: tuple[str, ...] | None = None
    length: int | None = None
    xcoms: JsonObject | None = None
    log: tuple[str, ...] | None = None
    error: str | None = None
    starts: JsonObject | None = None
    changes: JsonObject | None = None
    items: Mapping[int, TaskOrder] = field(default_factory=dict)


class RunPlan(Struct, frozen=True, kw_only=True):
    """How runs of a DAG unfold, by task; of one run where ``run_id`` is given."""

    dag_id: str
    run_id: str | None = None
    tasks: Mapping[str, TaskOrder] = field(default_factory=dict)


class DagModel(Struct, frozen=True, kw_only=True):
    """The finished run that later runs of a DAG are modelled on, with everything it left.

    It holds the rows themselves, as they were, so that changing, clearing or deleting that run by hand does not change
    how the DAG behaves.
    """

    dag_id: str
    run: DagRun
    instances: Mapping[str, tuple[TaskInstance, ...]] = field(default_factory=dict)
    tries: Mapping[Place, tuple[TaskInstanceTry, ...]] = field(default_factory=dict)
    xcoms: Mapping[Place, tuple[XCom, ...]] = field(default_factory=dict)
    logs: Mapping[Place, tuple[TaskLog, ...]] = field(default_factory=dict)
    links: Mapping[Place, tuple[ExtraLink, ...]] = field(default_factory=dict)
    events: Mapping[str, tuple[AssetEvent, ...]] = field(default_factory=dict)
