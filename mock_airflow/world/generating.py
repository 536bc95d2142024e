"""A made-up world of any size: a company's DAGs with owners, schedules and failures as one would believe them.

The names come from Faker, everything from the seed: the same arguments give the same bytes. The world's clock starts at
the moment at which its history ends, whenever it is served.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from mock_airflow.errors import GeneratorError
from mock_airflow.world.writing import write_whole

if TYPE_CHECKING:
    from faker import Faker

UNTIL = datetime(2026, 1, 1, tzinfo=timezone.utc)

# Schedule with the hour and minute to fill in, its period, its name, how common it is, and its share of the runs.
_SCHEDULES = (
    ("*/15 * * * *", timedelta(minutes=15), "quarter_hourly", 1, 8.0),
    ("{minute} * * * *", timedelta(hours=1), "hourly", 5, 4.0),
    ("{minute} {hour} * * *", timedelta(days=1), "daily", 10, 1.0),
    ("{minute} {hour} * * 1", timedelta(days=7), "weekly", 3, 0.2),
    (None, timedelta(hours=31), "on_demand", 2, 0.3),
)
_SUBJECTS = (
    "orders invoices payments refunds customers leads sessions clicks shipments stock prices suppliers tickets returns"
    " contracts payroll budgets forecasts campaigns subscriptions events devices sensors claims loans deposits"
).split()
_VERBS = "sync load export aggregate reconcile score clean archive enrich report".split()
_TEAMS = "finance sales marketing logistics support risk platform hr research product".split()
# Tasks with those after them: chains, a fan, a diamond.
_SHAPES: tuple[dict[str, list[str]], ...] = (
    {"extract": ["load"], "load": []},
    {"extract": ["transform"], "transform": ["load"], "load": []},
    {"wait_for_file": ["ingest"], "ingest": ["validate"], "validate": ["publish"], "publish": []},
    {"start": ["north", "south"], "north": ["merge"], "south": ["merge"], "merge": []},
    {"query": ["render", "snapshot"], "render": [], "snapshot": []},
)
_OPERATORS = {
    "start": ("EmptyOperator", "airflow.operators.empty"),
    "wait_for_file": ("FileSensor", "airflow.sensors.filesystem"),
    "load": ("SQLExecuteQueryOperator", "airflow.providers.common.sql.operators.sql"),
    "query": ("SQLExecuteQueryOperator", "airflow.providers.common.sql.operators.sql"),
    "publish": ("BashOperator", "airflow.operators.bash"),
}


@dataclass(frozen=True)
class _Plan:
    """What a DAG's runs are drawn from."""

    dag_id: str
    tasks: dict[str, list[str]]
    scheduled: bool
    last: datetime
    period: timedelta
    seconds: float
    failure_rate: float
    share: float


