"""The same stories under a real Airflow 3 with its scheduler and here: what became of every run and task is the same.

``fixtures/recordings/airflow-3.3.2-lives`` has the DAG files, the stories, and what the real one did. A story is told
here again on a clock of its own, of the DAGs as the real one's API told of them and of the DAG files themselves, with
plans that say what the files' code does and nothing of what follows from it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mock_airflow.deployment import Deployment
from mock_airflow.testing.mock import template_of
from tests.domain.scheduler.retelling import Retelling, Teller, tries

LIVES = Path(__file__).resolve().parents[3] / "fixtures" / "recordings" / "airflow-3.3.2-lives"
MORE = LIVES.with_name("airflow-3.3.2-lives-more")  # of DAG files of their own
GIVEN = LIVES.parents[1] / "lives" / "airflow-3.3.2"  # what the DAG files do not say
PLANS: Mapping[str, Any] = json.loads((GIVEN / "plans.json").read_text("utf-8"))  # by story
# What the API does not tell of a DAG, and what an alias stands for before its task ran, is in the plans of the stories
# that are told of one source only.
TOLD = [(name, source) for name, plan in PLANS.items() for source in plan.get("sources", ("captured", "declared"))]
TOLD += [(story.stem, "more") for story in sorted((MORE / "stories").glob("*.json"))]
PARSED = "2026-11-29T13:55:05Z"
_DRAWN = re.compile(r"(?<=_)[A-Za-z0-9]{8}$")
_NEXT = ("logical_date", "data_interval_start", "data_interval_end", "run_after")


class Teller3(Teller):
    """In the words of an Airflow 3; what is drawn in run ids becomes ``drawn``."""

    def __init__(self, began: datetime) -> None:
        super().__init__(began)
        self._assets: Mapping[str, str] = {}

    def account(self, gathered: Mapping[str, Any]) -> dict[str, Any]:
        """What became of the DAGs, asset events by their assets' URIs."""
        self._assets = gathered["assets"]
        return super().account(gathered)

    def stamped(self, value: Any) -> Any:
        told = super().stamped(value)
        return _DRAWN.sub("drawn", told) if isinstance(told, str) else told

    def dag(self, found: Mapping[str, Any]) -> dict[str, Any]:
        names = self.names(found["runs"])
        return {
            "runs": {names[run["dag_run_id"]]: self._run(run) for run in found["runs"]},
            "tasks": {names[run_id]: _tasks(rows) for run_id, rows in found["task_instances"].items()},
            "tries": {self.stamped(key): tries(rows) for key, rows in sorted(found["tries"].items())},
            "upstream": {
                names[run_id]: sorted(([event["uri"], event["source_dag_id"]] for event in events), key=repr)
                for run_id, events in found["upstream_asset_events"].items()
            },
            "events": sorted((self._event(event) for event in found["asset_events"]), key=repr),
            "queued": sorted(
                self._assets[str(event["asset_id"])] for event in found["queued_events"].get("queued_events", ())
            ),
            "asked": sorted((self._question(row) for row in found["hitl_details"]), key=repr),
            "backfills": [self._backfill(row) for row in found["backfills"]],
            "versions": sorted(found["versions"]),
            "paused": found["dag"]["is_paused"],
            "next": {field: self.stamped(found["dag"][f"next_dagrun_{field}"]) for field in _NEXT},
        }

    def _run(self, run: Mapping[str, Any]) -> dict[str, Any]:
        moments = ("logical_date", "data_interval_start", "data_interval_end", "run_after", "partition_date")
        return {
            **{name: run[name] for name in ("run_type", "state", "conf", "triggered_by", "triggering_user_name")},
            **{name: self.stamped(run[name]) for name in moments},
            "partition_key": run["partition_key"],
            "versions": [version["version_number"] for version in run["dag_versions"]],
            "dates": (run["start_date"] is not None, run["end_date"] is not None),
        }

    def _event(self, event: Mapping[str, Any]) -> list[Any]:
        woken = sorted(f"{run['dag_id']} {self.stamped(run['run_id'])}" for run in event["created_dagruns"])
        source = [event[f"source_{part}"] for part in ("task_id", "run_id", "map_index")]
        return [event["uri"], event["extra"], *map(self.stamped, source), woken]

    def _question(self, row: Mapping[str, Any]) -> dict[str, Any]:
        ti = row["task_instance"]
        asked = ("options", "subject", "body", "defaults", "multiple", "chosen_options", "params_input")
        return {
            "who": [self.stamped(ti["dag_run_id"]), ti["task_id"], ti["map_index"], ti["try_number"]],
            **{name: row[name] for name in asked},
            "params": {name: param["value"] for name, param in row["params"].items()},
            "answered": (row["responded_by_user"], row["responded_at"] is not None, row["response_received"]),
        }

    def _backfill(self, row: Mapping[str, Any]) -> dict[str, Any]:
        named = ("from_date", "to_date", "dag_run_conf", "is_paused", "reprocess_behavior", "max_active_runs")
        return {name: row[name] for name in named}  # when it is closed is a matter of the scheduler's half minutes


def _tasks(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        f"{ti['task_id']}[{ti['map_index']}]": (
            ti["state"],
            ti["try_number"],
            ti["max_tries"],
            (ti["dag_version"] or {}).get("version_number"),
        )
        for ti in sorted(rows, key=lambda ti: (ti["task_id"], ti["map_index"]))
    }


def _read(folder: str, name: str) -> Mapping[str, Any]:
    home = MORE if (MORE / folder / f"{name}.json").exists() else LIVES
    content: Mapping[str, Any] = json.loads((home / folder / f"{name}.json").read_text("utf-8"))
    return content


