"""Schedules: when a DAG runs, and how Airflow describes that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mock_airflow.dag_files.parsing.standin.dags.datasets import BaseDataset, DatasetAll, unresolved
from mock_airflow.dag_files.parsing.standin.errors import AirflowTimetableInvalid
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.moments import parse_timezone

CRON_PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class DataInterval(NamedTuple):
    """The time that a run is about."""

    start: Any
    end: Any

    @classmethod
    def exact(cls, at: Any) -> DataInterval:
        """A single moment."""
        return cls(start=at, end=at)


class TimeRestriction(NamedTuple):
    """When runs may begin."""

    earliest: Any
    latest: Any
    catchup: bool


class DagRunInfo(NamedTuple):
    """A run to come."""

    run_after: Any
    data_interval: DataInterval

    @classmethod
    def exact(cls, at: Any) -> DagRunInfo:
        """One about a single moment."""
        return cls(run_after=at, data_interval=DataInterval.exact(at))

    @classmethod
    def interval(cls, start: Any, end: Any) -> DagRunInfo:
        """One about an interval, at its end."""
        return cls(run_after=end, data_interval=DataInterval(start, end))

    @property
    def logical_date(self) -> Any:
        """The interval's start."""
        return self.data_interval.start


class Timetable:
    """The base of all schedules, also of those that installations write themselves."""

    description = ""
    periodic = True
    can_be_scheduled = True
    active_runs_limit: int | None = None
    dataset_condition: Any = None
    run_ordering: Any = ("data_interval_end", "execution_date")

    @property
    def summary(self) -> str:
        """What Airflow tells as the DAG's schedule."""
        return type(self).__name__

    def validate(self) -> None:
        """Raise AirflowTimetableInvalid for one that makes no sense."""

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Any:
        """One of these values."""
        return cls()

    def serialize(self) -> dict[str, Any]:
        """Its values."""
        return {}

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        """The interval of a run that somebody triggers."""
        raise NotImplementedError

    def next_dagrun_info(self, *, last_automated_data_interval: Any, restriction: Any) -> Any:
        """The next run."""
        raise NotImplementedError


class NullTimetable(Timetable):
    """Never."""

    description = "Never, external triggers only"
    can_be_scheduled = False
    periodic = False
    summary = "None"


class OnceTimetable(Timetable):
    """Once."""

    description = "Once, as soon as possible"
    periodic = False
    summary = "@once"


class ContinuousTimetable(Timetable):
    """Again and again."""

    description = "As frequently as possible, but only one run at a time."
    periodic = False
    active_runs_limit = 1
    summary = "@continuous"


class DatasetTriggeredTimetable(Timetable):
    """When datasets change."""

    description = "Triggered by datasets"
    periodic = False

    def __init__(self, datasets: Any) -> None:
        self.dataset_condition = unresolved(datasets)

    @property
    def summary(self) -> str:
        return "Dataset" if next(self.dataset_condition.iter_datasets(), None) else "Unresolved DatasetAlias"


class DatasetOrTimeSchedule(Timetable):
    """By time and when datasets change."""

    def __init__(self, *, timetable: Timetable, datasets: Any = None, assets: Any = None) -> None:
        self.timetable = timetable
        given = assets if datasets is None else datasets
        self.dataset_condition = given if isinstance(given, BaseDataset) else DatasetAll(*given)
        self.description = f"Triggered by datasets or {timetable.description}"
        self.periodic = timetable.periodic
        self.active_runs_limit = timetable.active_runs_limit

    @property
    def summary(self) -> str:
        return f"Dataset or {self.timetable.summary}"

    def validate(self) -> None:
        if isinstance(self.timetable, DatasetTriggeredTimetable):
            raise AirflowTimetableInvalid("cannot nest dataset timetables")


class CronDataIntervalTimetable(Timetable):
    """By a cron expression, each run about the time since the one before."""

    def __init__(self, cron: str, timezone: Any = "UTC") -> None:
        self.expression = CRON_PRESETS.get(cron, cron)
        self.timezone = parse_timezone(timezone) if isinstance(timezone, str) else timezone
        self._words: str | None = None

    @property
    def description(self) -> str:  # type: ignore[override]
        """The expression in words; nothing where they are not known."""
        if self._words is None:
            self._words = cron_words(self.expression)
        return self._words

    @property
    def summary(self) -> str:
        return self.expression

    def validate(self) -> None:
        check_cron(self.expression)


