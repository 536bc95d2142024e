"""The rows that are being read, and how they get into a deployment once all of them are sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mock_airflow.domain.records import Asset, Dag, DagRun, RunKey
from mock_airflow.world.entry import WorldEntry, complain, nearest

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

Reader = Callable[["Draft", Any, str], None]
EntryReader = Callable[["Draft", WorldEntry], Any]
READERS: dict[str, Reader] = {}
_USED: Any = object()


def section(name: str) -> Callable[[Reader], Reader]:
    """Register the reader of a section."""

    def register(reader: Reader) -> Reader:
        READERS[name] = reader
        return reader

    return register


def rows(name: str, table: str | None = None) -> Callable[[EntryReader], EntryReader]:
    """Register the reader of a section that is a list of rows: what it makes of an entry is put into the table.

    The table is the one of the section's name where none is named; None of an entry puts nothing.
    """

    def register(reader: EntryReader) -> EntryReader:
        def read(draft: Draft, content: Any, place: str) -> None:
            for entry in entries(content, place):
                row = reader(draft, entry)
                entry.done()
                if row is not None:
                    draft.put(table or name, row)

        READERS[name] = read
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
        self._asset_ids: dict[str, int] = {}  # of those that were read, by URI
        self._gone: list[tuple[str, Any]] = []  # tables and keys of rows that make room for others

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

    def number(self, table: str, entry: WorldEntry, key: Any = None, *, name: str = "id") -> int:
        """The number that an entry brings; else that of the row of this key, or one for a new row."""
        brought: int | None = entry.whole(name, None)
        if brought:
            return self.claim_id(table, brought)
        return self.next_id(table) if key is None else self.id_of(table, key)

    def dag(self, dag_id: str, place: str) -> Dag:
        """The DAG that an entry belongs to. Raises WorldError where neither the world nor the deployment has it."""
        dag: Dag | None = self.get("dags", dag_id)
        if dag is None:
            known = [row.dag_id for row in (*self.airflow.dags, *self.all("dags"))]
            complain(place, f"there is no DAG {dag_id!r} in the section 'dags'.{nearest(dag_id, known)}")
        return dag

    def asset(self, uri: str) -> Asset | None:
        """The asset of this URI that was read, or that the deployment has already."""
        number = self._asset_ids.get(uri)
        return self.rows["assets"][number] if number is not None else self.airflow.assets.lookup("uri", uri)

    def asset_number(self, entry: WorldEntry, uri: str) -> int:
        """The number that an entry brings for the asset of this URI; else the one that it has, or a new one."""
        known = self.asset(uri)
        brought: int | None = entry.whole("id", None)
        if brought:
            return self.claim_id("assets", brought)
        return known.id if known is not None else self.next_id("assets")

    def dataset_number(self, entry: WorldEntry, uri: str) -> int:
        """The same for a dataset, which others name by its URI: a number that another one has is not taken from it."""
        number, known = self.asset_number(entry, uri), self.asset(uri)
        taken = self.get("assets", number)
        if taken is None or taken.uri == uri:
            return number
        return known.id if known is not None else self.next_id("assets")

    def put_asset(self, asset: Asset) -> None:
        """Collect an asset; one of the same URI makes room for it."""
        known = self.asset(asset.uri)
        if known is not None and known.id != asset.id:
            self.rows.get("assets", {}).pop(known.id, None)
            self._gone.append(("assets", known.id))
        self._asset_ids[asset.uri] = asset.id
        self.put("assets", asset)

    def run(self, entry: WorldEntry, key: str = "dag_run_id") -> DagRun:
        """The run that an entry names by its ``dag_id`` and this key. Raises WorldError where there is none."""
        dag_id, run_id = entry.text("dag_id"), entry.text(key)
        run: DagRun | None = self.get("dag_runs", RunKey(dag_id, run_id))
        if run is None:
            complain(entry.place, f"the section 'dag_runs' has no run {run_id!r} of {dag_id!r}.")
        return run

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
        for name, key in self._gone:
            airflow.tables[name].delete(key)
        for name, rows in self.rows.items():
            for row in rows.values():
                airflow.tables[name].put(row)
        for change in self._then:
            change(deployment)
        deployment.collect()


class Spent(list[Any]):
    """The objects of a section that nobody else holds: each is let go once it was read, as there may be very many."""


def entries(content: Any, place: str) -> Iterator[WorldEntry]:
    """The objects of a section that is a list."""
    if not isinstance(content, list):
        complain(place, "this section is a list of objects.")
    for index, item in enumerate(content):
        if item is _USED:
            complain(place, "this world was applied before; load its file again.")
        if isinstance(content, Spent):
            content[index] = _USED
        yield WorldEntry(item, f"{place}[{index}]")


def by_dag(content: Any, place: str) -> Iterator[tuple[str, Any, str]]:
    """The members of a section that is an object by dag_id."""
    for dag_id, value in WorldEntry(content, place).value.items():
        yield dag_id, value, f"{place}.{dag_id}"
