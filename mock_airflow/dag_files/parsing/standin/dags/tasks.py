"""The tasks of a DAG: taking them in, finding them, and their order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import (
    AirflowDagCycleException,
    AirflowException,
    DuplicateTaskIdFound,
    TaskNotFound,
)
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.tasks.groups import TaskGroup, TaskGroupContext
from mock_airflow.dag_files.parsing.standin.tasks.operators import check_fail_stop


class DagTasks:
    """What a DAG does with its tasks."""

    dag_id: str
    task_dict: dict[str, Any]
    task_group: TaskGroup
    edge_info: dict[str, Any]
    start_date: datetime | None
    end_date: datetime | None

    @property
    def tasks(self) -> list[Any]:
        """Its tasks."""
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        """Their ids."""
        return list(self.task_dict)

    @property
    def task_group_dict(self) -> dict[Any, Any]:
        """Its groups by id."""
        return {key: group for key, group in self.task_group.get_task_group_dict().items() if key is not None}

    @property
    def roots(self) -> list[Any]:
        """The tasks that come first."""
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> list[Any]:
        """The tasks that come last."""
        return [task for task in self.tasks if not task.downstream_task_ids]

    @property
    def owner(self) -> str:
        """The owners of its tasks in one text."""
        return ", ".join(dict.fromkeys(task.owner for task in self.tasks))

    def add_task(self, task: Any) -> None:
        """Take a task in. Raises DuplicateTaskIdFound."""
        check_fail_stop(self, task.trigger_rule)
        if not task.start_date:
            task.start_date = self.start_date
        elif self.start_date:
            task.start_date = max(task.start_date, self.start_date)
        if not task.end_date:
            task.end_date = self.end_date
        elif self.end_date:
            task.end_date = min(task.end_date, self.end_date)
        task_id = task.task_id
        if not task.task_group:
            group = TaskGroupContext.get_current_task_group(self)
            if group:
                task_id = group.child_id(task_id)
                group.add(task)
        taken = task_id in self.task_dict and self.task_dict[task_id] is not task
        if taken or task_id in self.task_group.used_group_ids:
            where = Installed.words("DAG", "Dag")
            raise DuplicateTaskIdFound(f"Task id '{task_id}' has already been added to the {where}")
        self.task_dict[task_id] = task
        task.dag = self
        self.task_group.used_group_ids.add(task_id)

    def add_tasks(self, tasks: Any) -> None:
        """Take tasks in."""
        for task in tasks:
            self.add_task(task)

    def has_task(self, task_id: str) -> bool:
        """Whether it has a task of that id."""
        return task_id in self.task_dict

    def has_task_group(self, task_group_id: str) -> bool:
        """Whether it has a group of that id."""
        return task_group_id in self.task_group_dict

    def get_task(self, task_id: str, include_subdags: bool = False) -> Any:
        """A task. Raises TaskNotFound."""
        if task_id not in self.task_dict:
            raise TaskNotFound(f"Task {task_id} not found")
        return self.task_dict[task_id]

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        """Have one task come before another, by their ids."""
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def set_edge_info(self, upstream_task_id: str, downstream_task_id: str, info: Any) -> None:
        """Write something on the edge between two tasks."""
        self.edge_info.setdefault(upstream_task_id, {})[downstream_task_id] = info

    def get_edge_info(self, upstream_task_id: str, downstream_task_id: str) -> Any:
        """What is written on the edge between two tasks."""
        return self.edge_info.get(upstream_task_id, {}).get(downstream_task_id, {})

    def topological_sort(self, include_subdag_tasks: bool = False) -> list[Any]:
        """Its tasks, each after all that come before it."""
        ordered: dict[str, Any] = {}
        while len(ordered) < len(self.task_dict):
            free = [
                task
                for task in self.tasks
                if task.task_id not in ordered and all(one in ordered for one in task.upstream_task_ids)
            ]
            if not free:
                raise AirflowException(f"A cyclic dependency occurred in dag: {self.dag_id}")
            ordered.update({task.task_id: task for task in free})
        return list(ordered.values())

    def check_cycle(self) -> None:
        """Raise AirflowDagCycleException for tasks that depend on each other in a circle."""
        done: set[str] = set()
        for start in self.task_dict:
            path: list[tuple[str, Any]] = [(start, iter(self.task_dict[start].downstream_task_ids))]
            on_path = {start}
            while path:
                task_id, after = path[-1]
                following = next((one for one in after if one not in done), None)
                if following is None:
                    done.add(task_id)
                    on_path.discard(task_id)
                    path.pop()
                elif following in on_path:
                    where = f"{Installed.words('DAG', 'Dag')}: {self.dag_id}"
                    raise AirflowDagCycleException(f"Cycle detected in {where}. Faulty task: {task_id}")
                else:
                    on_path.add(following)
                    path.append((following, iter(self.get_task(following).downstream_task_ids)))
