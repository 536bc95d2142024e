"""Dates, zones and schedules of DAG files: what a real Airflow 2.11.2 was seen to make of each, and never more than an
import error of that file."""

import os

import pytest

from mock_airflow import MockAirflow
from tests.cli.processes import serving
from tests.dag_files.asking import Asking
from tests.dag_files.writing import WrittenFolder

HEAD = """
from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo
import pendulum
from dateutil import tz
from dateutil.relativedelta import relativedelta
from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.timetables.events import EventsTimetable
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable
from airflow.utils import timezone as airflow_timezone
from airflow.providers.common.compat.sdk import timezone as sdk_timezone


class Odd(tzinfo):
    def __init__(self, offset, **more):
        self.offset = offset
        self.__dict__.update(more)

    def utcoffset(self, at):
        if self.offset is Exception:
            raise RuntimeError("no such offset")
        return self.offset

    def tzname(self, at):
        return "odd"

    def dst(self, at):
        return timedelta(0)


TWO = timezone(timedelta(hours=2))
START = datetime(2025, 1, 1)
"""
# By file: the arguments of its DAG, and when its schedule, 6 o'clock in its zone, begins and ends an interval in UTC.
TAKEN = {
    "offset": ("start_date=datetime(2025, 1, 1, tzinfo=TWO)", "04:00:00"),
    "west": ("start_date=datetime(2025, 1, 1, tzinfo=timezone(-timedelta(hours=3, minutes=30)))", "09:30:00"),
    "seconds": ("start_date=datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=2, seconds=15)))", "03:59:45"),
    "named_offset": ("start_date=datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=2), 'my zone'))", "04:00:00"),
    "no_offset": ("start_date=datetime(2025, 1, 1, tzinfo=timezone(timedelta(0)))", "06:00:00"),
    "parsed": ("start_date=pendulum.parse('2025-01-01T00:00:00+02:00')", "04:00:00"),
    "parsed_z": ("start_date=pendulum.parse('2025-01-01T00:00:00Z')", "06:00:00"),
    "fixed": ("start_date=pendulum.datetime(2025, 1, 1, tz=pendulum.timezone(7200))", "04:00:00"),
    "fixed_class": ("start_date=pendulum.datetime(2025, 1, 1, tz=pendulum.FixedTimezone(7200, 'abc'))", "04:00:00"),
    "hours": ("start_date=pendulum.datetime(2025, 1, 1, tz=5.5)", "00:30:00"),
    "from_format": ("start_date=pendulum.from_format('2025-01-01 +02:00', 'YYYY-MM-DD Z')", "04:00:00"),
    "iso": ("start_date=datetime.fromisoformat('2025-01-01T00:00:00+02:00')", "04:00:00"),
    "strptime": ("start_date=datetime.strptime('2025-01-01 +0200', '%Y-%m-%d %z')", "04:00:00"),
    "text": ("default_args={'start_date': '2025-01-01T00:00:00+02:00'}", "04:00:00"),
    "text_without": ("default_args={'start_date': '2025-01-01'}", "06:00:00"),
    "in_default_args": ("default_args={'start_date': datetime(2025, 1, 1, tzinfo=TWO)}", "04:00:00"),
    "dateutil": ("start_date=datetime(2025, 1, 1, tzinfo=tz.tzoffset('X', 7200))", "04:00:00"),
    "zoneinfo": ("start_date=datetime(2025, 1, 1, tzinfo=ZoneInfo('Etc/GMT-2'))", "04:00:00"),
    "subclass": ("start_date=datetime(2025, 1, 1, tzinfo=Odd(timedelta(hours=2)))", "04:00:00"),
    "subclass_without": ("start_date=datetime(2025, 1, 1, tzinfo=Odd(None))", "06:00:00"),
    "sdk": ("start_date=sdk_timezone.datetime(2025, 1, 1)", "06:00:00"),
    "sdk_parse": ("start_date=sdk_timezone.parse('2025-01-01T00:00:00+02:00')", "04:00:00"),
    "utils_parse": ("start_date=airflow_timezone.parse('2025-01-01', 'Asia/Tokyo')", "21:00:00"),
    "utils_aware": ("start_date=airflow_timezone.make_aware(START, airflow_timezone.parse_timezone(7200))", "04:00:00"),
    "coerced": ("start_date=airflow_timezone.coerce_datetime(datetime(2025, 1, 1, tzinfo=TWO))", "04:00:00"),
    "timetable": (
        "start_date=START, schedule=CronDataIntervalTimetable('0 6 * * *', timezone=pendulum.timezone(7200))",
        "04:00:00",
    ),
    # No run is ever made, as no date lies there, or none that can be reckoned with.
    "first": ("start_date=datetime.min", None),
    "last": ("start_date=datetime(9999, 12, 31, tzinfo=timezone.utc)", None),
    "february": ("start_date=START, schedule='0 0 31 2 *'", None),
    "february_moments": ("start_date=START, schedule=CronTriggerTimetable('0 0 31 2 *', timezone='UTC')", None),
    "long_ago": ("start_date=START, schedule='0 6 * * * 0 2020'", None),
}
# By file: the arguments, and how the last line of its import error ends.
REFUSED = {
    "a_date": ("start_date=date(2025, 1, 1)", "'datetime.date' object has no attribute 'tzinfo'"),
    "a_text": ("start_date='2025-01-01'", "'str' object has no attribute 'tzinfo'"),
    "a_number": ("start_date=5", "'int' object has no attribute 'tzinfo'"),
    "end_text": ("start_date=START, end_date='2026-01-01'", "'str' object has no attribute 'utcoffset'"),
    "no_text": ("default_args={'start_date': 'someday'}", ": someday"),
    "too_early": ("start_date=datetime(1, 1, 1, tzinfo=TWO)", "date value out of range"),
    "too_late": ("start_date=datetime.max.replace(tzinfo=timezone(-timedelta(hours=2)))", "date value out of range"),
    "no_zone": ("start_date=pendulum.datetime(2025, 1, 1, tz='Mars/Phobos')", "InvalidTimezone: Mars/Phobos"),
    "no_key": ("start_date=datetime(2025, 1, 1, tzinfo=Odd(None, key='Mars'))", "InvalidTimezone: Mars"),
    "no_name": (
        "start_date=START, schedule=CronTriggerTimetable('@daily', timezone='+02:00')",
        "InvalidTimezone: +02:00",
    ),
    "raises": ("start_date=datetime(2025, 1, 1, tzinfo=Odd(Exception))", "RuntimeError: no such offset"),
    "bare": ("start_date=datetime(2025, 1, 1, tzinfo=tzinfo())", "a tzinfo subclass must implement tzname()"),
    "other_zone": (
        "start_date=START, schedule=CronTriggerTimetable('@daily', timezone=TWO)",
        "DAG timezone should be a pendulum.tz.Timezone, not datetime.timezone(datetime.timedelta(seconds=7200)). "
        "See https://airflow.apache.org/docs/apache-airflow/2.11.2/timezone.html#time-zone-aware-dags",
    ),
    "no_minute": ("start_date=START, schedule='60 * * * *'", "[60 * * * *] is not acceptable, out of range"),
    "no_time": ("start_date=START, schedule=timedelta(0)", "must be positive, not datetime.timedelta(0)"),
    "too_long": ("start_date=START, schedule=timedelta.max", "date value out of range"),
    "half_hours": ("start_date=START, schedule=relativedelta(hours=1.5)", "a whole number is expected, not 1.5."),
    "catchup": (
        "start_date=START, catchup='no'",
        "'catchup' has an invalid type <class 'str'> with value no, expected type is <class 'bool'>",
    ),
    "most": (
        "start_date=START, max_active_runs=1.5",
        "'max_active_runs' has an invalid type <class 'float'> with value 1.5, expected type is <class 'int'>",
    ),
    "paused": (
        "start_date=START, is_paused_upon_creation='yes'",
        "'is_paused_upon_creation' has an invalid type <class 'str'> with value yes, expected type is <class 'bool'>",
    ),
    "name": (
        "start_date=START, dag_display_name=5",
        "'dag_display_name' has an invalid type <class 'int'> with value 5, expected type is <class 'str'>",
    ),
    "tags": (
        "start_date=START, tags='abc'",
        "'tags' has an invalid type <class 'str'> with value abc, expected type is <class 'list'>",
    ),
    "timeout": (
        "start_date=START, dagrun_timeout=60",
        "'dagrun_timeout' has an invalid type <class 'int'> with value 60, expected type is "
        "<class 'datetime.timedelta'>",
    ),
    "half_a_character": (
        "start_date=START, description=(_ for _ in ()).throw(ValueError('\\ud800'))",
        r"ValueError: \ud800",
    ),
    "early_event": (
        "start_date=START, schedule=EventsTimetable([datetime(1, 1, 1, tzinfo=TWO)])",
        "lies outside of the years 1 to 9999 in UTC.",
    ),
}


