"""The rows that are being read, and how they get into a deployment once all of them are sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mock_airflow.world.entry import Entry, complain

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

Reader = Callable[["Draft", Any, str], None]
READERS: dict[str, Reader] = {}


def section(name: str) -> Callable[[Reader], Reader]:
    """Register the reader of a section."""

    def register(reader: Reader) -> Reader:
        READERS[name] = reader
        return reader

    return register


class Draft:
    """What was read so far.

    ``put`` collects rows, ``later`` collects what has to be done to the deployment besides. Until ``commit`` the
    deployment does not change.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.airflow, self.tiers = deployment.airflow, deployment.limits.terms.tiers
        self.fab_auth_manager = deployment.settings.fab_auth_manager
        self.rows: dict[str, dict[Any, Any]] = {}
        self._checks: list[Callable[[Deployment], None]] = []
        self._then: list[Callable[[Deployment], None]] = []
        self._serials: dict[str, int] = {}

    def put(self, table: str, row: Any) -> Any:
        """Collect a row; one of the same key replaces the earlier one in its place."""
        self.rows.setdefault(table, {})[self.airflow.tables[table].key(row)] = row
        return row

    def get(self, table: str, key: Any) -> Any:
        """The row of that key that was read, or that the deployment has already."""
        return self.rows.get(table, {}).get(key) or self.airflow.tables[table].get(key)

    def all(self, table: str) -> list[Any]:
        """The rows of a table that were read."""
        return list(self.rows.get(table, {}).values())

    def next_id(self, table: str) -> int:
        """A number for a row that brings none; it follows those that the deployment gave."""
        return self.claim_id(table, self._last_id(table) + 1)

    def claim_id(self, table: str, number: int) -> int:
        """A number that a row brings."""
        self._serials[table] = max(self._last_id(table), number)
        return number

    def id_of(self, table: str, key: Any) -> int:
        """The number of the row of that key, or one for a new row."""
        known = self.get(table, key)
        return known.id if known else self.next_id(table)

    def renumber(self, table: str) -> None:
        """Number the rows of a table that were read anew, in their order."""
        self._serials.pop(table, None)
        for row in self.all(table):
            self.put(table, replace(row, id=self.next_id(table)))

    def _last_id(self, table: str) -> int:
        return self._serials.get(table, self.airflow.last_id(table))

    def later(self, change: Callable[[Deployment], None]) -> None:
        """Do this to the deployment once everything was read."""
        self._then.append(change)

    def check(self, look: Callable[[Deployment], None]) -> None:
        """Have this look at the deployment before anything is given to it; it raises WorldError."""
        self._checks.append(look)

    def commit(self, deployment: Deployment) -> None:
        """Give the deployment everything that was read. Raises WorldError of a check; nothing was changed then."""
        for look in self._checks:
            look(deployment)
        airflow = deployment.airflow
        for name, number in self._serials.items():
            airflow.claim_id(name, number)
        for name, rows in self.rows.items():
            for row in rows.values():
                airflow.tables[name].put(row)
        for change in self._then:
            change(deployment)
        deployment.collect()


def entries(content: Any, place: str) -> Iterator[Entry]:
    """The objects of a section that is a list."""
    if not isinstance(content, list):
        complain(place, "this section is a list of objects.")
    for index, item in enumerate(content):
        yield Entry(item, f"{place}[{index}]")


def by_dag(content: Any, place: str) -> Iterator[tuple[str, Any, str]]:
    """The members of a section that is an object by dag_id."""
    for dag_id, value in Entry(content, place).value.items():
        yield dag_id, value, f"{place}.{dag_id}"
