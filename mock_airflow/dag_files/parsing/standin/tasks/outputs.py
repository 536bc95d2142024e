"""References to what tasks give back, as one task hands them to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import AirflowException
from mock_airflow.dag_files.parsing.standin.tasks.setup_teardown import SetupTeardownContext
from mock_airflow.dag_files.parsing.standin.tasks.wiring import DependencyMixin

RETURN_VALUE = "return_value"


class ResolveMixin:
    """What is known only when a task runs."""

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """The tasks it comes from, with the keys of their values."""
        raise NotImplementedError


class XComArg(ResolveMixin, DependencyMixin):
    """What a task gives back, or something made of that."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is XComArg:
            return PlainXComArg(*args, **kwargs)
        return super().__new__(cls)

    @staticmethod
    def iter_xcom_references(arg: Any) -> Iterator[tuple[Any, str]]:
        """The references anywhere in a value."""
        from mock_airflow.dag_files.parsing.standin.tasks.abstract_operator import AbstractOperator

        if isinstance(arg, ResolveMixin):
            yield from arg.iter_references()
        elif isinstance(arg, (tuple, set, list)):
            for each in arg:
                yield from XComArg.iter_xcom_references(each)
        elif isinstance(arg, dict):
            for each in arg.values():
                yield from XComArg.iter_xcom_references(each)
        elif isinstance(arg, AbstractOperator):
            for name in arg.template_fields:
                yield from XComArg.iter_xcom_references(getattr(arg, name, None))

    @staticmethod
    def apply_upstream_relationship(op: Any, arg: Any) -> None:
        """Have a task come after every task that the value refers to."""
        for operator, _ in XComArg.iter_xcom_references(arg):
            op.set_upstream(operator)

    @property
    def roots(self) -> list[Any]:
        return [operator for operator, _ in self.iter_references()]

    leaves = roots

    def set_upstream(self, other: Any, edge_modifier: Any = None) -> None:
        for operator, _ in self.iter_references():
            operator.set_upstream(other, edge_modifier)

    def set_downstream(self, other: Any, edge_modifier: Any = None) -> None:
        for operator, _ in self.iter_references():
            operator.set_downstream(other, edge_modifier)

    def as_setup(self) -> Any:
        for operator, _ in self.iter_references():
            operator.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: Any = None) -> Any:
        for operator, _ in self.iter_references():
            operator.as_teardown(setups=setups, on_failure_fail_dagrun=on_failure_fail_dagrun)
        return self

    def map(self, f: Callable[[Any], Any]) -> XComArg:
        """Each item through a function."""
        if getattr(f, "_airflow_is_task_decorator", False):
            raise ValueError("map() argument must be a plain function, not a @task operator")
        return DerivedXComArg(self)

    def zip(self, *others: XComArg, fillvalue: Any = None) -> XComArg:
        """Items side by side."""
        return DerivedXComArg(self, *others)

    def concat(self, *others: XComArg) -> XComArg:
        """Items one after another."""
        return DerivedXComArg(self, *others)

    def __enter__(self) -> Any:
        operator = self.operator  # type: ignore[attr-defined]
        if not operator.is_setup and not operator.is_teardown:
            raise AirflowException("Only setup/teardown tasks can be used as context managers.")
        SetupTeardownContext.push_setup_teardown_task(operator)
        return SetupTeardownContext

    def __exit__(self, *exc: Any) -> None:
        SetupTeardownContext.set_work_task_roots_and_leaves()


def is_return_value(value: Any) -> bool:
    """Whether it is what a task returns, and no part of that."""
    return isinstance(value, PlainXComArg) and value.key == RETURN_VALUE