def generate(*, dags: int, runs: int, seed: int, until: datetime = UNTIL) -> Iterator[str]:
    """The text of a world of so many DAGs and runs, in pieces. Raises GeneratorError without Faker."""
    try:
        from faker import Faker
    except ImportError:
        raise GeneratorError("Generating a world needs Faker; install mock-airflow[faker].") from None
    random, fake = Random(seed), Faker("en_US")
    fake.seed_instance(seed)
    until = until.astimezone(timezone.utc).replace(microsecond=0)
    owners = list(dict.fromkeys(fake.user_name() for _ in range(max(3, dags // 8))))
    made = [_dag(random, fake, owners, number, until) for number in range(dags)]
    about = f"Made up: {dags} DAGs and {runs} runs up to {until.isoformat()}, from seed {seed}."
    yield _member("about", about, first=True)
    yield _member("settings", {"clock": until.isoformat()})
    yield _list("users", (_user(fake, name) for name in owners))
    yield _list("pools", ({"name": f"{team}_pool", "slots": random.choice((4, 8, 16, 32))} for team in _TEAMS))
    yield _list(
        "variables", ({"key": f"{team}_bucket", "value": f"s3://{fake.domain_word()}-{team}"} for team in _TEAMS)
    )
    yield _list("connections", (_connection(fake, team) for team in _TEAMS))
    yield _list("dags", (dag for dag, _ in made))
    yield _list("dag_runs", _runs(random, [plan for _, plan in made], runs, until))
    yield "\n}\n"


def write(file: Path, pieces: Iterator[str]) -> int:
    """Write a world's text; gives its size in bytes. Raises GeneratorError."""
    try:
        return write_whole(file, pieces)
    except OSError as error:
        raise GeneratorError(f"The world file {file} cannot be written: {error.strerror or error}.") from None


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _member(name: str, value: Any, *, first: bool = False) -> str:
    return f"{'{' if first else ','}\n{_text(name)}: {_text(value)}"


def _list(name: str, items: Iterator[Any]) -> str:
    return f",\n{_text(name)}: [\n" + ",\n".join(map(_text, items)) + "\n]"


def _user(fake: Faker, name: str) -> dict[str, Any]:
    first, last = fake.first_name(), fake.last_name()
    email = f"{name}@example.com"
    return {"username": name, "first_name": first, "last_name": last, "email": email, "roles": [{"name": "User"}]}


def _connection(fake: Faker, team: str) -> dict[str, Any]:
    host = f"{fake.domain_word()}.example.com"
    return {"connection_id": f"{team}_db", "conn_type": "postgres", "host": host, "login": team, "port": 5432}


def _dag(random: Random, fake: Faker, owners: list[str], number: int, until: datetime) -> tuple[dict[str, Any], _Plan]:
    cron, period, cadence, _, share = random.choices(_SCHEDULES, [common for *_, common, _ in _SCHEDULES])[0]
    team, subject, verb = random.choice(_TEAMS), random.choice(_SUBJECTS), random.choice(_VERBS)
    dag_id, tasks = f"{team}_{verb}_{subject}_{number:03}", random.choice(_SHAPES)
    hour, minute = random.randrange(24), random.randrange(60)
    owner, pool = random.choice(owners), random.choice(("default_pool", "default_pool", f"{team}_pool"))
    dag: dict[str, Any] = {
        "dag_id": dag_id,
        "description": f"{fake.catch_phrase()}: {verb} {subject}",
        "owners": [owner],
        "tags": [{"name": team}, {"name": cadence}],
        "is_paused": random.random() < 0.06,
        "catchup": False,
        "start_date": (until - timedelta(days=900)).isoformat(),
        "last_parsed_time": (until - timedelta(seconds=random.randrange(30))).isoformat(),
        "tasks": [_task(task_id, after, owner, pool, random.choice((0, 1, 2))) for task_id, after in tasks.items()],
    }
    if cron:
        dag["schedule"] = cron.format(hour=hour, minute=minute)
    # What the schedule fires last by `until`; a run begins when its interval is over.
    day = until.replace(hour=0, minute=0, second=0)
    first = day - timedelta(days=day.weekday() + 7) + timedelta(hours=hour, minutes=minute)
    if cadence in ("quarter_hourly", "on_demand"):
        first = day - timedelta(days=7)
    elif cadence == "hourly":
        first = day - timedelta(days=7) + timedelta(minutes=minute)
    elif cadence == "daily":
        first = day - timedelta(days=7) + timedelta(hours=hour, minutes=minute)
    last = first + (until - timedelta(minutes=10) - first) // period * period
    seconds = min(random.lognormvariate(3.6, 1.0) + 5, period.total_seconds() / 2)
    failure_rate = min(0.6, random.betavariate(0.7, 12))
    return dag, _Plan(dag_id, tasks, cron is not None, last, period, seconds, failure_rate, share)


def _task(task_id: str, after: list[str], owner: str, pool: str, retries: int) -> dict[str, Any]:
    name, module = _OPERATORS.get(task_id, ("PythonOperator", "airflow.operators.python"))
    return {
        "task_id": task_id,
        "operator_name": name,
        "class_ref": {"class_name": name, "module_path": module},
        "owner": owner,
        "pool": pool,
        "retries": retries,
        "downstream_task_ids": after,
    }


def _runs(random: Random, plans: list[_Plan], count: int, until: datetime) -> Iterator[dict[str, Any]]:
    """The runs of all DAGs by when they began; each DAG has about its share of them."""
    whole = sum(plan.share for plan in plans)
    counts = [int(count * plan.share / whole) for plan in plans]
    for number in range(count - sum(counts)):
        counts[number % len(counts)] += 1
    rows: list[tuple[datetime, _Plan, datetime]] = []
    for plan, own in zip(plans, counts, strict=True):
        for back in range(own):
            end = plan.last - back * plan.period
            if not plan.scheduled:
                end -= timedelta(seconds=random.randrange(60 * 60 * 20))
            rows.append((end, plan, end - plan.period if plan.scheduled else end))
    rows.sort(key=lambda row: row[0])
    return (_run(random, plan, start, end, until) for end, plan, start in rows)


def _run(random: Random, plan: _Plan, start: datetime, end: datetime, until: datetime) -> dict[str, Any]:
    begun = end + timedelta(seconds=random.randrange(1, 5), microseconds=random.randrange(10**6))
    ended = begun + timedelta(seconds=plan.seconds * random.uniform(0.7, 1.6))
    failed = random.choice(list(plan.tasks)) if random.random() < plan.failure_rate else None
    if failed == "start":
        failed = None
    return {
        "dag_id": plan.dag_id,
        "run_type": "scheduled" if plan.scheduled else "manual",
        "state": "failed" if failed else "success",
        "logical_date": start.isoformat(),
        "data_interval_end": end.isoformat(),
        "start_date": begun.isoformat(),
        "end_date": min(ended, until).isoformat(),
        "tasks": _ends(plan.tasks, failed) if failed else "success",
    }


def _ends(tasks: dict[str, list[str]], failed: str) -> dict[str, str]:
    """The states of a run in which one task failed: everything after it could not begin."""
    states = dict.fromkeys(tasks, "success")
    states[failed] = "failed"
    for task_id, after in tasks.items():  # each stands before what comes after it
        if states[task_id] != "success":
            states.update(dict.fromkeys(after, "upstream_failed"))
    return states
