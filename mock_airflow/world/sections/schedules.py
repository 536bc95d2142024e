"""The schedule of a DAG in a world file: as Airflow answers it, or in a short form."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import PARTS, SPANS, Dag, Schedule
from mock_airflow.domain.scheduler.schedules import condition_of, cron_expression, relative_schedule, schedule_of
from mock_airflow.domain.scheduler.timetables import periods
from mock_airflow.domain.schedules.cron import PRESETS, crons, found, wrong_with
from mock_airflow.world.entry import WorldEntry, attempt, complain, nearest

_PERIOD = re.compile(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?", re.ASCII)
_PART = re.compile(r"(\w+)=([+-]?\d+)", re.ASCII)
_CRON_SIGNS, _MOST_FIELDS = frozenset("0123456789*/,- "), 7  # what has more is the name of several expressions


def read_schedule(entry: WorldEntry, known: Schedule) -> Schedule:
    """From ``schedule_interval`` as Airflow answers it, or from the short form ``schedule``."""
    value, short = entry.any("schedule_interval"), entry.any("schedule")
    summary = entry.text("timetable_summary", None)
    if short is None and value is None and summary is not None:
        return _summed_up(summary, known, f"{entry.place}.timetable_summary")
    if short is not None:
        return _short(entry, short)
    if value is None:
        return known
    place = f"{entry.place}.schedule_interval"
    if not isinstance(value, dict) or "__type" not in value:
        complain(place, "an object with __type is expected, as Airflow answers it.")
    if value["__type"] == "CronExpression":
        return _told(WorldEntry(value, place).text("value"), known, f"{place}.value")
    if value["__type"] == "TimeDelta":
        period = entry.period("schedule_interval")
        return attempt(partial(schedule_of, period), place)  # type: ignore[no-any-return]
    if value["__type"] == "RelativeDelta":
        return _relative(entry.child("schedule_interval"))
    complain(place, f"the type {value['__type']!r} is not known; TimeDelta, RelativeDelta and CronExpression are.")


def _summed_up(text: str, known: Schedule, place: str) -> Schedule:
    """What Airflow 3 calls a timetable: as Airflow 2 does, and a period as Python writes it (observed)."""
    if period := _PERIOD.fullmatch(text):
        days, hours, minutes, seconds, fraction = period.groups("0")
        delta = timedelta(int(days), int(seconds), int(fraction.ljust(6, "0")), 0, int(minutes), int(hours))
        return attempt(partial(schedule_of, delta), place)  # type: ignore[no-any-return]
    if text.startswith("relativedelta("):
        parts = {name: int(number) for name, number in _PART.findall(text)}
        return attempt(partial(relative_schedule, parts), place)  # type: ignore[no-any-return]
    told = _told(text.replace("Asset", "Dataset"), known, place)
    return Schedule(kind="assets", assets=known.assets) if told.kind == "assets" else told


def as_planned(dag: Dag, *, by_airflow_3: bool) -> Dag:
    """The DAG, with a schedule of moments or of intervals as its plan shows it.

    Airflow calls all of these alike. The next run of a schedule of moments is about no time at all, or about some time
    before the DAG's start (observed). Where an Airflow 3 tells the plan, one about the time between two moments is of a
    schedule of intervals; one about no time is what a cron expression means there, and left to the reader.
    """
    start, end = dag.next_dagrun_data_interval_start, dag.next_dagrun_data_interval_end
    schedule = dag.schedule
    periodic = periods(dag)
    if periodic is None or schedule.span is not None or start is None or end is None:
        return dag
    if by_airflow_3:
        early = dag.start_date is not None and start < dag.start_date  # an interval cannot be
        if start < end and found(periodic.after, start) == end and not early:
            schedule = replace(schedule, intervals=True)
        elif start < end:
            schedule = replace(schedule, span=end - start)
    elif schedule.kind == "cron" and (start == end or (dag.start_date is not None and start < dag.start_date)):
        schedule = replace(schedule, span=end - start)
    return replace(dag, schedule=schedule)


def conducted(airflow: Airflow, dag: Dag) -> Dag:
    """The DAG with what its schedule means to this Airflow: moments, where nothing says that it is of intervals."""
    schedule = dag.schedule
    if not airflow.conduct.points or schedule.intervals or schedule.span is not None or periods(dag) is None:
        return dag
    return replace(dag, schedule=replace(schedule, span=timedelta(0)))


def _short(entry: WorldEntry, short: Any) -> Schedule:
    """From a cron expression or preset, seconds, dataset URIs, a condition over them, moments, or a period's parts."""
    place = f"{entry.place}.schedule"
    if isinstance(short, list):
        return Schedule(kind="assets", assets={"all": list(entry.texts("schedule"))})
    if isinstance(short, dict) and set(short) & {"cron", "period", "events"}:
        return _moments(entry.child("schedule"))
    if isinstance(short, dict) and set(short) & {*SPANS, *PARTS}:
        return _relative(entry.child("schedule"))
    if isinstance(short, dict):
        return Schedule(kind="assets", assets=attempt(partial(condition_of, short), place) if short else {})
    if isinstance(short, bool) or not isinstance(short, (str, int, float)):
        complain(place, "a text, a number of seconds, a list of dataset URIs or an object is expected.")
    return attempt(partial(schedule_of, short), place)  # type: ignore[no-any-return]


