"""A DAG's tasks with what comes before and after each; worked out from its row, and kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from mock_airflow.domain.records.dags import Dag, Task
from mock_airflow.domain.records.runs import TaskInstance


class Node(Struct, frozen=True):
    """A task and its place: ``setups`` are those it needs though they are not directly before it (code)."""

    task: Task
    index: int
    upstream: tuple[str, ...]
    setups: tuple[str, ...]
    dependents: tuple[str, ...]
    no_work: bool
    fresh: TaskInstance
    plain_fields: Mapping[str, Any]


class Graph(Struct, frozen=True):
    """All nodes by task id, and the leaves that a run's state follows from.

    ``by_past`` says that some task looks at the run before, ``bounded`` that some task has a bound of its own,
    ``mapped`` that some is mapped.
    """

    dag: Dag
    nodes: Mapping[str, Node]
    leaves: frozenset[str]
    by_past: bool
    bounded: bool
    mapped: bool
