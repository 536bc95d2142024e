"""What only Airflow 3's SDK has: ``@asset``, partitions, watchers, deadlines, retry policies."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from mock_airflow.dag_files.parsing.standin import catalogue
from mock_airflow.dag_files.parsing.standin.dags import timetables
from mock_airflow.dag_files.parsing.standin.dags.dag import DAG
from mock_airflow.dag_files.parsing.standin.dags.datasets import AssetRef, BaseDataset, Dataset, DatasetAll
from mock_airflow.dag_files.parsing.standin.placeholders import placeholder

_NO_INLETS = ("self", "context", "outlet_events")
_OF_THE_DAG = (
    *("schedule", "is_paused_upon_creation", "dag_id", "dag_display_name", "description", "params"),
    *("on_success_callback", "on_failure_callback", "access_control", "owner_links", "tags"),
)


def _main_operator() -> Any:
    """The class of the task that makes an asset."""
    python = catalogue.known_operator("airflow.providers.standard.operators.python", "PythonOperator")
    return type(python)(
        "_AssetMainOperator",
        (python,),
        {"__module__": "airflow.sdk.definitions.asset.decorators", "ui_color": python.ui_color},
    )


class _Factory:
    """The arguments of ``@asset`` and ``@asset.multi`` that are those of the DAG."""

    own: tuple[str, ...] = ()

    def __init__(self, **given: Any) -> None:
        for name in given:
            if name not in (*_OF_THE_DAG, *self.own):
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument {name!r}")
        if "schedule" not in given:
            raise TypeError(f"{type(self).__name__}.__init__() missing 1 required keyword-only argument: 'schedule'")
        self.given = given

    def declare(self, function: Any, usual_id: str, outlets: list[Any]) -> None:
        """Open a DAG with the one task that makes the assets."""
        told = {name: self.given[name] for name in _OF_THE_DAG if self.given.get(name) is not None}
        dag_id = told.pop("dag_id", None) or usual_id
        with DAG(dag_id, catchup=False, **{"schedule": None, **told}) as dag:
            dag.fileloc = getattr(getattr(function, "__code__", None), "co_filename", dag.fileloc)
            if getattr(function, "_airflow_is_task_decorator", False):
                if "outlets" in function.kwargs:
                    raise TypeError("@task decorator with 'outlets' argument is not supported in @asset")
                function.override(outlets=outlets)()
                return
            _check(function)
            inlets = [
                AssetRef(name=name)
                for name, parameter in inspect.signature(function).parameters.items()
                if name not in _NO_INLETS and parameter.default is parameter.empty
            ]
            _main_operator()(task_id=function.__name__, python_callable=function, inlets=inlets, outlets=outlets)


def _check(function: Any) -> None:
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise TypeError(f"wildcard '*{name}' is not supported in @asset")
        if parameter.kind is parameter.VAR_KEYWORD:
            raise TypeError(f"wildcard '**{name}' is not supported in @asset")
        if parameter.kind is parameter.POSITIONAL_ONLY and parameter.default is parameter.empty:
            raise TypeError(f"positional-only argument '{name}' without a default is not supported in @asset")


def _not_nested(function: Any) -> None:
    if getattr(function, "__name__", "") != getattr(function, "__qualname__", ""):
        raise ValueError("nested function not supported")


class _Multi(_Factory):
    """``@asset.multi``: a function that makes several assets."""

    own = ("outlets",)

    def __call__(self, function: Any) -> Any:
        _not_nested(function)
        outlets = list(self.given.get("outlets") or ())
        if not outlets:
            raise ValueError("no outlets provided")
        made = DatasetAll(*outlets)
        self.declare(function, function.__name__, outlets)
        return made


class asset(_Factory):
    """``@asset``: a function that makes an asset, and the DAG in which it does."""

    own = ("name", "uri", "group", "extra", "watchers")
    multi = _Multi

    def __call__(self, function: Any) -> Any:
        _not_nested(function)
        name = self.given.get("name") or function.__name__
        uri = self.given.get("uri")
        more = {key: self.given[key] for key in ("group", "extra", "watchers") if self.given.get(key)}
        made = Dataset(name=name, uri=name if uri is None else str(uri), **more)
        self.declare(function, name, [made])
        return made


class CronPartitionTimetable(timetables.CronTriggerTimetable):
    """By a cron expression, each run about a partition."""

    partitioned = True

    def __init__(
        self, cron: str, *, timezone: Any, run_offset: Any = None, run_immediately: Any = False, key_format: str = ""
    ) -> None:
        super().__init__(cron, timezone=timezone)
        self.key_format = key_format
        if run_offset is not None and not isinstance(run_offset, int):
            raise ValueError("Run offset other than integer not supported yet.")


class PartitionedAssetTimetable(timetables.DatasetTriggeredTimetable):
    """When partitions of assets change."""

    partitioned = True

    def __init__(
        self, *, assets: Any, partition_mapper_config: Any = None, default_partition_mapper: Any = None
    ) -> None:
        super().__init__(assets if isinstance(assets, BaseDataset) else DatasetAll(*assets))
        self.default_mapper, self.mappers = default_partition_mapper, dict(partition_mapper_config or {})

    @property
    def summary(self) -> str:
        return "Partitioned Asset"


class PartitionedAtRuntime(timetables.NullTimetable):
    """Never by itself; a run's partitions are known when it runs."""

    description = "Never, partition key(s) set at runtime"
    summary = "PartitionedAtRuntime"


