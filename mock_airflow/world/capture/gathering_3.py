"""What is read of an Airflow 3, whose API words paths and lists otherwise and has more to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from mock_airflow.world.capture.gathering import Gathering, by, names_of, path_of_instance
from mock_airflow.world.capture.source import path_of

_RUN_ID = "dag_run_id"
_FAB = {"roles": ("roles", "role_id"), "permissions": ("actions", "id"), "users": ("users", "id")}
_EVERYWHERE = ("dags", "~", "dagRuns", "~")


class Gathering3(Gathering):
    """One reading of an Airflow 3."""

    lists: ClassVar = {
        "pools": ("/pools", "pools"),
        "connections": ("/connections", "connections"),
        "import_errors": ("/importErrors", "import_errors"),
        "dag_warnings": ("/dagWarnings", "dag_warnings"),
        "asset_aliases": ("/assets/aliases", "asset_aliases"),
        "jobs": ("/jobs", "jobs"),
        "plugins": ("/plugins", "plugins"),
        "providers": ("/providers", "providers"),
    }
    date = "run_after"  # which every run has
    noun, consumers, queue = "asset", "scheduled_dags", "queuedEvents"
    log_order = "id"

    def jobs(self) -> dict[str, Callable[[], Any]]:
        """What stands for itself, by section."""
        return {
            "version": lambda: self._one("version", "/version"),
            "health": lambda: self._one("health", "/monitor/health"),
            "dags": lambda: self._pages("dags", "/dags", "dags", exclude_stale="false"),
            "variables": self._variables,
            "assets": lambda: self._pages("assets", "/assets", "assets", only_active="false"),
            "active_assets": self._active_assets,
            "asset_events": self._newest_events,
            "event_logs": self._event_logs,
            "dag_versions": self._versions,
            "fab": self._fab,
        }

    def reads(self, section: str) -> bool:
        """Whether a section is wanted; those of 3 go by their names in 2."""
        older = {"assets": "datasets", "active_assets": "datasets", "asset_events": "dataset_events"}
        return super().reads(older.get(section, section))

    def _fab(self) -> dict[str, list[Any]]:
        """What the FAB auth manager tells to whoever may read it: roles, permissions, and users if they are wanted.

        Under another auth manager nothing is there: a page of the front end, or a 404 of a gateway.
        """
        found: dict[str, list[Any]] = {}
        for name, (listed, order_by) in _FAB.items():
            if self.reads(name):
                path = f"/auth/fab/v1/{name}"

                def read(path: str = path, listed: str = listed, order_by: str = order_by) -> list[Any]:
                    return self.source.pages(path, listed, order_by=order_by)

                rows = self._attempt(name, path, read, fine=(200, 404))
                if rows:
                    found[name] = rows
        return found

    def _complete_connections(self) -> None:
        """The list tells everything that a connection's own answer does."""

    def _active_assets(self) -> list[str]:
        return [row["name"] for row in self._pages("active_assets", "/assets", "assets")]

    def _versions(self) -> dict[str, list[Any]]:
        rows = self._pages("dag_versions", "/dags/~/dagVersions", "dag_versions", order_by="id")
        return by(rows, "dag_id")

    def _sources(self, dags: dict[str, Any]) -> None:
        versions = self.sections.get("dag_versions", {})
        numbers = [(dag_id, row["version_number"]) for dag_id in dags for row in versions.get(dag_id, ())]

        def read(each: tuple[str, int]) -> Any:
            return self._one("dag_sources", path_of("dagSources", each[0]), fine=(404,), version_number=each[1])

        sources: dict[str, dict[str, str]] = {}
        for (dag_id, number), found in zip(numbers, self._each("DAG files", read, numbers), strict=True):
            if found and found.get("content") is not None:
                sources.setdefault(dag_id, {})[str(number)] = found["content"]
        self.sections["dag_sources"] = sources

    def _of_runs(self) -> None:
        super()._of_runs()
        runs = self.sections.get("dag_runs", ())
        chosen = {(run["dag_id"], run[_RUN_ID]) for run in runs}
        questions = self._pages("hitl_details", f"{path_of(*_EVERYWHERE)}/hitlDetails", "hitl_details")
        self.sections["hitl_details"] = [
            row for row in questions if (row["task_instance"]["dag_id"], row["task_instance"][_RUN_ID]) in chosen
        ]
        self._backfills(runs)

    def _backfills(self, runs: Iterable[Any]) -> None:
        made = by((run for run in runs if run["run_type"] == "backfill"), "dag_id")

        def read(dag_id: str) -> list[Any]:
            rows = self._pages("backfills", "/backfills", "backfills", dag_id=dag_id, order_by="id")
            return [{**row, "dag_run_ids": list(_within(row, made.get(dag_id, ())))} for row in rows]

        dag_ids = [dag["dag_id"] for dag in self.sections.get("dags", ())]
        found = self._each("backfills", read, dag_ids)
        self.sections["backfills"] = sorted((row for rows in found for row in rows), key=lambda row: int(row["id"]))

    def _of_instances(self) -> None:
        super()._of_instances()
        self._stores(self.sections.get("task_instances", ()))

    def _stores(self, rows: Sequence[Any]) -> None:
        """What tasks and assets keep from one run to the next."""

        def of_task(row: Any) -> list[Any]:
            path = f"{path_of_instance(row, mapped=False)}/state-store"
            query = {"map_index": row["map_index"]} if row["map_index"] >= 0 else {}
            found = self._pages("task_state_store", path, "task_state_store", **query)
            return [{**names_of(row), **entry} for entry in found]

        def of_asset(asset: Any) -> list[Any]:
            path = path_of("assets", asset["id"], "state-store")
            found = self._pages("asset_state_store", path, "asset_state_store")
            return [{"asset_id": asset["id"], **entry} for entry in found]

        ran = [row for row in rows if row["try_number"]]
        kept = self._each("state of tasks", of_task, ran)
        self.sections["task_state_store"] = [entry for found in kept for entry in found]
        kept = self._each("state of assets", of_asset, self.sections.get("assets", ()))
        self.sections["asset_state_store"] = [entry for found in kept for entry in found]

    def _links(self, row: Any) -> Any:
        found = self._one("extra_links", f"{path_of_instance(row)}/links")
        links = found.get("extra_links") if found else None
        return {**names_of(row), "links": links} if links else None

    def _xcom(self, entry: Any) -> Any:
        path = f"{path_of_instance(entry, mapped=False)}{path_of('xcomEntries', entry['key'])}"
        found = self._one("xcoms", path, map_index=entry.get("map_index", -1), stringify="false")
        kept = {name: value for name, value in entry.items() if name != "run_id"}
        return {**kept, "value": found["value"]} if found else None


def _within(backfill: Any, runs: Iterable[Any]) -> Iterator[str]:
    """The runs that a backfill made, as far as their dates tell it; the API tells no more."""
    for run in runs:
        date = run["logical_date"] or run["run_after"]
        if backfill["from_date"] <= date <= backfill["to_date"]:
            yield run[_RUN_ID]
