"""How a DAG behaves, as one finished run of it showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mock_airflow.domain.records.leftovers import ExtraLink, TaskLog, XCom
from mock_airflow.domain.records.runs import DagRun, TaskInstance, TaskInstanceTry

Place = tuple[str, int]  # task_id and map_index


@dataclass(frozen=True, kw_only=True, slots=True)
class DagModel:
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
