"""What is read of an Airflow, in which order, and what becomes of it in a world file.

The sections are filled with the API's own answers. First the lists that stand for themselves, side by side; then what
each DAG has; then what each of the chosen runs left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from mock_airflow.domain.records import FINISHED_TASK
from mock_airflow.errors import UnreadError
from mock_airflow.world.capture.source import Source, path_of

T = TypeVar("T")
R = TypeVar("R")

MOST_EVENTS = 1000  # dataset events, the newest
# Sections that are plain lists: where they are read, and under which name the answer has them.
LISTS = {
    "roles": ("/roles", "roles"),
    "permissions": ("/permissions", "actions"),
    "pools": ("/pools", "pools"),
    "connections": ("/connections", "connections"),
    "import_errors": ("/importErrors", "import_errors"),
    "dag_warnings": ("/dagWarnings", "dag_warnings"),
    "datasets": ("/datasets", "datasets"),
    "plugins": ("/plugins", "plugins"),
    "providers": ("/providers", "providers"),
}
ON_REQUEST = ("users", "xcoms", "logs")  # sections that are read when they are asked for
SKIPPABLE = (
    *LISTS,
    "variables",
    "dag_sources",
    "dag_runs",
    "task_instances",
    "task_instance_tries",
    "extra_links",
    "dataset_events",
    "queued_events",
)
_RUN_ID = "dag_run_id"


@dataclass(frozen=True, kw_only=True)
class WantedRows:
    """What to read: how many runs a DAG, and which of the sections that need not be there."""

    runs_per_dag: int = 10
    parallel: int = 4
    also: frozenset[str] = frozenset()  # of ON_REQUEST
    skip: frozenset[str] = frozenset()  # of SKIPPABLE
    event_logs: int = 0
    variable_values: bool = False


class Gathering:
    """One reading of an Airflow. ``sections`` is the world; ``unread`` says by section what could not be read."""

    lists: ClassVar = LISTS
    date = "execution_date"  # by which runs are put in order
    noun = "dataset"  # what Airflow 3 calls an asset
    consumers, queue = "consuming_dags", "queuedEvent"
    log_order = "event_log_id"

    def __init__(
        self, source: Source, wanted: WantedRows, tell: Callable[[str, int, int], object] = lambda what, done, of: None
    ) -> None:
        self.source, self.wanted = source, wanted
        self.sections: dict[str, Any] = {}
        self.unread: dict[str, dict[str, list[str]]] = {}
        self._tell = tell

    def gather(self) -> None:
        """Read everything. Raises CaptureError when the server cannot be asked any more."""
        self._lists()
        dag_ids = [dag["dag_id"] for dag in self.sections.get("dags", ())]
        self._of_dags(dag_ids)
        self._runs(dag_ids)
        self._instances()
        self._of_runs()
        self._of_instances()

    def reads(self, section: str) -> bool:
        """Whether a section is wanted."""
        return section in self.wanted.also if section in ON_REQUEST else section not in self.wanted.skip

    def _attempt(self, section: str, path: str, read: Callable[[], R], *, fine: tuple[int, ...] = ()) -> R | None:
        """What ``read`` gives; a refusal is noted, unless its status is ``fine``."""
        try:
            return read()
        except UnreadError as refusal:
            if refusal.status not in fine:
                self.unread.setdefault(section, {}).setdefault(str(refusal), []).append(path)
            return None

    def _one(self, section: str, path: str, *, fine: tuple[int, ...] = (), **query: Any) -> Any:
        return self._attempt(section, path, lambda: self.source.get(path, **query), fine=fine)

    def _pages(self, section: str, path: str, listed: str, **query: Any) -> list[Any]:
        return self._attempt(section, path, lambda: self.source.pages(path, listed, **query)) or []

    def _each(self, what: str, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """The function's results for all items, read side by side, in the items' order."""
        todo = list(items)
        self._tell(what, 0, len(todo))
        done = 0

        def one(item: T) -> R:
            nonlocal done
            result = function(item)
            done += 1
            self._tell(what, done, len(todo))
            return result

        with ThreadPoolExecutor(self.wanted.parallel) as pool:
            futures = [pool.submit(one, item) for item in todo]
            try:
                for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                    future.result()  # raises what went wrong, before the others are waited for
                return [future.result() for future in futures]
            except BaseException:
                self.source.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    # ------------------------------------------------------------------------------------------ what stands for itself

    def _lists(self) -> None:
        jobs = self.jobs()
        for name, (path, listed) in self.lists.items():
            jobs[name] = lambda name=name, path=path, listed=listed: self._pages(name, path, listed)  # type: ignore[misc]
        names = [name for name in jobs if self.reads(name)]
        for name, found in zip(names, self._each("lists", lambda name: jobs[name](), names), strict=True):
            if found:
                self.sections[name] = found
        self._complete_connections()

    def jobs(self) -> dict[str, Callable[[], Any]]:
        """What stands for itself, by section."""
        return {
            "version": lambda: self._one("version", "/version"),
            "health": lambda: self._one("health", "/health"),
            "dags": lambda: self._pages("dags", "/dags", "dags", only_active="false"),
            "variables": self._variables,
            "dataset_events": self._newest_events,
            "event_logs": self._event_logs,
            "users": lambda: self._pages("users", "/users", "users"),
        }

    def _variables(self) -> list[Any]:
        without = "" if self.wanted.variable_values else "value"
        return self._pages("variables", "/variables", "variables", without=without)

    def _newest_events(self) -> list[Any]:
        path, listed = f"/{self.noun}s/events", f"{self.noun}_events"
        newest = self._pages(listed, path, listed, most=MOST_EVENTS, order_by="-timestamp")
        return sorted(newest, key=lambda event: int(event.get("id", 0)))

    def _event_logs(self) -> list[Any]:
        if not self.wanted.event_logs:
            return []
        path, most = "/eventLogs", self.wanted.event_logs
        return self._pages("event_logs", path, "event_logs", most=most, order_by=f"-{self.log_order}")[::-1]

    def _complete_connections(self) -> None:
        """The list leaves out what a connection's own answer tells: its extra, with the secrets in it masked."""
        rows = self.sections.get("connections")
        if rows:
            paths = [path_of("connections", row["connection_id"]) for row in rows]
            details = self._each("connections", lambda path: self._one("connections", path), paths)
            self.sections["connections"] = [detail or row for detail, row in zip(details, rows, strict=True)]

    # ---------------------------------------------------------------------------------------------- what each DAG has

    def _of_dags(self, dag_ids: Sequence[str]) -> None:
        dags = {dag["dag_id"]: dag for dag in self.sections.get("dags", ())}

        def read(dag_id: str) -> tuple[Any, Any]:
            # Airflow has forgotten what the file of an inactive DAG declared
            row = dags[dag_id]
            fine = () if row.get("is_active", not row.get("is_stale", False)) else (404,)
            details = self._one("dag_details", path_of("dags", dag_id, "details"), fine=fine)
            return details, self._one("tasks", path_of("dags", dag_id, "tasks"), fine=fine)

        found = dict(zip(dag_ids, self._each("DAGs", read, dag_ids), strict=True))
        self.sections["dag_details"] = {dag_id: details for dag_id, (details, _) in found.items() if details}
        self.sections["tasks"] = {dag_id: tasks["tasks"] for dag_id, (_, tasks) in found.items() if tasks}
        if self.reads("dag_sources"):
            self._sources(dags)
        if self.reads("queued_events"):
            self._queued_events()

    def _sources(self, dags: dict[str, Any]) -> None:
        if dags:
            files = {dag["fileloc"]: dag["file_token"] for dag in dags.values() if dag.get("file_token")}
            paths = [path_of("dagSources", token) for token in files.values()]
            texts = self._each("DAG files", lambda path: self._one("dag_sources", path, fine=(404,)), paths)
            sources = {file: text["content"] for file, text in zip(files, texts, strict=True) if text}
            self.sections["dag_sources"] = sources

    def _queued_events(self) -> None:
        changed = self.sections.get(f"{self.noun}s", ())
        consumers = [row["dag_id"] for each in changed for row in each.get(self.consumers, ())]

        def read(dag_id: str) -> list[Any]:
            found = self._one("queued_events", path_of("dags", dag_id, f"{self.noun}s", self.queue), fine=(404,))
            return found["queued_events"] if found else []

        events = [event for found in self._each("queued events", read, dict.fromkeys(consumers)) for event in found]
        self.sections["queued_events"] = events

    def _runs(self, dag_ids: Sequence[str]) -> None:
        """The last runs of each DAG, in the order of their creation as far as Airflow tells it.

        Only the list over all DAGs tells that order. It is read whole where that takes no more requests than asking for
        each DAG's last runs would; otherwise the runs are put in order by when they started.
        """
        last = self.wanted.runs_per_dag
        if not last or not self.reads("dag_runs"):
            return
        everything = self._one("dag_runs", path_of("dags", "~", "dagRuns"), limit=1, order_by="id")
        if everything is None:
            return
        if everything["total_entries"] <= 100 * max(1, len(dag_ids)):
            rows = self._pages("dag_runs", path_of("dags", "~", "dagRuns"), "dag_runs", order_by="id")
            chosen: set[tuple[str, str]] = set()
            for of_dag in by(rows, "dag_id").values():
                newest = sorted(of_dag, key=lambda run: run[self.date], reverse=True)[:last]
                chosen.update((run["dag_id"], run[_RUN_ID]) for run in newest)
            runs = [run for run in rows if (run["dag_id"], run[_RUN_ID]) in chosen]
        else:

            def read(dag_id: str) -> list[Any]:
                path = path_of("dags", dag_id, "dagRuns")
                return self._pages("dag_runs", path, "dag_runs", most=last, order_by=f"-{self.date}")

            found = self._each("runs", read, dag_ids)
            runs = sorted((run for of_dag in found for run in of_dag), key=_begun)
        self.sections["dag_runs"] = [run for run in runs if run["dag_id"] in set(dag_ids)]

    def _instances(self) -> None:
        """The task instances of the chosen runs; those of a DAG's newest run tell the order of the others'."""
        if not self.reads("task_instances"):
            return

        def read(runs: list[Any]) -> list[Any]:
            dag_id, by_date = runs[0]["dag_id"], sorted(runs, key=lambda run: run[self.date])
            newest, *others = by_date[::-1]
            rows = self._rows_of(dag_id, newest[_RUN_ID])
            place = {(row["task_id"], row["map_index"]): number for number, row in enumerate(rows)}
            if others:
                dates = {
                    f"{self.date}_gte": others[-1][self.date],
                    f"{self.date}_lte": others[0][self.date],
                }
                older = self._rows_of(dag_id, "~", **dates)
                older.sort(key=lambda row: place.get((row["task_id"], row["map_index"]), len(place)))
                rows = older + rows
            by_run = by(rows, _RUN_ID)
            return [row for run in runs for row in by_run.get(run[_RUN_ID], ())]

        found = self._each("task instances", read, by(self.sections.get("dag_runs", ()), "dag_id").values())
        by_run = by((row for rows in found for row in rows), "dag_id", _RUN_ID)
        runs = self.sections.get("dag_runs", ())
        self.sections["task_instances"] = [row for run in runs for row in by_run.get((run["dag_id"], run[_RUN_ID]), ())]

    def _rows_of(self, dag_id: str, run_id: str, **query: Any) -> list[Any]:
        path = path_of("dags", dag_id, "dagRuns", run_id, "taskInstances")
        return self._pages("task_instances", path, "task_instances", **query)

    # --------------------------------------------------------------------------------------- what each run left behind

    def _of_runs(self) -> None:
        runs = self.sections.get("dag_runs", ())
        if self.reads("dataset_events"):
            triggered = [run for run in runs if run.get("run_type") == f"{self.noun}_triggered"]
            found = self._each("upstream events", self._upstream_events, triggered)
            self.sections[f"upstream_{self.noun}_events"] = [entry for entry in found if entry]
        if self.reads("xcoms"):
            entries = [entry for found in self._each("xcoms", self._xcom_keys, runs) for entry in found]
            values = self._each("values of xcoms", self._xcom, entries)
            self.sections["xcoms"] = [xcom for xcom in values if xcom]

    def _upstream_events(self, run: Any) -> Any:
        name = f"{self.noun}_event"
        path = path_of("dags", run["dag_id"], "dagRuns", run[_RUN_ID], f"upstream{self.noun.title()}Events")
        found = self._one(f"upstream_{name}s", path)
        events = [event["id"] for event in found[f"{name}s"]] if found else []
        return {"dag_id": run["dag_id"], _RUN_ID: run[_RUN_ID], f"{name}_ids": events} if events else None

    def _xcom_keys(self, run: Any) -> list[Any]:
        path = path_of("dags", run["dag_id"], "dagRuns", run[_RUN_ID], "taskInstances", "~", "xcomEntries")
        return [{**entry, _RUN_ID: run[_RUN_ID]} for entry in self._pages("xcoms", path, "xcom_entries")]

    def _xcom(self, entry: Any) -> Any:
        path = f"{path_of_instance(entry, mapped=False)}{path_of('xcomEntries', entry['key'])}"
        query = {"map_index": entry["map_index"]} if entry.get("map_index", -1) >= 0 else {}
        if self._version() >= (2, 10):
            query["stringify"] = "false"
        found = self._one("xcoms", path, **query)
        return {**entry, "value": found["value"]} if found else None

    def _version(self) -> tuple[int, ...]:
        """The server's version, as far as two numbers tell it."""
        parts = str((self.sections.get("version") or {}).get("version", "")).split(".")[:2]
        return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()

    def _of_instances(self) -> None:
        rows = self.sections.get("task_instances", ())
        if self.reads("task_instance_tries"):
            found = self._each("tries", self._tries, filter(_has_history, rows))
            self.sections["task_instance_tries"] = [attempt for attempts in found for attempt in attempts]
        if self.reads("extra_links"):
            links = self._each("links", self._links, filter(self._offers_links, rows))
            self.sections["extra_links"] = [entry for entry in links if entry]
        if self.reads("logs"):
            logs = self._each("logs", self._log, self._attempts(rows))
            self.sections["logs"] = [log for log in logs if log]

    def _tries(self, row: Any) -> list[Any]:
        return self._pages("task_instance_tries", f"{path_of_instance(row)}/tries", "task_instances")

    def _offers_links(self, row: Any) -> bool:
        tasks = self.sections["tasks"].get(row["dag_id"], ())
        return row["map_index"] < 0 and any(
            task["task_id"] == row["task_id"] and task.get("extra_links") for task in tasks
        )

    def _links(self, row: Any) -> Any:
        links = self._one("extra_links", f"{path_of_instance(row)}/links")
        return {**names_of(row), "links": links} if links else None

    def _attempts(self, rows: Iterable[Any]) -> Iterator[tuple[Any, int]]:
        history = by(self.sections.get("task_instance_tries", ()), "dag_id", _RUN_ID, "task_id", "map_index")
        for row in rows:
            past = history.get(tuple(names_of(row).values()), ())
            numbers = {attempt["try_number"] for attempt in (*past, row)}
            yield from ((row, number) for number in sorted(numbers) if number)

    def _log(self, attempt: tuple[Any, int]) -> Any:
        row, number = attempt
        query = {"map_index": row["map_index"]} if row["map_index"] >= 0 else {}
        path = f"{path_of_instance(row, mapped=False)}/logs/{number}"
        found = self._one("logs", path, full_content="true", **query)
        return {**names_of(row), "try_number": number, "content": found["content"]} if found else None


def by(rows: Iterable[Any], *names: str) -> dict[Any, list[Any]]:
    """Rows by the values that they have under these names."""
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        key = row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)
        groups.setdefault(key, []).append(row)
    return groups


def names_of(row: Any) -> dict[str, Any]:
    """What names a task instance."""
    return {name: row[name] for name in ("dag_id", _RUN_ID, "task_id", "map_index")}


def path_of_instance(row: Any, *, mapped: bool = True) -> str:
    parts = ["dags", row["dag_id"], "dagRuns", row[_RUN_ID], "taskInstances", row["task_id"]]
    return path_of(*parts, *([row["map_index"]] if mapped and row["map_index"] >= 0 else []))


def _has_history(row: Any) -> bool:
    """Whether there are earlier attempts: an instance at its first one, running or done, has none."""
    number = row["try_number"] or 0
    return number > 1 or (number == 1 and row["state"] not in FINISHED_TASK | {"running"})


def _begun(run: Any) -> str:
    """When a run came up, or what is nearest to that; Airflow writes all of these in one notation."""
    return str(run.get("start_date") or run.get("data_interval_end") or run.get("execution_date") or run["run_after"])
