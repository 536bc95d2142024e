"""What a deployment knows of what stands above it: of a database that it may be kept in, of a folder of DAG files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mock_airflow.storage.tables import Change

if TYPE_CHECKING:
    from typing_extensions import Self

A = TypeVar("A")


class Lock(Protocol):
    """What holds a deployment, as an RLock does."""

    def acquire(self) -> bool: ...

    def release(self) -> None: ...

    def __enter__(self) -> bool: ...

    def __exit__(self, *_: Any) -> None: ...


class Folder(Protocol):
    """A folder of DAG files, as the deployment that it belongs to has to do with it."""

    def copy(self) -> Self:
        """One for a copy of the deployment."""

    def catch_up(self, deployment: Any) -> object:
        """Read what changed, if anything did."""


class InStep(Protocol):
    """What keeps a deployment in step with a database.

    All but ``walk`` and ``close`` is called while the deployment is held.
    """

    gone: bool  # whether the database has it no more, or another one by its name
    commits: int  # how often it was written from here

    @property
    def conflicts(self) -> int:
        """How many turns were lost to others."""

    def note(self, changes: list[Change]) -> None:
        """Have what changed be written."""

    def rewritten(self) -> None:
        """The state was put in another one's place."""

    def go_back(self, number: int) -> None:
        """Go back to just before a call that another process answered."""

    def others(self) -> AbstractContextManager[None]:
        """Let others have the deployment meanwhile."""

    def walk(self, carry_out: Callable[[], A], lost: Callable[[], object], *, lightly: bool, hoping: bool) -> A:
        """Carry out a request, as often as it takes until what it changed is written.

        ``lightly`` is for one that likely changes nothing, ``hoping`` for one that writes nothing beside rows.
        """

    def hang_up(self) -> None:
        """Close the connection; the next use opens another."""

    def close(self) -> None:
        """Close the connection; the next use opens another, and closes it. May be called at any time."""
