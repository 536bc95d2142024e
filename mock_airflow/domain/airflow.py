"""One Airflow: its rows, its clock, its ids, and the agenda of what is still to happen."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mock_airflow.domain.clock import Clock, ClockState
from mock_airflow.domain.ids import Ids
from mock_airflow.domain.records import FINISHED_TASK, RunKey, TaskInstanceKey, folded
from mock_airflow.domain.schedules.conduct import INTERVALS, Conduct
from mock_airflow.storage.batches import Batches
from mock_airflow.storage.declared_tables import TableOf, Tables
from mock_airflow.storage.singletons import Single, Singleton
from mock_airflow.storage.tables import Change, RowOrder, Table, TableState

if TYPE_CHECKING:
    from mock_airflow.domain.records import (
        Asset,
        AssetAlias,
        AssetEvent,
        AssetState,
        Backfill,
        Connection,
        ConnectionTestRequest,
        Dag,
        DagCode,
        DagFile,
        DagImportError,
        DagModel,
        DagRun,
        DagVersion,
        DagWarning,
        EventLog,
        ExtraLink,
        Favorite,
        Graph,
        HitlDetail,
        Job,
        Permission,
        Plugin,
        Pool,
        Provider,
        QueuedEvent,
        Role,
        RunPlan,
        TaskInstance,
        TaskInstanceTry,
        TaskLog,
        TaskState,
        User,
        Variable,
        WaitingPartition,
        XCom,
    )

SCHEDULER_LOOP = timedelta(seconds=1)  # how long a real scheduler takes to find a queued run (observed, about)

# A plain tuple is equal to the key of the same parts, and these are made a lot.
_RUN = attrgetter("dag_id", "run_id")
_TASK_INSTANCE = attrgetter("dag_id", "run_id", "task_id", "map_index")

AGENDA = "agenda"  # as a table's name in a change: what is planned is no row, and has to be found again all the same

RunsMode = Literal["timed", "instant", "manual"]


class Due(NamedTuple):
    """That a run, or a DAG whose assets changed, has to be looked at, at this moment."""

    at: datetime
    rank: int  # schedules and assets come first, then runs as they were made
    number: int
    what: RunKey | str


class Snapshot(NamedTuple):
    """Everything an Airflow needs to be put back to one moment."""

    tables: dict[str, TableState]
    serials: Counter[str]
    agenda: tuple[Due, ...]
    awaited: dict[RunKey | str, datetime]
    ids_drawn: int
    clock: ClockState

    @property
    def name(self) -> str:
        """What it was called when it was kept, or the empty text."""
        row = self.tables["singletons"].rows.get("snapshot_name")
        return "" if row is None else str(row.value)

    def __repr__(self) -> str:
        """Which moment it is of, without the rows: those hold secrets."""
        return f"<Snapshot of {self.clock.now.isoformat()}>"


class Airflow:
    """The state that the verbs of this package read and change.

    ``runs`` says how runs live: ``timed`` by the clock, ``instant`` at once, ``manual`` not at all (as with a scheduler
    that does not run); ``conduct`` is what the scheduler does as its generation does it. Tables keep the order of
    creation, which is the default order of most lists.
    """

    health: Single[Mapping[str, Any]] = Single("health", {})  # what a world file tells of the installation's parts
    git_version: Single[str] = Single("git_version", "")
    snapshot_name: Single[str] = Single("snapshot_name", "")  # while a snapshot is taken that is to have a name

    singletons: TableOf[str, Singleton] = TableOf("singletons", lambda row: row.name)
    dags: TableOf[str, Dag] = TableOf("dags", lambda row: row.dag_id)
    dag_versions: TableOf[tuple[str, int], DagVersion] = TableOf(
        "dag_versions", lambda row: (row.dag_id, row.version_number), groups={"dag_id": attrgetter("dag_id")}
    )
    dag_runs: TableOf[RunKey, DagRun] = TableOf(
        "dag_runs",
        lambda row: row.key,
        groups={"dag_id": attrgetter("dag_id"), "open": attrgetter("dag_id", "state")},
        unique={"logical_date": attrgetter("dag_id", "logical_date")},
        orders={
            "logical_date": RowOrder(attrgetter("dag_id"), attrgetter("logical_date")),
            "automatic": RowOrder(
                lambda row: None if row.run_type == "manual" else row.dag_id, attrgetter("logical_date")
            ),
            "queued": RowOrder(lambda row: row.dag_id if row.state == "queued" else None, attrgetter("logical_date")),
        },
    )
    task_instances: TableOf[TaskInstanceKey, TaskInstance] = TableOf(
        "task_instances",
        lambda row: row.key,
        groups={
            "run": _RUN,
            "pool": lambda row: None if row.state in FINISHED_TASK else (row.pool, row.state),
        },
        batched=Batches(itemgetter(slice(2)), {"run": tuple}),
    )
    tries: TableOf[tuple[TaskInstanceKey, int], TaskInstanceTry] = TableOf(
        "task_instance_tries",
        lambda row: (TaskInstanceKey(row.dag_id, row.run_id, row.task_id, row.map_index), row.try_number),
        groups={"task_instance": _TASK_INSTANCE, "run": _RUN},
    )
    assets: TableOf[int, Asset] = TableOf("assets", lambda row: row.id, unique={"uri": lambda row: row.uri})
    asset_events: TableOf[int, AssetEvent] = TableOf(
        "asset_events",
        lambda row: row.id,
        groups={"asset": lambda row: row.asset_id},
        orders={"timestamp": RowOrder(lambda row: row.asset_uri, lambda row: row.timestamp)},
    )
    queued_events: TableOf[tuple[str, str], QueuedEvent] = TableOf(
        "queued_events", lambda row: (row.dag_id, row.uri), groups={"dag_id": lambda row: row.dag_id}
    )
    waiting_partitions: TableOf[tuple[str, str], WaitingPartition] = TableOf(
        "waiting_partitions",
        lambda row: (row.dag_id, row.partition_key),
        groups={"dag_id": attrgetter("dag_id")},
    )
    asset_aliases: TableOf[str, AssetAlias] = TableOf(
        "asset_aliases", lambda row: row.name, unique={"id": lambda row: row.id}
    )
    asset_states: TableOf[tuple[int, str], AssetState] = TableOf(
        "asset_states", lambda row: (row.asset_id, row.key), groups={"asset": lambda row: row.asset_id}
    )
    backfills: TableOf[int, Backfill] = TableOf(
        "backfills", lambda row: row.id, groups={"dag_id": lambda row: row.dag_id}
    )
    pools: TableOf[str, Pool] = TableOf("pools", lambda row: row.name)
    users: TableOf[str, User] = TableOf(
        "users",
        attrgetter("username"),
        unique={"login": lambda row: folded(row.username), "email": attrgetter("email")},
    )
    favorites: TableOf[tuple[str, str], Favorite] = TableOf("favorites", lambda row: (row.username, row.dag_id))
    roles: TableOf[str, Role] = TableOf("roles", lambda row: row.name)
    actions: TableOf[str, str] = TableOf("actions", lambda name: name)
    permissions: TableOf[Permission, Permission] = TableOf("permissions", lambda pair: pair)
    event_logs: TableOf[int, EventLog] = TableOf("event_logs", attrgetter("event_log_id"), batched=Batches(None, {}))
    variables: TableOf[str, Variable] = TableOf("variables", lambda row: row.key)
    connections: TableOf[str, Connection] = TableOf("connections", lambda row: row.connection_id)
    connection_tests: TableOf[str, ConnectionTestRequest] = TableOf("connection_tests", lambda row: row.token)
    xcoms: TableOf[tuple[TaskInstanceKey, str], XCom] = TableOf(
        "xcoms",
        lambda row: (TaskInstanceKey(row.dag_id, row.run_id, row.task_id, row.map_index), row.key),
        groups={"run": _RUN, "task_instance": _TASK_INSTANCE},
        batched=Batches(lambda key: key[0][:2], {"run": tuple, "task_instance": itemgetter(slice(2))}),
    )
    task_logs: TableOf[tuple[TaskInstanceKey, int], TaskLog] = TableOf(
        "logs",
        lambda row: (TaskInstanceKey(row.dag_id, row.run_id, row.task_id, row.map_index), row.try_number),
        groups={"run": _RUN},
    )
    extra_links: TableOf[TaskInstanceKey, ExtraLink] = TableOf(
        "extra_links",
        lambda row: TaskInstanceKey(row.dag_id, row.run_id, row.task_id, row.map_index),
        groups={"run": _RUN},
    )
    hitl_details: TableOf[tuple[TaskInstanceKey, int], HitlDetail] = TableOf(
        "hitl_details",
        lambda row: (row.key, row.try_number),
        groups={"run": _RUN, "task_instance": _TASK_INSTANCE},
    )
    task_states: TableOf[tuple[TaskInstanceKey, str], TaskState] = TableOf(
        "task_state_store",
        lambda row: (TaskInstanceKey(row.dag_id, row.run_id, row.task_id, row.map_index), row.key),
        groups={"run": _RUN, "task_instance": _TASK_INSTANCE},
    )
    plans: TableOf[tuple[str, str | None], RunPlan] = TableOf("plans", lambda row: (row.dag_id, row.run_id))
    models: TableOf[str, DagModel] = TableOf("models", lambda row: row.dag_id)
    import_errors: TableOf[int, DagImportError] = TableOf("import_errors", lambda row: row.import_error_id)
    dag_warnings: TableOf[tuple[str, str], DagWarning] = TableOf(
        "dag_warnings", lambda row: (row.dag_id, row.warning_type)
    )
    dag_files: TableOf[str, DagFile] = TableOf("dag_files", lambda row: row.fileloc)
    dag_codes: TableOf[tuple[str, int], DagCode] = TableOf(
        "dag_codes", lambda row: (row.dag_id, row.version_number), groups={"dag_id": lambda row: row.dag_id}
    )
    jobs: TableOf[int, Job] = TableOf("jobs", lambda row: row.id)
    plugins: TableOf[str, Plugin] = TableOf("plugins", lambda row: row.name)
    providers: TableOf[str, Provider] = TableOf("providers", lambda row: row.package_name)

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        runs: RunsMode = "timed",
        hostname: str = "mock-airflow",
        conduct: Conduct = INTERVALS,
    ) -> None:
        self.clock, self.ids, self.runs, self.hostname, self.conduct = clock, ids, runs, hostname, conduct
        self.now: Callable[[], datetime] = clock.now  # every request asks several times
        self.changes: list[Change] = []
        self.tables = Tables(Airflow, self.changes)
        self.graphs: dict[str, Graph] = {}  # by DAG, worked out from its row
        self.serials: Counter[str] = Counter()
        self._agenda: list[Due] = []
        self._awaited: dict[RunKey | str, datetime] = {}  # the moment of each one's next look

    def add_table(self, name: str, key: Any, **indexes: Any) -> Table[Any, Any]:
        """A further table that goes with the snapshots and the change log, for what is kept beside Airflow's rows."""
        return self.tables.add(name, key, **indexes)

    def next_id(self, table: str) -> int:
        """The next number of a table whose rows are numbered; never given twice, as with a database sequence."""
        self.serials[table] += 1
        return self.serials[table]

    def next_ids(self, table: str, count: int) -> range:
        """As many numbers as that, in order."""
        first = self.serials[table] + 1
        self.serials[table] += count
        return range(first, first + count)

    def last_id(self, table: str) -> int:
        """The highest number of a table so far; 0 before the first."""
        return self.serials[table]

    def claim_id(self, table: str, number: int) -> int:
        """Take over a number that was given elsewhere, as by a world file, so that later ones come after it."""
        self.serials[table] = max(self.serials[table], number)
        return number

    def wake(self, what: RunKey | str, at: datetime) -> None:
        """Have the run, or the DAG that waits for assets, looked at when the clock reaches ``at``.

        One look is planned for each, the earliest that was asked for; whoever looks says when to look again. With runs
        ``manual`` there is no scheduler that would look.
        """
        planned = self._awaited.get(what)
        if self.runs != "manual" and (planned is None or at < planned):
            self._awaited[what] = at
            due = self._due(what, at)
            heapq.heappush(self._agenda, due)
            self.changes.append(Change(AGENDA, what, planned, due))

    def expect(self, what: RunKey | str, at: datetime) -> None:
        """Have the scheduler find what was queued at ``at``."""
        self.wake(what, at + (SCHEDULER_LOOP if self.runs == "timed" else timedelta(0)))

    def next_moment(self) -> datetime | None:
        """When the next look is due; None if none is planned."""
        while self._agenda and self._awaited.get(self._agenda[0].what) != self._agenda[0].at:
            heapq.heappop(self._agenda)
        return self._agenda[0].at if self._agenda else None

    def is_due(self) -> bool:
        """Whether there is something to look at by now."""
        moment = self.next_moment()
        return moment is not None and moment <= self.now()

    def take_due(self, until: datetime) -> Due | None:
        """The earliest thing to look at, if its moment has come; each is given once."""
        while self._agenda and self._agenda[0].at <= until:
            due = heapq.heappop(self._agenda)
            if self._awaited.get(due.what) == due.at:
                del self._awaited[due.what]
                self.changes.append(Change(AGENDA, due.what, due, None))
                return due
        return None

    def agenda(self) -> list[Due]:
        """What is planned, each once."""
        return [self._due(what, at) for what, at in self._awaited.items()]

    def plan(self, agenda: Iterable[Due]) -> None:
        """Have this agenda and no other."""
        self._agenda = list(agenda)
        heapq.heapify(self._agenda)
        self._awaited = {due.what: due.at for due in self._agenda}

    def undo(self, changes: Iterable[Change]) -> None:
        """Take noted changes back, the latest first. What was planned stays so: a look too many does no harm."""
        for change in reversed(list(changes)):
            if change.table != AGENDA:
                self.tables[change.table].undo(change)

    def take_changes(self) -> list[Change]:
        """What was noted since this was called last."""
        changes = self.changes[:]
        self.changes.clear()
        return changes

    def undo_exactly(self, changes: Iterable[Change]) -> None:
        """Take noted changes back, the agenda's among them, as if they had never been."""
        for change in reversed(list(changes)):
            if change.table != AGENDA:
                self.tables[change.table].undo(change)
            elif change.before is None:
                self._awaited.pop(change.key, None)
            else:  # a look that was taken, or the moment of a later one that an earlier one took the place of
                at = change.before.at if isinstance(change.before, Due) else change.before
                self._awaited[change.key] = at
                heapq.heappush(self._agenda, self._due(change.key, at))
        self.changes.clear()

    def _due(self, what: RunKey | str, at: datetime) -> Due:
        if what.__class__ is str:
            return Due(at, 0, 0, what)
        run = self.dag_runs.get(what)  # type: ignore[arg-type]
        return Due(at, 1, 0 if run is None else run.id, what)

    def redo(self, changes: Iterable[Change]) -> None:
        """Make noted changes again, in a state that is as it was before the first of them."""
        for change in changes:
            if change.table != AGENDA:
                self.tables[change.table].redo(change)
            elif change.after is None:
                self._awaited.pop(change.key, None)
            else:
                self._awaited[change.key] = change.after.at
                heapq.heappush(self._agenda, change.after)
        self.changes.clear()

    def snapshot(self) -> Snapshot:
        """The whole state as of now; costs microseconds whatever the number of rows."""
        return Snapshot(
            self.tables.snapshot(),
            self.serials.copy(),
            tuple(self._agenda),
            dict(self._awaited),
            self.ids.drawn,
            self.clock.save(),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this or of another Airflow, any number of times."""
        self.tables.restore(snapshot.tables)
        self.serials = snapshot.serials.copy()
        self._agenda = list(snapshot.agenda)
        self._awaited = dict(snapshot.awaited)
        self.ids.drawn = snapshot.ids_drawn
        self.clock.load(snapshot.clock)
        self.changes.clear()
