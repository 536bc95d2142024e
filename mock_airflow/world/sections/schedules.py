"""The schedule of a DAG in a world file: as Airflow answers it, or in a short form."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from mock_airflow.domain.records import PARTS, SPANS, Schedule
from mock_airflow.domain.scheduler.schedules import condition_of, cron_expression, relative_schedule, schedule_of
from mock_airflow.domain.scheduler.timetables import PRESETS, cron, wrong_with
from mock_airflow.world.entry import Entry, attempt, complain, nearest

_CRON_SIGNS, _MOST_FIELDS = frozenset("0123456789*/,- "), 7  # what has more is the name of several expressions


def read_schedule(entry: Entry, known: Schedule) -> Schedule:
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
        return _told(Entry(value, place).text("value"), known, f"{place}.value")
    if value["__type"] == "TimeDelta":
        period = entry.period("schedule_interval")
        return attempt(partial(schedule_of, period), place)  # type: ignore[no-any-return]
    if value["__type"] == "RelativeDelta":
        return _relative(entry.child("schedule_interval"))
    complain(place, f"the type {value['__type']!r} is not known; TimeDelta, RelativeDelta and CronExpression are.")


def _summed_up(text: str, known: Schedule, place: str) -> Schedule:
    """What Airflow 3 calls a timetable. Its cron schedules make points, not intervals (observed)."""
    told = _told(text.replace("Asset", "Dataset"), known, place)
    if told.kind == "datasets":
        return Schedule(kind="datasets", datasets=known.datasets)
    return replace(told, span=timedelta(0)) if told.kind == "cron" and told.span is None else told


def _short(entry: Entry, short: Any) -> Schedule:
    """From a cron expression or preset, seconds, dataset URIs, a condition over them, moments, or a period's parts."""
    place = f"{entry.place}.schedule"
    if isinstance(short, list):
        return Schedule(kind="datasets", datasets={"all": list(entry.texts("schedule"))})
    if isinstance(short, dict) and set(short) & {"cron", "events"}:
        return _moments(entry.child("schedule"))
    if isinstance(short, dict) and set(short) & {*SPANS, *PARTS}:
        return _relative(entry.child("schedule"))
    if isinstance(short, dict):
        return Schedule(kind="datasets", datasets=attempt(partial(condition_of, short), place) if short else {})
    if isinstance(short, bool) or not isinstance(short, (str, int, float)):
        complain(place, "a text, a number of seconds, a list of dataset URIs or an object is expected.")
    return attempt(partial(schedule_of, short), place)  # type: ignore[no-any-return]


def _told(text: str, known: Schedule, place: str) -> Schedule:
    """What Airflow calls the timetable of a DAG: a cron expression, one besides datasets, or a name (observed)."""
    if text in ("Dataset", "Unresolved DatasetAlias"):
        return Schedule(kind="datasets", value=text, datasets=known.datasets)
    if text in ("@once", "@continuous"):
        return schedule_of(text)
    expression = text.removeprefix("Dataset or ")
    try:
        cron(expression)
    except ValueError:
        if known.events:
            return known
        if text.startswith("@"):
            complain(place, f"the schedule {text!r} is none of Airflow's presets.{nearest(text, PRESETS)}")
        if _CRON_SIGNS.issuperset(text) and len(text.split()) <= _MOST_FIELDS:  # misspelt
            complain(place, f"the schedule {text!r} cannot be understood: {wrong_with(expression)}.")
        return Schedule(kind="timetable", value=text)
    span = known.span if known.value == expression else None
    return Schedule(kind="cron", value=expression, datasets=known.datasets, span=span)


def _moments(entry: Entry) -> Schedule:
    """``{"cron": ..}`` with the ``span`` and ``datasets`` that a cron schedule may have, or ``{"events": [..]}``."""
    if entry.has("events"):
        items = enumerate(entry.array("events"))
        moments = tuple(Entry({"at": item}, f"{entry.place}.events[{index}]").moment("at") for index, item in items)
        entry.done()
        return Schedule(kind="events", events=moments)
    expression, datasets = entry.text("cron"), entry.any("datasets")
    attempt(partial(cron_expression, expression), f"{entry.place}.cron")
    if isinstance(datasets, list):
        datasets = {"all": list(entry.texts("datasets"))}
    elif datasets is not None:
        attempt(partial(condition_of, datasets), f"{entry.place}.datasets")
    schedule = Schedule(kind="cron", value=expression, span=entry.period("span"), datasets=datasets)
    entry.done()
    return schedule


def _relative(entry: Entry) -> Schedule:
    entry.text("__type", None)
    spans = {name: span for name in SPANS if (span := entry.whole(name, 0))}
    parts = {name: part for name in PARTS if (part := entry.whole(name, None)) is not None}
    entry.done()
    return attempt(partial(relative_schedule, {**spans, **parts}), entry.place)  # type: ignore[no-any-return]