class PlainXComArg(XComArg):
    """What one task gives back under one key."""

    def __init__(self, operator: Any, key: str = RETURN_VALUE) -> None:
        self.operator, self.key = operator, key

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        yield self.operator, self.key

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PlainXComArg):
            return NotImplemented
        return self.operator is other.operator and self.key == other.key

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    def __getitem__(self, item: str) -> XComArg:
        if not isinstance(item, str):
            raise ValueError(f"XComArg only supports str lookup, received {type(item).__name__}")
        return PlainXComArg(self.operator, item)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("'XComArg' object is not iterable")

    def __str__(self) -> str:
        dag = f"dag_id='{self.operator.dag_id}', " if self.operator.has_dag() else ""
        ids = f"task_ids='{self.operator.task_id}', {dag}key='{self.key}'"
        return "{{ task_instance.xcom_pull(" + ids + ") }}"

    def __repr__(self) -> str:
        return (
            f"XComArg({self.operator!r})" if self.key == RETURN_VALUE else f"XComArg({self.operator!r}, {self.key!r})"
        )

    @property
    def is_setup(self) -> bool:
        """Whether its task is a setup."""
        return bool(self.operator.is_setup)

    @is_setup.setter
    def is_setup(self, value: bool) -> None:
        self.operator.is_setup = value

    @property
    def is_teardown(self) -> bool:
        """Whether its task is a teardown."""
        return bool(self.operator.is_teardown)

    @is_teardown.setter
    def is_teardown(self, value: bool) -> None:
        self.operator.is_teardown = value

    @property
    def on_failure_fail_dagrun(self) -> bool:
        """Whether the run fails with its task."""
        return bool(self.operator.on_failure_fail_dagrun)

    @on_failure_fail_dagrun.setter
    def on_failure_fail_dagrun(self, value: bool) -> None:
        self.operator.on_failure_fail_dagrun = value


class DerivedXComArg(XComArg):
    """Something made of what tasks give back: mapped, zipped, put together."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        for part in self.parts:
            yield from part.iter_references()


class ExpandInput(ResolveMixin):
    """What a task or group is mapped over."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        return XComArg.iter_xcom_references(self.value)

    def length(self) -> int | None:
        """How many instances that makes, where the file itself tells."""
        if isinstance(self.value, (list, tuple)):
            return len(self.value)
        if not isinstance(self.value, dict):
            return None
        total = 1
        for part in self.value.values():
            if isinstance(part, ResolveMixin) or not hasattr(part, "__len__"):
                return None
            total *= len(part)
        return total

    def comes_from(self) -> list[str | int]:
        """What multiplies to the number of instances: tasks whose lists they are, lengths of lists in the file."""
        factors: list[str | int] = []
        for part in self.value.values() if isinstance(self.value, dict) else [self.value]:
            tasks = {operator.task_id for operator, _ in XComArg.iter_xcom_references(part)}
            if isinstance(part, ResolveMixin) and len(tasks) == 1:
                factors.append(tasks.pop())
            elif not isinstance(part, ResolveMixin) and hasattr(part, "__len__"):
                factors.append(len(part))
            else:
                return []  # put together from several lists
        return factors


class MappedArgument(ResolveMixin):
    """One argument of a mapped group's function."""

    def __init__(self, input: ExpandInput, key: str) -> None:
        self.input, self.key = input, key

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        return self.input.iter_references()


def check_return_values(arg: Any) -> None:
    """Raise ValueError where something is mapped over another value of a task than the one it returns."""
    if isinstance(arg, XComArg):
        for operator, key in arg.iter_references():
            if key != RETURN_VALUE:
                raise ValueError(f"cannot map over XCom with custom key {key!r} from {operator}")
    elif isinstance(arg, (dict, list, tuple, set)):
        for each in arg.values() if isinstance(arg, dict) else arg:
            check_return_values(each)


def is_mappable(value: Any) -> bool:
    """Whether a task can be mapped over a value."""
    return isinstance(value, (ResolveMixin, dict, list, tuple, range)) or (
        hasattr(value, "__len__") and hasattr(value, "__getitem__") and not isinstance(value, (str, bytes))
    )


def check_kwargs_list(kwargs: Any) -> None:
    """Raise TypeError for what ``expand_kwargs`` does not take."""
    if isinstance(kwargs, (list, tuple)):
        if not all(isinstance(item, (XComArg, dict)) for item in kwargs):
            raise TypeError(f"expected XComArg or list[dict], not {type(kwargs).__name__}")
    elif not isinstance(kwargs, XComArg):
        raise TypeError(f"expected XComArg or list[dict], not {type(kwargs).__name__}")


def prevent_duplicates(first: dict[str, Any], second: Any, *, fail_reason: str) -> None:
    """Raise TypeError where an argument is given twice."""
    twice = set(first).intersection(second)
    if len(twice) == 1:
        raise TypeError(f"{fail_reason} argument: {twice.pop()}")
    if twice:
        raise TypeError(f"{fail_reason} arguments: {', '.join(sorted(twice))}")