def source(name, arguments):
    schedule = "" if "schedule=" in arguments else "schedule='0 6 * * *', "
    task = "    EmptyOperator(task_id='one')"
    return f"{HEAD}\nwith DAG({name!r}, {schedule}catchup=True, {arguments}):\n{task}\n".replace(
        "catchup=True, start_date=START, catchup=", "start_date=START, catchup="
    )


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    folder = WrittenFolder(tmp_path_factory.mktemp("project") / "dags")
    for name, (arguments, _) in {**TAKEN, **REFUSED}.items():
        folder(f"{name}.py", source(name, arguments))
    with MockAirflow(dags_folder=str(folder.path), clock="2025-01-10T12:00:00Z", frozen=True) as airflow:
        yield Asking(airflow)


@pytest.mark.parametrize("name", TAKEN)
def test_date_is_taken_and_its_schedule_counts_in_its_zone(asking, name):
    time = TAKEN[name][1]
    dag, details = asking.get(f"/dags/{name}"), asking.get(f"/dags/{name}/details")

    assert f"{name}.py" not in asking.errors()
    assert details["timezone"] == "UTC"  # the installation's (observed)
    told = [dag[f"next_dagrun_{part}"] for part in ("data_interval_start", "data_interval_end", "create_after")]
    if time is None:
        assert told == [None, None, None]
    else:
        first, *rest = (moment.removesuffix("+00:00") for moment in told)
        assert first.endswith(f"T{time}")
        assert all(moment.endswith(f"T{time}") and moment > first for moment in rest)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_an_import_error_of_that_file(asking, name):
    assert asking.errors()[f"{name}.py"].rstrip().endswith(REFUSED[name][1])