class _Kind(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return placeholder(f"airflow.sdk.{cls.__name__}.{name}")


class _Value(metaclass=_Kind):
    """A thing that a file hands on, and that nothing here asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args, self.kwargs = args, kwargs

    def __class_getitem__(cls, item: Any) -> Any:
        return cls


class AssetWatcher(_Value):
    """What watches for changes of an asset: a name and a trigger."""

    def __init__(self, name: str = "", trigger: Any = None) -> None:
        super().__init__()
        self.name, self.trigger = name, trigger


class DeadlineAlert(_Value):
    """What is to happen when a run is late."""


class _References:
    """The moments that deadlines count from."""

    DAGRUN_LOGICAL_DATE = _Value("DagRunLogicalDateDeadline")
    DAGRUN_QUEUED_AT = _Value("DagRunQueuedAtDeadline")
    AVERAGE_RUNTIME = FIXED_DATETIME = register_custom_reference = _Value


def _kinds(*names: str) -> Iterator[tuple[str, Any]]:
    for name in names:
        yield name, _Kind(name, (_Value,), {"__doc__": f"Airflow's {name}.", "__module__": "airflow.sdk"})


NAMES: dict[str, Any] = {
    "asset": asset,
    "AssetWatcher": AssetWatcher,
    "CronPartitionTimetable": CronPartitionTimetable,
    "PartitionedAssetTimetable": PartitionedAssetTimetable,
    "PartitionedAtRuntime": PartitionedAtRuntime,
    "DeadlineAlert": DeadlineAlert,
    "DeadlineReference": _References,
    **dict(
        _kinds(
            *("AllowedKeyMapper", "PartitionMapper", "RollupMapper", "ChainMapper", "FixedKeyMapper", "IdentityMapper"),
            *("ProductMapper", "FanOutMapper", "StartOfDayMapper", "StartOfHourMapper", "StartOfMonthMapper"),
            *("StartOfQuarterMapper", "StartOfWeekMapper", "StartOfYearMapper", "MinimumCount", "WaitForAll"),
            *("WaitPolicy", "DayWindow", "HourWindow", "MonthWindow", "QuarterWindow", "SegmentWindow", "WeekWindow"),
            *("Window", "YearWindow", "ExceptionRetryPolicy", "RetryDecision", "RetryPolicy", "RetryRule"),
            *("AssetAccessControl", "SyncCallback", "AsyncCallback", "SecretCache", "ResumableJobMixin"),
        )
    ),
}
literal: Callable[[Any], Any] = lambda value: value  # noqa: E731 - Airflow's name for a value that is no template
NAMES["literal"] = literal
