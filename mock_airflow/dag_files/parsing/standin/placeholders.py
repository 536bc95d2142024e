"""Placeholders for what is not installed: whatever is done with one while a file is read does no harm."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from typing import Any

from mock_airflow.dag_files.parsing.standin import doubts

_OPERATOR = re.compile(r"(Operator|Sensor|Transfer|Marker)(Async|Trigger)?$")


class PlaceholderBase:
    """The base of a file's own classes that derive from something that is not installed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            self.__dict__.setdefault(name, value)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Placeholder(f"{type(self).__name__}.{name}")


class PlaceholderMixin:
    """What stands beside an operator among the bases of a file's own one: all that it may do is to take arguments."""

    _lenient = True


class Placeholder:
    """Something that is not installed. It can be called, looked into, looped over (it is empty) and reckoned with."""

    def __init__(self, name: str) -> None:
        self.__dict__["_placeholder_name"] = name
        self.__dict__["__name__"] = name.rpartition(".")[2]
        self.__dict__["__qualname__"] = self.__dict__["__name__"]
        self.__dict__["__module__"] = name.rpartition(".")[0]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        made = placeholder(f"{self._placeholder_name}.{name}")
        self.__dict__[name] = made
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
            return args[0]  # it decorates something
        doubts.called(self, self._placeholder_name, args, kwargs)
        return Placeholder(f"{self._placeholder_name}()")

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        kinds = [base for base in bases if isinstance(base, type)]
        first = next(base for base in bases if isinstance(base, Placeholder))
        if first is not self or any(issubclass(kind, (PlaceholderBase, PlaceholderMixin)) for kind in kinds):
            return ()
        return (PlaceholderMixin if any(hasattr(kind, "_lenient") for kind in kinds) else PlaceholderBase,)

    def __instancecheck__(self, instance: Any) -> bool:
        return False

    def __subclasscheck__(self, kind: Any) -> bool:
        return False

    def __getitem__(self, item: Any) -> Any:
        return self

    def __setitem__(self, item: Any, value: Any) -> None:
        pass

    def __delitem__(self, item: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        doubts.looped_over(self._placeholder_name)
        return iter(())

    def __next__(self) -> Any:
        raise StopIteration

    def __len__(self) -> int:
        doubts.looped_over(self._placeholder_name)
        return 0

    def __contains__(self, item: Any) -> bool:
        return False

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: Any) -> None:
        return None

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *exc: Any) -> None:
        return None

    def _same(self, *args: Any) -> Any:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __matmul__ = _same
    __or__ = __ror__ = __and__ = __rand__ = __xor__ = __invert__ = __neg__ = __pos__ = __abs__ = _same

    def _no(self, other: Any) -> bool:
        return False

    __gt__ = __ge__ = __le__ = __lt__ = _no

    def __rshift__(self, other: Any) -> Any:
        doubts.tied(self._placeholder_name)
        return other

    __lshift__ = __rshift__

    def __rrshift__(self, other: Any) -> Any:
        doubts.tied(self._placeholder_name)
        return self

    __rlshift__ = __rrshift__

    def __int__(self) -> int:
        return 0

    def __index__(self) -> int:
        doubts.looped_over(self._placeholder_name)
        return 0

    def __float__(self) -> float:
        return 0.0

    def __fspath__(self) -> str:
        return str(self)

    def __hash__(self) -> int:
        return hash(self._placeholder_name)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __str__(self) -> str:
        return str(self._placeholder_name)

    def __repr__(self) -> str:
        return f"<not installed: {self._placeholder_name}>"

    def __format__(self, spec: str) -> str:
        return str(self)

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    # as one side of a dependency it ties nothing
    roots: Any = ()
    leaves: Any = ()

    def update_relative(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is tied to it."""
        doubts.tied(self._placeholder_name)

    set_upstream = set_downstream = update_relative


def placeholder(name: str) -> Any:
    """The placeholder for a name of a module that is not installed.

    A name that tells what it is gets a class of that kind: an operator, a task group, a DAG, an exception.
    """
    from mock_airflow.dag_files.parsing.standin.catalogue import unknown_operator

    module, _, last = name.rpartition(".")
    if last[:1].isupper() or last[:1] == "_":
        if _OPERATOR.search(last):
            return unknown_operator(module, last)
        if last.endswith("TaskGroup"):
            return _task_group(module, last)
        if re.search(r"[a-z](Dag|DAG)$", last):
            return _dag(module, last)
        if re.search(r"(Error|Exception|Warning)$", last):
            kind = Warning if last.endswith("Warning") else Exception
            return type(last, (kind,), {"__module__": module})
    return Placeholder(name)


def _task_group(module: str, name: str) -> type:
    from mock_airflow.dag_files.parsing.standin.tasks.groups import TaskGroup

    def init(self: Any, group_id: Any = None, **kwargs: Any) -> None:
        known = {"prefix_group_id", "parent_group", "dag", "default_args", "tooltip", "add_suffix_on_collision"}
        given = {key: value for key, value in kwargs.items() if key in known and not isinstance(value, Placeholder)}
        TaskGroup.__init__(self, group_id or name, **given)

    return type(name, (TaskGroup,), {"__module__": module, "__init__": init})


def _dag(module: str, name: str) -> type:
    import inspect

    from mock_airflow.dag_files.parsing.standin.dags.dag import DAG

    known = set(inspect.signature(DAG.__init__).parameters)

    def init(self: Any, dag_id: Any, *args: Any, **kwargs: Any) -> None:
        DAG.__init__(self, dag_id, **{key: value for key, value in kwargs.items() if key in known})

    return type(name, (DAG,), {"__module__": module, "__init__": init})
