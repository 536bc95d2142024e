"""How a deployment is shared: held by one at a time, kept in step with a database, filled by a folder of DAG files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
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


class Held:
    """What one holds at a time, by a lock; of a database, ``replica`` gives it in turn with other servers."""

    lock: Lock
    replica: InStep | None

    def aside(self) -> AbstractContextManager[None]:
        """What lets others have it while a request only waits, whose walk holds it where there is a database."""
        return nullcontext() if self.replica is None else self.replica.others()

    @contextmanager
    def letting_others_in(self) -> Iterator[None]:
        """Have others use it meanwhile; for a request that holds it once."""
        if self.replica is not None:
            with self.replica.others():
                yield
            return
        self.lock.release()
        try:
            yield
        finally:
            self.lock.acquire()
