"""Task groups, and which one is open."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import (
    AirflowException,
    DuplicateTaskIdFound,
    TaskAlreadyInTaskGroup,
)
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.tasks.wiring import DAGNode, Ids, listed

_GROUP_KEY = re.compile(r"[\w\-]+")


def validate_group_key(key: Any, max_length: int = 200) -> None:
    """Raise what Airflow raises for an id that a group cannot have."""
    if not isinstance(key, str):
        raise TypeError(f"The key has to be a string and is {type(key)}:{key}")
    if len(key) > max_length:
        raise AirflowException(f"The key has to be less than {max_length} characters, not {len(key)}")
    if not _GROUP_KEY.fullmatch(key):
        raise AirflowException(
            f"The key {key!r} has to be made of alphanumeric characters, dashes and underscores exclusively"
        )


class TaskGroupContext:
    """The groups that are open, the innermost last."""

    active = False
    stack: list[Any] = []

    @classmethod
    def push_context_managed_task_group(cls, group: Any) -> None:
        """Open a group."""
        cls.stack.append(group)
        cls.active = True

    @classmethod
    def pop_context_managed_task_group(cls) -> Any:
        """Close the innermost group."""
        group = cls.stack.pop() if cls.stack else None
        cls.active = False
        return group

    @classmethod
    def get_current_task_group(cls, dag: Any) -> Any:
        """The group that a new task belongs to."""
        from mock_airflow.dag_files.parsing.standin.dags.context import DagContext

        if cls.stack:
            return cls.stack[-1]
        dag = dag or DagContext.get_current_dag()
        return dag.task_group if dag else None


class TaskGroup(DAGNode):
    """A group of tasks; a DAG has one for all of its own, which has no id."""

    def __init__(
        self,
        group_id: str | None,
        prefix_group_id: bool = True,
        parent_group: Any = None,
        dag: Any = None,
        default_args: Any = None,
        tooltip: str = "",
        ui_color: str = "CornflowerBlue",
        ui_fgcolor: str = "#000",
        add_suffix_on_collision: bool = False,
        group_display_name: str = "",
    ) -> None:
        from mock_airflow.dag_files.parsing.standin.dags.context import DagContext

        self.prefix_group_id = prefix_group_id
        self.default_args = copy.deepcopy(default_args or {})
        self.children: dict[str, Any] = {}
        self.tooltip, self.ui_color, self.ui_fgcolor = tooltip, ui_color, ui_fgcolor
        self.upstream_group_ids, self.downstream_group_ids = Ids(), Ids()
        self.upstream_task_ids, self.downstream_task_ids = Ids(), Ids()
        self._group_id = group_id
        dag = dag or DagContext.get_current_dag()
        if group_id is None:
            if parent_group:
                raise AirflowException("Root TaskGroup cannot have parent_group")
            self.used_group_ids: set[Any] = set()
            self.dag = dag
        else:
            if prefix_group_id:
                validate_group_key(group_id)
            elif not isinstance(group_id, str):
                raise ValueError("group_id must be str")
            elif not group_id:
                raise ValueError("group_id must not be empty")
            if not parent_group and not dag:
                raise AirflowException("TaskGroup can only be used inside a dag")
            parent_group = parent_group or TaskGroupContext.get_current_task_group(dag)
            if not parent_group:
                raise AirflowException("TaskGroup must have a parent_group except for the root TaskGroup")
            if dag is not parent_group.dag:
                raise RuntimeError(f"Cannot mix TaskGroups from different DAGs: {dag} and {parent_group.dag}")
            self.used_group_ids = parent_group.used_group_ids
        self._avoid_collision(add_suffix_on_collision)
        if parent_group:
            parent_group.add(self)
            if parent_group.default_args:
                self.default_args = {**parent_group.default_args, **self.default_args}
        self.used_group_ids.add(self.group_id)
        if self.group_id:
            self.used_group_ids |= {self.downstream_join_id, self.upstream_join_id}

    def _avoid_collision(self, add_suffix: bool) -> None:
        # compared without the parent's prefix, as Airflow does
        if self._group_id is None or self._group_id not in self.used_group_ids:
            return
        if not add_suffix:
            where = Installed.words("DAG", "Dag")
            raise DuplicateTaskIdFound(f"group_id '{self._group_id}' has already been added to the {where}")
        base = re.split(r"__\d+$", self._group_id)[0]
        numbers = [
            int(used.rpartition("__")[2])
            for used in self.used_group_ids
            if used is not None and re.match(rf"^{base}__\d+$", used)
        ]
        self._group_id = f"{base}__{max(numbers) + 1}" if numbers else f"{self._group_id}__1"

    @classmethod
    def create_root(cls, dag: Any) -> TaskGroup:
        """The group of all tasks of a DAG."""
        return cls(group_id=None, dag=dag)

    @property
    def group_id(self) -> Any:
        """The id, with the parents' in front where they want that."""
        if self.task_group is not None and self.task_group.prefix_group_id and self.task_group._group_id:
            return self.task_group.child_id(self._group_id)
        return self._group_id

    @property
    def node_id(self) -> Any:
        return self.group_id

    @property
    def label(self) -> Any:
        return self._group_id

    @property
    def is_root(self) -> bool:
        """Whether it is the DAG's own."""
        return not self.group_id

    @property
    def parent_group(self) -> Any:
        """The group around it."""
        return self.task_group

    @property
    def upstream_join_id(self) -> str:
        """The id of the point before its first tasks."""
        return f"{self.group_id}.upstream_join_id"

    @property
    def downstream_join_id(self) -> str:
        """The id of the point after its last tasks."""
        return f"{self.group_id}.downstream_join_id"

    def child_id(self, label: str) -> str:
        """The id of something in it."""
        return f"{self.group_id}.{label}" if self.prefix_group_id and self.group_id else label

    def __iter__(self) -> Iterator[Any]:
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                yield from child
            else:
                yield child

    def iter_tasks(self) -> Iterator[Any]:
        """All tasks in it."""
        return iter(self)

    def add(self, node: Any) -> Any:
        """Put a task or a group into it. Raises DuplicateTaskIdFound, or TaskAlreadyInTaskGroup."""
        if TaskGroupContext.active and node.task_group is not None and node.task_group is not self:
            node.task_group.children.pop(node.node_id, None)
            node.task_group = self
        if not isinstance(node, TaskGroup) and node.task_group is not None and node.task_group is not self:
            raise TaskAlreadyInTaskGroup(node.node_id, node.task_group.node_id, self.node_id)
        node.task_group = self
        key = node.node_id
        if key in self.children:
            kind = "Task" if hasattr(node, "task_id") else "Task Group"
            where = Installed.words("DAG", "Dag")
            raise DuplicateTaskIdFound(f"{kind} id '{key}' has already been added to the {where}")
        if isinstance(node, TaskGroup):
            if self.dag:
                if node.dag is not None and self.dag is not node.dag:
                    raise RuntimeError(f"Cannot mix TaskGroups from different DAGs: {self.dag} and {node.dag}")
                node.dag = self.dag
            if node.children:
                raise AirflowException("Cannot add a non-empty TaskGroup")
        self.children[key] = node
        return node

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: Any = None) -> None:
        if isinstance(other, TaskGroup):
            parent, child = (self, other) if upstream else (other, self)
            if edge_modifier:
                edge_modifier.add_edge_info(self.dag, child.downstream_join_id, parent.upstream_join_id)
            parent.upstream_group_ids.add(child.group_id)
            child.downstream_group_ids.add(parent.group_id)
            return
        for task in other.roots:
            if not isinstance(task, DAGNode):
                raise AirflowException(
                    f"Relationships can only be set between TaskGroup or operators; received {task.__class__.__name__}"
                )
            if task is self:  # the root of a label
                continue
            (self.upstream_task_ids if upstream else self.downstream_task_ids).add(task.node_id)
            if edge_modifier and upstream:
                edge_modifier.add_edge_info(self.dag, task.node_id, self.upstream_join_id)
            elif edge_modifier:
                edge_modifier.add_edge_info(self.dag, self.downstream_join_id, task.node_id)

    def _relate(self, others: Any, upstream: bool, edge_modifier: Any) -> None:
        for other in listed(others):
            self.update_relative(other, upstream, edge_modifier=edge_modifier)
        if upstream:
            for task in self.roots:
                task.set_upstream(others)
        else:
            for task in self.leaves:
                task.set_downstream(others)

    def __enter__(self) -> Any:
        TaskGroupContext.push_context_managed_task_group(self)
        return self

    def __exit__(self, *exc: Any) -> None:
        TaskGroupContext.pop_context_managed_task_group()

    def has_task(self, task: Any) -> bool:
        """Whether a task is in it, or in a group in it."""
        return any(each is task for each in self)

    @property
    def roots(self) -> list[Any]:
        ids = {task.task_id for task in self}
        return [task for task in self if task.upstream_task_ids.isdisjoint(ids)]

    @property
    def leaves(self) -> list[Any]:
        return list(self.get_leaves())

    def get_roots(self) -> Iterator[Any]:
        """Its first tasks."""
        return iter(self.roots)

    def get_leaves(self) -> Iterator[Any]:
        """Its last tasks; teardowns do not count, what comes before them does."""
        ids = {task.task_id for task in self}

        def goes_on(task: Any, but: str) -> bool:
            return any(
                after.task_id != but and after.task_id in ids and not after.is_teardown
                for after in task.downstream_list
            )

        def before(task: Any) -> Iterator[Any]:
            for one in task.upstream_list:
                if one.task_id not in ids:
                    continue
                if one.is_teardown:
                    yield from before(one)
                elif task.is_teardown and one.is_setup:
                    continue
                elif not goes_on(one, task.task_id):
                    yield one

        for task in self:
            if task.downstream_task_ids.isdisjoint(ids):
                if task.is_teardown:
                    yield from before(task)
                else:
                    yield task

    def get_child_by_label(self, label: str) -> Any:
        """The task or group of that id in it."""
        return self.children[self.child_id(label)]

    def get_task_group_dict(self) -> dict[Any, Any]:
        """It and all groups in it, by id."""
        found: dict[Any, Any] = {self.group_id: self}
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                found |= child.get_task_group_dict()
        return found


class MappedTaskGroup(TaskGroup):
    """A group that is there once for each of several inputs."""

    def __init__(self, *, expand_input: Any, **more: Any) -> None:
        super().__init__(**more)
        self._expand_input = expand_input

    def __exit__(self, *exc: Any) -> None:
        for operator, _ in self._expand_input.iter_references():
            self.set_upstream(operator)
        super().__exit__(*exc)