def _told(text: str, known: Schedule, place: str) -> Schedule:
    """What Airflow calls the timetable of a DAG: a cron expression, one besides datasets, or a name (observed)."""
    if text in ("Dataset", "Unresolved DatasetAlias"):
        return Schedule(kind="assets", value=text, assets=known.assets)
    if text in ("@once", "@continuous"):
        return schedule_of(text)
    expression = text.removeprefix("Dataset or ")
    try:
        crons(expression)
    except ValueError:
        if known.events:
            return known
        if text.startswith("@"):
            complain(place, f"the schedule {text!r} is none of Airflow's presets.{nearest(text, PRESETS)}")
        if _CRON_SIGNS.issuperset(text) and len(text.split()) <= _MOST_FIELDS:  # misspelt
            complain(place, f"the schedule {text!r} cannot be understood: {wrong_with(expression)}.")
        return Schedule(kind="timetable", value=text, assets=known.assets)
    same = known.value == expression
    span = known.span if same else timedelta(0) if ", " in expression else None
    intervals = same and known.intervals
    return Schedule(kind="cron", value=expression, assets=known.assets, span=span, intervals=intervals)


def _moments(entry: WorldEntry) -> Schedule:
    """``{"cron": ..}`` or ``{"period": seconds}``, or ``{"events": [..]}``.

    The first two may have a ``span`` or ``intervals``, and a cron expression ``datasets`` besides.
    """
    if entry.has("events"):
        items = enumerate(entry.array("events"))
        moments = tuple(
            WorldEntry({"at": item}, f"{entry.place}.events[{index}]").moment("at") for index, item in items
        )
        entry.done()
        return Schedule(kind="events", events=moments)
    form = {"span": entry.period("span"), "intervals": entry.flag("intervals", False)}
    if entry.has("period"):
        period = entry.number("period")
        entry.done()
        schedule: Schedule = attempt(partial(schedule_of, period), f"{entry.place}.period")
        return replace(schedule, **form)
    expression, datasets = entry.text("cron"), entry.any("datasets")
    for each in expression.split(", "):
        attempt(partial(cron_expression, each), f"{entry.place}.cron")
    if isinstance(datasets, list):
        datasets = {"all": list(entry.texts("datasets"))}
    elif datasets is not None:
        attempt(partial(condition_of, datasets), f"{entry.place}.datasets")
    entry.done()
    return Schedule(kind="cron", value=expression, assets=datasets, **form)


def _relative(entry: WorldEntry) -> Schedule:
    entry.text("__type", None)
    spans = {name: span for name in SPANS if (span := entry.whole(name, 0))}
    parts = {name: part for name in PARTS if (part := entry.whole(name, None)) is not None}
    entry.done()
    return attempt(partial(relative_schedule, {**spans, **parts}), entry.place)  # type: ignore[no-any-return]
