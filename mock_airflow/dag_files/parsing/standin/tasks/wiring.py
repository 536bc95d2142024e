"""Dependencies: ``>>``, ``set_upstream``, labels on edges, ``chain`` and ``cross_downstream``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain as in_a_row, pairwise
from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import AirflowException


class DependencyMixin:
    """What can stand on either side of ``>>``."""

    @property
    def roots(self) -> list[Any]:
        """The tasks that what comes before is tied to."""
        raise NotImplementedError

    @property
    def leaves(self) -> list[Any]:
        """The tasks that what comes after is tied to."""
        raise NotImplementedError

    def set_upstream(self, other: Any, edge_modifier: Any = None) -> None:
        """Have this come after the other."""
        raise NotImplementedError

    def set_downstream(self, other: Any, edge_modifier: Any = None) -> None:
        """Have this come before the other."""
        raise NotImplementedError

    def as_setup(self) -> Any:
        """Marked as a setup."""
        raise NotImplementedError

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: Any = None) -> Any:
        """Marked as a teardown."""
        raise NotImplementedError

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: Any = None) -> None:
        """Take note of the other side's tie to this."""

    def __lshift__(self, other: Any) -> Any:
        self.set_upstream(other)
        return other

    def __rshift__(self, other: Any) -> Any:
        self.set_downstream(other)
        return other

    def __rrshift__(self, other: Any) -> Any:
        self.__lshift__(other)
        return self

    def __rlshift__(self, other: Any) -> Any:
        self.__rshift__(other)
        return self


def listed(value: Any) -> Sequence[Any]:
    """The value itself if it is a sequence, else a list of it."""
    return value if isinstance(value, Sequence) else [value]


class Ids(dict[str, None]):
    """A set of ids that keeps its order, so that the same file always gives the same answer."""

    add = dict.setdefault

    def update(self, *others: Any) -> None:  # type: ignore[override]
        """Add all of these."""
        for each in in_a_row(*others):
            self.setdefault(each)

    def discard(self, one: str) -> None:
        """Take one away, if it is there."""
        self.pop(one, None)

    remove = dict.__delitem__

    def isdisjoint(self, others: Iterable[str]) -> bool:
        """Whether none is among the others."""
        return self.keys().isdisjoint(others)

    def __or__(self, other: Any) -> Any:
        return set(self) | set(other)

    def __sub__(self, other: Any) -> Any:
        return set(self) - set(other)

    def __and__(self, other: Any) -> Any:
        return set(self) & set(other)

    def __eq__(self, other: object) -> bool:
        return set(self) == (set(other) if isinstance(other, (set, frozenset, Ids, list, tuple)) else other)

    __hash__ = None

    def __repr__(self) -> str:
        return repr(set(self))


class DAGNode(DependencyMixin):
    """A task or a group of tasks."""

    dag: Any = None
    task_group: Any = None
    upstream_task_ids: Any
    downstream_task_ids: Any

    @property
    def node_id(self) -> Any:
        """The id within the DAG."""
        raise NotImplementedError

    @property
    def label(self) -> Any:
        """The id without the group's."""
        group = self.task_group
        if group is not None and group.node_id and group.prefix_group_id:
            return self.node_id[len(group.node_id) + 1 :]
        return self.node_id

    @property
    def dag_id(self) -> str:
        """The DAG's id."""
        return self.dag.dag_id if self.has_dag() else "_in_memory_dag_"

    def has_dag(self) -> bool:
        """Whether it belongs to a DAG already."""
        return self.dag is not None

    def set_downstream(self, other: Any, edge_modifier: Any = None) -> None:
        self._relate(other, False, edge_modifier)

    def set_upstream(self, other: Any, edge_modifier: Any = None) -> None:
        self._relate(other, True, edge_modifier)

    def _relate(self, others: Any, upstream: bool, edge_modifier: Any) -> None:
        from mock_airflow.dag_files.parsing.standin.tasks.abstract_operator import AbstractOperator

        tasks: list[Any] = []
        for other in listed(others):
            other.update_relative(self, not upstream, edge_modifier=edge_modifier)
            for task in other.leaves if upstream else other.roots:
                if not isinstance(task, AbstractOperator):
                    raise AirflowException(
                        f"Relationships can only be set between Operators; received {task.__class__.__name__}"
                    )
                tasks.append(task)
        dags = {id(task.dag): task.dag for task in [*self.roots, *tasks] if task.has_dag()}
        if len(dags) > 1:
            raise AirflowException(
                f"Tried to set relationships between tasks in more than one DAG: {set(dags.values())}"
            )
        if not dags:
            raise AirflowException(
                "Tried to create relationships between tasks that don't have DAGs yet. "
                f"Set the DAG for at least one task and try again: {[self, *tasks]}"
            )
        (dag,) = dags.values()
        if not self.has_dag():
            self.dag = dag
        for task in tasks:
            if not task.has_dag():
                dag.add_task(task)
            before, after = (task, self) if upstream else (self, task)
            before.downstream_task_ids.add(after.node_id)
            after.upstream_task_ids.add(before.node_id)
            if edge_modifier:
                edge_modifier.add_edge_info(self.dag, before.node_id, after.node_id)

    @property
    def downstream_list(self) -> list[Any]:
        """The tasks right after this one."""
        return [self.dag.get_task(task_id) for task_id in self.downstream_task_ids]

    @property
    def upstream_list(self) -> list[Any]:
        """The tasks right before this one."""
        return [self.dag.get_task(task_id) for task_id in self.upstream_task_ids]

    def get_direct_relative_ids(self, upstream: bool = False) -> Any:
        """The ids of the tasks right before or after this one."""
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> list[Any]:
        """The tasks right before or after this one."""
        return self.upstream_list if upstream else self.downstream_list


