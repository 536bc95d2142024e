"""What every task is, mapped or not: its place in a graph, as a setup or a teardown, and what it gives."""

from __future__ import annotations

from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import AirflowException
from mock_airflow.dag_files.parsing.standin.tasks.outputs import XComArg
from mock_airflow.dag_files.parsing.standin.tasks.rules import TriggerRule
from mock_airflow.dag_files.parsing.standin.tasks.setup_teardown import SetupTeardownContext
from mock_airflow.dag_files.parsing.standin.tasks.wiring import DAGNode


class AbstractOperator(DAGNode):
    """A task, mapped or not."""

    task_id: str
    template_fields: Any = ()
    template_ext: Any = ()
    template_fields_renderers: dict[str, str] = {}
    ui_color = "#fff"
    ui_fgcolor = "#000"
    operator_extra_links: Any = ()
    outlets: list[Any]
    inlets: list[Any]
    _is_setup = False
    _is_teardown = False
    on_failure_fail_dagrun = False
    returns_dag_result = False

    @property
    def node_id(self) -> str:
        return self.task_id

    @property
    def roots(self) -> list[Any]:
        return [self]

    leaves = roots

    @property
    def output(self) -> Any:
        """What the task gives back."""
        return XComArg(self)

    @property
    def is_setup(self) -> bool:
        """Whether it prepares something for others."""
        return self._is_setup

    @is_setup.setter
    def is_setup(self, value: bool) -> None:
        if value and self.is_teardown:
            raise ValueError(f"Cannot mark task '{self.task_id}' as setup; task is already a teardown.")
        self._is_setup = value

    @property
    def is_teardown(self) -> bool:
        """Whether it cleans up after others."""
        return self._is_teardown

    @is_teardown.setter
    def is_teardown(self, value: bool) -> None:
        if value and self.is_setup:
            raise ValueError(f"Cannot mark task '{self.task_id}' as teardown; task is already a setup.")
        self._is_teardown = value

    def as_setup(self) -> Any:
        self.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: Any = None) -> Any:
        self.is_teardown = True
        self.trigger_rule = TriggerRule.ALL_DONE_SETUP_SUCCESS
        if on_failure_fail_dagrun is not None:
            self.on_failure_fail_dagrun = on_failure_fail_dagrun
        if setups is not None:
            for setup in setups if isinstance(setups, (list, tuple)) else [setups]:
                setup.is_setup = True
                setup >> self
        return self

    def __enter__(self) -> Any:
        if not self.is_setup and not self.is_teardown:
            raise AirflowException("Only setup/teardown tasks can be used as context managers.")
        SetupTeardownContext.push_setup_teardown_task(self)
        return SetupTeardownContext

    def __exit__(self, *exc: Any) -> None:
        SetupTeardownContext.set_work_task_roots_and_leaves()

    def get_dag(self) -> Any:
        """Its DAG, or None."""
        return self.dag if self.has_dag() else None

    def get_flat_relative_ids(self, upstream: bool = False) -> set[str]:
        """The ids of all tasks before or after it."""
        found: set[str] = set()
        todo = list(self.get_direct_relative_ids(upstream))
        while todo:
            task_id = todo.pop()
            if task_id not in found:
                found.add(task_id)
                todo += self.dag.get_task(task_id).get_direct_relative_ids(upstream)
        return found

    def get_flat_relatives(self, upstream: bool = False) -> list[Any]:
        """All tasks before or after it."""
        return [self.dag.task_dict[task_id] for task_id in self.get_flat_relative_ids(upstream)]
