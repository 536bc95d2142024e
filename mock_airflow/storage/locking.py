"""One change at a time: methods that may be called from any thread."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar


class Locked(Protocol):
    """Something that is used under a lock, which one thread may take several times."""

    lock: AbstractContextManager[Any]


P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Locked)


def locked(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Have a method take its object's lock, so that tests may call it while requests are answered."""

    @wraps(method)
    def alone(self: S, /, *arguments: P.args, **named: P.kwargs) -> R:
        with self.lock:
            return method(self, *arguments, **named)

    return alone