class EdgeModifier(DependencyMixin):
    """A label that stands between tasks: ``a >> Label("yes") >> b``."""

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self._before: list[Any] = []
        self._after: list[Any] = []

    @property
    def roots(self) -> list[Any]:
        return self._after

    @property
    def leaves(self) -> list[Any]:
        return self._before

    def _keep(self, nodes: Any, stream: list[Any]) -> None:
        from mock_airflow.dag_files.parsing.standin.tasks.outputs import XComArg

        for node in listed(nodes):
            if not isinstance(node, (DAGNode, XComArg)):
                raise TypeError(f"Cannot use edge labels with {type(node).__name__}, only tasks, XComArg or TaskGroups")
            stream.append(node)
        if self._before and self._after and len(set(self._groups())) != 1:
            self._before[:] = map(_group_or_self, self._before)
            self._after[:] = map(_group_or_self, self._after)

    def _groups(self) -> Iterator[str]:
        from mock_airflow.dag_files.parsing.standin.tasks.groups import TaskGroup

        for node in [*self._before, *self._after]:
            one = node if isinstance(node, DAGNode) else getattr(node, "operator", None)
            if isinstance(one, TaskGroup) and one.task_group is None:
                yield one.group_id or "root"
            elif one is not None and one.task_group is not None:
                yield one.task_group.group_id or "root"

    def set_upstream(self, other: Any, edge_modifier: Any = None) -> None:
        self._keep(other, self._before)
        for node in self._after:
            node.set_upstream(other, edge_modifier=self)

    def set_downstream(self, other: Any, edge_modifier: Any = None) -> None:
        self._keep(other, self._after)
        for node in self._before:
            node.set_downstream(other, edge_modifier=self)

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: Any = None) -> None:
        if upstream:
            self.set_upstream(other)
        else:
            self.set_downstream(other)

    def add_edge_info(self, dag: Any, upstream_id: str, downstream_id: str) -> None:
        """Write the label on one edge."""
        dag.set_edge_info(upstream_id, downstream_id, {"label": self.label})


def _group_or_self(node: Any) -> Any:
    group = node.task_group if isinstance(node, DAGNode) else None
    return group if group is not None and not group.is_root else node


def label(label: str) -> EdgeModifier:
    """What ``airflow.utils.edgemodifier.Label`` gives."""
    return EdgeModifier(label=label)


def chain(*tasks: Any) -> None:
    """Each after the one before it; two lists in a row are tied in pairs."""
    for before, after in pairwise(tasks):
        if isinstance(before, DependencyMixin):
            before.set_downstream(after)
        elif isinstance(after, DependencyMixin):
            after.set_upstream(before)
        elif not isinstance(before, Sequence) or not isinstance(after, Sequence):
            raise TypeError(f"Chain not supported between instances of {type(before)} and {type(after)}")
        elif len(before) != len(after):
            raise AirflowException(
                f"Chain not supported for different length Iterable. Got {len(before)} and {len(after)}."
            )
        else:
            for one, other in zip(before, after, strict=True):
                one.set_downstream(other)


def chain_linear(*elements: Any) -> None:
    """Each after the one before it; of two lists in a row all are tied to all."""
    if not elements:
        raise ValueError("No tasks provided; nothing to do.")
    before = None
    for after in elements:
        if before is not None:
            for each in before:
                each.set_downstream(after)
        before = listed(after)
    if len(elements) < 2:
        raise ValueError("No dependencies were set. Did you forget to expand with `*`?")


def cross_downstream(from_tasks: Sequence[Any], to_tasks: Any) -> None:
    """Each of the first before each of the second."""
    for task in from_tasks:
        task.set_downstream(to_tasks)