_COMMON = {"airflow_version": "3.3.2", "clock": PARSED, "frozen": True, "user": "admin:admin:Admin"}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Deployment]:
    """All DAGs of the recording, paused, before any run: as the API told of them, and as their files declare them."""
    folder = tmp_path_factory.mktemp("lives")
    dags = folder / "dags"
    shutil.copytree(LIVES / "dags", dags)
    more = json.loads((GIVEN / "world.json").read_text("utf-8"))
    world = dict(json.loads((LIVES / "start.json").read_text("utf-8")))
    for dag_id, tasks in more["tasks"].items():
        rows = world["tasks"][dag_id]
        world["tasks"][dag_id] = [{**task, **tasks.get(task["task_id"], {})} for task in rows]
    for dag_id, fields in more["dags"].items():
        world["dag_details"][dag_id] = {**world["dag_details"][dag_id], **fields}
        world["dags"] = [
            {**row, **{name: fields[name] for name in fields if name in row}} if row["dag_id"] == dag_id else row
            for row in world["dags"]
        ]
    for row in (*world["dags"], world["dag_details"]["continuous"]):
        if row["dag_id"] == "continuous":  # captured after its story was told, and what is next began to count there
            row.update(dict.fromkeys([name for name in row if name.startswith("next_dagrun")]))
    versions: dict[str, list[Any]] = {}
    for row in world["dag_versions"]:
        versions.setdefault(row["dag_id"], []).append(row)
    captured = folder / "start.json"
    captured.write_text(json.dumps({**world, "dag_versions": versions}), "utf-8")
    return {
        "captured": template_of({**_COMMON, "world": str(captured)}),
        "declared": template_of({**_COMMON, "dags_folder": str(dags)}),
        "more": template_of({**_COMMON, "dags_folder": str(MORE / "dags")}),
    }


class Retelling3(Retelling):
    """By an Airflow 3, whose administrator has a token."""

    root, lives = "/api/v2", LIVES

    def __init__(self, deployment: Deployment, story: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
        super().__init__(deployment, story, plan)
        login = json.dumps({"username": "admin", "password": "admin"}).encode()
        reply = self.send("POST", "/auth/token", [("Content-Type", "application/json")], login)
        self._token = json.loads(reply.body)["access_token"]

    def credential(self) -> str:
        return f"Bearer {self._token}"

    def change(self, folder: str) -> None:
        """Put other files into the DAG folder, and have them parsed."""
        target = Path(self.deployment.settings.dags_folder or "")
        for path in (LIVES / folder).glob("*.py"):
            shutil.copy(path, target)
            rows = self.ask("GET", "/dags", {"limit": 100, "dag_id_pattern": "changed"}, None)[1]["dags"]
            token = next(row["file_token"] for row in rows if row["fileloc"].endswith(path.name))
            assert self.ask("PUT", f"/parseDagFile/{token}", None, None)[0] == 201


def _retold(start: Mapping[str, Deployment], name: str, source: str) -> tuple[Any, Any, Teller3]:
    """What became of a story here and there, and who compares it."""
    deployment, plan = start[source].fresh(), PLANS.get(name, {})
    for each in (*plan.get("after", ()), name):  # those that it was recorded after, on DAGs of both
        there = _read("lives", each)
        began = datetime.fromtimestamp(there["moments"][0], timezone.utc)
        deployment.clock.freeze(began)
        retelling = Retelling3(deployment, _read("stories", each), PLANS.get(each, {}))
        here = retelling.told(retelling.change)
    return here, there, Teller3(began)


@pytest.mark.parametrize(("name", "source"), TOLD)
def test_what_became_of_every_run_and_task_is_as_under_a_real_airflow(
    start: Mapping[str, Deployment], name: str, source: str
) -> None:
    here, there, teller = _retold(start, name, source)

    for moment, noted in there["notes"].items():
        assert teller.account(here["notes"][moment]) == teller.account(noted), f"at {moment}"
    assert teller.account(here["end"]) == teller.account(there["end"])


@pytest.mark.parametrize("source", ["captured", "declared"])
def test_a_continuous_dag_makes_one_run_after_another(start: Mapping[str, Deployment], source: str) -> None:
    """How many there are is a matter of the machine; how they follow each other is not."""
    here, there, teller = _retold(start, "03_continuous", source)

    for told in (here, there):
        runs = told["end"]["dags"]["continuous"]["runs"]
        assert len(runs) > 3
        assert runs[0]["logical_date"] == "2025-01-01T00:00:00Z"
        for earlier, later in pairwise(runs):
            assert later["data_interval_start"] == earlier["data_interval_end"] == later["logical_date"]
            assert later["dag_run_id"] == f"scheduled__{later['run_after'].replace('Z', '+00:00')}"
    mine, theirs = (teller.account(told["end"])["dags"]["continuous"] for told in (here, there))
    assert list(mine["runs"].values())[:3] == list(theirs["runs"].values())[:3]
    assert list(mine["tasks"].values())[:3] == list(theirs["tasks"].values())[:3]


def test_the_audit_log_says_why_a_partition_is_for_nobody(start: Mapping[str, Deployment]) -> None:
    here, there, _ = _retold(start, "40_partitions", "more")

    def told(said: Mapping[str, Any]) -> list[tuple[str, str]]:
        lists = [step["json"]["event_logs"] for step in said.values() if "event_logs" in (step["json"] or ())]
        rows = [row for each in lists for row in each]
        return sorted((row["event"], re.sub(r"listening_dags=.*?, asset_id=\d+", "", row["extra"])) for row in rows)

    assert len(told(there["said"])) > 20
    assert told(here["said"]) == told(there["said"])