class CronTriggerTimetable(CronDataIntervalTimetable):
    """By a cron expression, each run about its moment or an interval of its own."""

    def __init__(self, cron: str, *, timezone: Any = "UTC", interval: Any = timedelta(), **more: Any) -> None:
        super().__init__(cron, timezone)
        self.interval = interval


class MultipleCronTriggerTimetable(Timetable):
    """By several cron expressions."""

    def __init__(self, *crons: str, timezone: Any = "UTC", interval: Any = timedelta(), **more: Any) -> None:
        if not crons:
            raise ValueError("cron expression required")
        self.interval = interval
        self.timetables = [CronTriggerTimetable(cron, timezone=timezone, interval=interval) for cron in crons]
        self.description = ", ".join(each.description for each in self.timetables)

    @property
    def summary(self) -> str:
        return ", ".join(each.summary for each in self.timetables)


class DeltaDataIntervalTimetable(Timetable):
    """In periods, each run about one."""

    def __init__(self, delta: Any) -> None:
        self.delta = delta

    @property
    def summary(self) -> str:
        return str(self.delta)

    def validate(self) -> None:
        now = datetime(2000, 1, 1)
        if now + self.delta <= now:
            raise AirflowTimetableInvalid(f"schedule interval must be positive, not {self.delta!r}")


class DeltaTriggerTimetable(DeltaDataIntervalTimetable):
    """In periods, each run about its moment or an interval of its own."""

    def __init__(self, delta: Any, *, interval: Any = timedelta()) -> None:
        super().__init__(delta)
        self.interval = interval


class EventsTimetable(Timetable):
    """At given moments."""

    def __init__(
        self, event_dates: Any, restrict_to_events: bool = False, presorted: bool = False, description: Any = None
    ) -> None:
        self.event_dates = list(event_dates) if presorted else sorted(event_dates)
        self.restrict_to_events = restrict_to_events
        count = len(self.event_dates)
        self._summary = description or f"{count} events"
        between = f"{count} events between {self.event_dates[0]} and {self.event_dates[-1]}" if count else "No events"
        self.description = description or between

    @property
    def summary(self) -> str:
        return str(self._summary)


def cron_words(expression: str) -> str:
    """How Airflow describes a cron expression: its describer's words, nothing where that or croniter gives up."""
    from cron_descriptor import CasingTypeEnum, ExpressionDescriptor, FormatException, MissingFieldException
    from croniter import CroniterBadCronError, croniter

    try:
        if len(croniter(expression).expanded) > 5:
            return ""
        return str(
            ExpressionDescriptor(
                expression, casing_type=CasingTypeEnum.Sentence, use_24hour_time_format=True
            ).get_description()
        )
    except (CroniterBadCronError, FormatException, MissingFieldException):
        return ""


def check_cron(expression: str) -> None:
    """Raise AirflowTimetableInvalid for an expression that croniter refuses."""
    from croniter import CroniterBadCronError, CroniterBadDateError, croniter

    try:
        croniter(expression)
    except (CroniterBadCronError, CroniterBadDateError) as error:
        raise AirflowTimetableInvalid(str(error)) from None


def create_timetable(schedule: Any, timezone: Any) -> Timetable:
    """The schedule that a DAG's ``schedule`` means. Raises ValueError."""
    from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

    if schedule is None:
        return NullTimetable()
    if schedule == "@once":
        return OnceTimetable()
    if schedule == "@continuous":
        return ContinuousTimetable()
    points = Installed.major > 2  # where a plain schedule names moments, and no intervals (observed)
    if isinstance(schedule, (timedelta, relativedelta)):
        return DeltaTriggerTimetable(schedule) if points else DeltaDataIntervalTimetable(schedule)
    if isinstance(schedule, str):
        if points:
            return CronTriggerTimetable(schedule, timezone=timezone)
        return CronDataIntervalTimetable(schedule, timezone)
    raise ValueError(f"{schedule!r} is not a valid {Installed.words('schedule_interval', 'schedule')}.")