def test_every_other_file_is_an_error(asking):
    assert set(asking.errors()) == {f"{name}.py" for name in REFUSED}


def test_cron_in_an_offset_makes_its_runs(folder):
    folder("offset.py", source("offset", "start_date=datetime(2025, 1, 9, tzinfo=TWO), is_paused_upon_creation=False"))
    with MockAirflow(dags_folder=str(folder.path), clock="2025-01-09T00:00:00Z", frozen=True) as airflow:
        airflow.clock.advance(days=3)
        runs = Asking(airflow).get("/dags/offset/dagRuns")["dag_runs"]

    assert [run["logical_date"] for run in runs] == ["2025-01-09T04:00:00+00:00", "2025-01-10T04:00:00+00:00"]


def test_server_starts_and_goes_on_with_files_that_cannot_be_taken_in(tmp_path):
    folder = WrittenFolder(tmp_path / "dags")
    folder("good.py", source("good", "start_date=datetime(2025, 1, 1, tzinfo=TWO)"))
    folder("bad.py", source("bad", "start_date=START, schedule=relativedelta(hours=1.5)"))
    with serving(
        tmp_path, "--dags-folder", str(folder.path), "--reload", XDG_CACHE_HOME=str(tmp_path / "cache")
    ) as server:

        def told(path):
            return server.get(f"/api/v1/{path}", **server.told["headers"])[2].decode()

        assert "1 DAG file of" in server.err
        assert "bad.py declares what this Airflow cannot take in" in told("importErrors")
        folder("good.py", source("good", "start_date=START, schedule=relativedelta(days=1.5)"))
        server.wait_until(lambda: "good.py declares what" in told("importErrors"))
        folder("bad.py", source("bad", "start_date=datetime(2025, 1, 1, tzinfo=TWO)"))
        server.wait_until(lambda: "bad.py" not in told("importErrors"))
        assert '"dag_id": "bad"' in told("dags")


@pytest.mark.parametrize("version", ["2.11.2", "3.3.2"])
def test_half_a_character_costs_its_file_only(folder, version):
    said = (
        "tags=['\\ud800']",
        "doc_md='\\ud800'",
        "default_args={'owner': '\\ud800'}",
        "default_args={'pool': '\\ud800'}",
        "params={'a': {'\\ud800': 1}}",
    )
    for number, arguments in enumerate(said):
        folder(f"odd_{number}.py", source(f"odd_{number}", f"start_date=START, {arguments}"))
    text = source("good", "start_date=START")
    folder("good.py", text)
    name = folder("name.py", text)
    name.rename(os.fsdecode(os.fsencode(name).replace(b"name", b"name\xff")))
    with MockAirflow(dags_folder=str(folder.path), airflow_version=version) as airflow:
        asking = Asking(airflow)
        errors = asking.errors()

        assert asking.dag_ids() == ["good"]

    odd = {f"odd_{number}.py" for number in range(len(said))}
    assert odd | {r"name\udcff.py"} == set(errors)
    assert all("half a character" in errors[file] for file in odd)
