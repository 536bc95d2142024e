"""``with setup >> teardown:``, and which tasks stand between them."""

from __future__ import annotations

from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import AirflowException


class SetupTeardownContext:
    """The setups and teardowns whose blocks are open, the innermost last, with the tasks made in each."""

    active = False
    stack: list[SetupTeardownBlock] = []

    @classmethod
    def update_context_map(cls, task: Any) -> None:
        """Count a task to the innermost block."""
        if cls.stack and not task.is_setup and not task.is_teardown:
            cls.stack[-1].tasks.append(task)

    @classmethod
    def add_task(cls, task: Any) -> None:
        """Count a task that was made before the block to the block (``scope.add_task(task)``)."""
        from mock_airflow.dag_files.parsing.standin.tasks.outputs import XComArg

        if not cls.active:
            raise AirflowException("Cannot add task to context outside the context manager.")
        for one in task if isinstance(task, list) else [task]:
            for operator in one.roots if isinstance(one, XComArg) else [one]:
                cls.update_context_map(operator)

    @classmethod
    def push_setup_teardown_task(cls, operators: Any) -> None:
        """Open a block."""
        cls.stack.append(SetupTeardownBlock(operators if isinstance(operators, list) else [operators]))
        cls.active = True

    @classmethod
    def set_work_task_roots_and_leaves(cls) -> None:
        """Close the innermost block, and tie its tasks to its setups and teardowns."""
        block = cls.stack.pop()
        block.tie()
        if cls.stack:
            block.tie_within(cls.stack[-1])
        cls.active = bool(cls.stack)


class SetupTeardownBlock:
    """One ``with`` over setups, teardowns, or both."""

    def __init__(self, operators: list[Any]) -> None:
        if len({bool(each.is_setup) for each in operators}) > 1:
            SetupTeardownContext.active, SetupTeardownContext.stack = False, []
            raise ValueError("All tasks in the list must be either setup or teardown tasks")
        self.tasks: list[Any] = []
        self.setups, self.teardowns = [], []
        if operators[0].is_teardown:
            self.teardowns = operators
            self.setups = _nearest(operators[0], operators[0].upstream_list, "is_setup")
        elif operators[0].is_setup:
            self.setups = operators
            self.teardowns = _nearest(operators[0], operators[0].downstream_list, "is_teardown")

    def tie(self) -> None:
        """Setups before the first tasks of the block, teardowns after the last."""
        # what a decorator marks is marked after it was made, so it was counted in
        tasks = [task for task in self.tasks if not task.is_setup and not task.is_teardown]
        if not tasks:
            return
        first = [task for task in tasks if not task.upstream_list] or tasks[:1]
        last = [task for task in tasks if not task.downstream_list] or tasks[-1:]
        for setup in self.setups:
            setup.set_downstream(first)
        for teardown in self.teardowns:
            teardown.set_upstream(last)

    def tie_within(self, outer: SetupTeardownBlock) -> None:
        """The outer block's setups before these, its teardowns after these."""
        for setup in outer.setups:
            if self.setups:
                setup.set_downstream(self.setups)
        for teardown in outer.teardowns:
            if self.teardowns:
                teardown.set_upstream(self.teardowns)


def _nearest(start: Any, tasks: list[Any], kind: str) -> list[Any]:
    seen = {start.task_id}
    while tasks:
        found = [task for task in tasks if getattr(task, kind)]
        if found:
            return found
        seen |= {task.task_id for task in tasks}
        around = [each for task in tasks for each in (*task.downstream_list, *task.upstream_list)]
        tasks = [each for each in around if each.task_id not in seen]
    return []


class ContextWrapper(list[Any]):
    """Several setups or teardowns of one block: ``with context_wrapper([a, b]):``."""

    def __init__(self, tasks: list[Any]) -> None:
        super().__init__(tasks)
        self.tasks = tasks

    def __enter__(self) -> Any:
        operators = [getattr(task, "operator", task) for task in self.tasks]
        if not all(each.is_setup or each.is_teardown for each in operators):
            raise AirflowException("Only setup/teardown tasks can be used as context managers.")
        SetupTeardownContext.push_setup_teardown_task(operators)
        return SetupTeardownContext

    def __exit__(self, *exc: Any) -> None:
        SetupTeardownContext.set_work_task_roots_and_leaves()
