"""Which names the modules of Airflow hold: first those of one module, then those that mean the same everywhere."""

from __future__ import annotations

import functools
import logging
from collections import defaultdict
from collections.abc import Callable
from enum import Enum
from typing import Any

from mock_airflow.dag_files.parsing.standin import (
    catalogue,
    computing,
    databricks_groups,
    errors,
    inventory,
    metadata,
    moments,
    sdk,
)
from mock_airflow.dag_files.parsing.standin.dags import context, dag as dags, datasets as assets, params, timetables
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.placeholders import Placeholder, placeholder
from mock_airflow.dag_files.parsing.standin.plugins import AirflowPlugin
from mock_airflow.dag_files.parsing.standin.tasks import (
    abstract_operator,
    groups,
    mapping,
    operators,
    outputs,
    rules,
    setup_teardown,
    task_flow,
    wiring,
)


class LoggingMixin:
    """The base of what logs."""

    @property
    def log(self) -> Any:
        """A logger."""
        return logging.getLogger("airflow")


class BaseNotifier:
    """The base of notifiers."""

    template_fields: Any = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            setattr(self, name, value)

    def __call__(self, *args: Any) -> None:
        """Tells nobody."""


class SkipMixin:
    """The base of what skips tasks."""


class Pool:
    """Pools, as far as files ask for them."""

    DEFAULT_POOL_NAME = operators.DEFAULT_POOL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.update(kwargs)


class WeekDay(int, Enum):
    """The days of the week."""

    MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(1, 8)


class ObjectStoragePath:
    """A path in an object storage; nothing is read from it here."""

    def __init__(self, *parts: Any, **options: Any) -> None:
        self.path = "/".join(str(part).rstrip("/") for part in parts)

    def __truediv__(self, other: Any) -> ObjectStoragePath:
        return type(self)(self.path, other)

    def __str__(self) -> str:
        return self.path

    __fspath__ = __str__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Placeholder(f"ObjectStoragePath.{name}")


def get_current_context() -> Any:
    """There is none: nothing runs while a file is read."""
    raise errors.AirflowException(
        "Current context was requested but no context was found! Are you running within an Airflow task?"
    )


def _ignore(*args: Any, **kwargs: Any) -> None:
    """Does nothing."""


def _as_is(function: Any = None, *args: Any, **kwargs: Any) -> Any:
    """A decorator that changes nothing."""
    return function if callable(function) else (lambda one: one)


def _public(module: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(module).items()
        if name[:1].isupper() and getattr(value, "__module__", None) in (module.__name__, "airflow.exceptions")
    }


def _named(module: Any, names: str) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names.split()}


# What a name means wherever it is imported from.
NAMES: dict[str, Any] = {
    **_public(errors),
    **_public(rules),
    **_public(timetables),
    **_public(assets),
    **_public(params),
    **_public(outputs),
    **_public(wiring),
    **_public(groups),
    **_public(metadata),
    **_public(setup_teardown),
    **_named(operators, "BaseOperator BaseOperatorMeta BaseSensorOperator"),
    **_named(mapping, "MappedOperator OperatorPartial"),
    **_named(task_flow, "DecoratedOperator TaskDecorator task_decorator_factory"),
    **_named(wiring, "chain chain_linear cross_downstream"),
    "NOTSET": params.NOTSET,
    "DAG": dags.DAG,
    "DagContext": context.DagContext,
    "AbstractOperator": abstract_operator.AbstractOperator,
    "DatabricksWorkflowTaskGroup": databricks_groups.DatabricksWorkflowTaskGroup,
    "days_ago": moments.days_ago,
    "expand_alias_to_datasets": assets.expand_alias_to_datasets,
    "conf": metadata.conf,
    "Asset": assets.Dataset,
    "AssetAlias": assets.DatasetAlias,
    "AssetAny": assets.DatasetAny,
    "AssetAll": assets.DatasetAll,
    "AssetOrTimeSchedule": timetables.DatasetOrTimeSchedule,
    "DatasetTriggeredSchedule": timetables.DatasetTriggeredTimetable,
    "AssetTriggeredTimetable": timetables.DatasetTriggeredTimetable,
    "ArgNotSet": type(params.NOTSET),
    "BaseOperatorLink": catalogue.Link,
    "AirflowPlugin": AirflowPlugin,
    "LoggingMixin": LoggingMixin,
    "BaseNotifier": BaseNotifier,
    "SkipMixin": SkipMixin,
    "Pool": Pool,
    "WeekDay": WeekDay,
    "ObjectStoragePath": ObjectStoragePath,
    "Label": wiring.label,
    "context_wrapper": setup_teardown.ContextWrapper,
    "apply_defaults": _as_is,
    "provide_session": _as_is,
    "poke_mode_only": _as_is,
    "get_current_context": get_current_context,
    "cron_presets": timetables.CRON_PRESETS,
}

# What differs between Airflow 2 and 3.
_OF_THE_VERSION: dict[str, Callable[[], Any]] = {
    "TriggerRule": rules.trigger_rules,
    "TaskInstanceState": rules.task_instance_states,
    "State": rules.states,
}

_DECORATORS = {
    "dag": dags.dag,
    "task": task_flow.task,
    "task_group": task_flow.task_group,
    "setup": task_flow.setup,
    "teardown": task_flow.teardown,
}

_TIMEZONE = {
    "utc": moments.DEFAULT,
    "datetime": moments.datetime_of,
    **_named(moments, "utcnow parse make_aware make_naive is_localized is_naive"),
    **_named(moments, "convert_to_utc coerce_datetime parse_timezone"),
}


def _parse_bool(value: Any) -> bool:
    return str(value).lower() in ("1", "t", "true", "yes", "y", "on")


def _is_venv_installed() -> bool:
    """Whether virtualenv is there, by the rule that Airflow's own function has."""
    import importlib.util
    import shutil

    return bool(shutil.which("virtualenv") or importlib.util.find_spec("virtualenv"))


# What names mean in one module.
IN_MODULE: dict[str, dict[str, Any]] = defaultdict(
    dict,
    {
        "airflow": {"dag": dags.dag},
        "airflow.sdk": {**_DECORATORS, "result": task_flow.result, "timezone": None},
        "airflow.decorators": {
            **_DECORATORS,
            "python_task": task_flow.task,
            "branch_task": functools.partial(getattr, task_flow.task, "branch"),
        },
        "airflow.models.dag": {"dag": dags.dag},
        "airflow.sdk.definitions.dag": {"dag": dags.dag},
        "airflow.decorators.task_group": {"task_group": task_flow.task_group},
        "airflow.decorators.python": {"python_task": task_flow.task},
        "airflow.utils.timezone": _TIMEZONE,
        "airflow.sdk.timezone": _TIMEZONE,
        "airflow.providers.common.compat.sdk": {**_DECORATORS, "timezone": None},
        "airflow.providers.common.compat.sdk.timezone": _TIMEZONE,
        "airflow.utils.strings": {"to_boolean": _parse_bool},
        "airflow.utils.session": {"create_session": Placeholder("create_session")},
        "airflow.utils.helpers": {},
        "airflow.configuration": {
            name: getattr(metadata.conf, name) for name in ("get", "getboolean", "getint", "getfloat", "getjson")
        },
        "airflow.operators.python": {"is_venv_installed": _is_venv_installed},
        "airflow.providers.standard.operators.python": {"is_venv_installed": _is_venv_installed},
    },
)
IN_MODULE["airflow.decorators"].pop("branch_task")

# Packages in which a name in small letters is a module.
PACKAGES = frozenset(
    "airflow airflow.utils airflow.models airflow.operators airflow.sensors airflow.hooks airflow.providers airflow.sdk"
    " airflow.timetables airflow.macros airflow.datasets airflow.decorators airflow.configuration airflow.io"
    " airflow.sdk.definitions airflow.providers.common.compat.sdk".split()
)
MODULES = frozenset(
    "airflow.utils.dates airflow.utils.timezone airflow.utils.trigger_rule airflow.utils.helpers airflow.utils.state"
    " airflow.utils.task_group airflow.utils.edgemodifier airflow.utils.types airflow.utils.weight_rule"
    " airflow.utils.weekday airflow.utils.session airflow.utils.email airflow.utils.db airflow.utils.log"
    " airflow.utils.decorators airflow.utils.strings airflow.utils.file airflow.utils.context airflow.utils.xcom"
    " airflow.utils.setup_teardown airflow.models.dag airflow.models.baseoperator airflow.models.param"
    " airflow.models.variable airflow.models.connection airflow.models.xcom_arg airflow.models.taskinstance"
    " airflow.operators.bash airflow.operators.python airflow.operators.empty airflow.operators.dummy"
    " airflow.hooks.base airflow.macros airflow.exceptions airflow.configuration airflow.settings airflow.datasets"
    " airflow.datasets.metadata airflow.decorators airflow.models airflow.operators airflow.sensors airflow.hooks"
    " airflow.utils airflow.timetables airflow.providers airflow.sdk airflow.sdk.timezone airflow.version"
    " airflow.providers.common.compat.sdk airflow.providers.common.compat.sdk.timezone"
    " airflow.timetables.trigger airflow.timetables.interval airflow.timetables.events airflow.timetables.datasets"
    " airflow.timetables.base airflow.timetables.simple airflow.timetables.assets airflow.io airflow.io.path".split()
)

# Modules that were moved, as files of all ages import them.
_OPERATORS = ("bash", "python", "branch", "latest_only", "subdag", "email")
_SENSORS = ("external_task", "date_time", "time_delta")
MOVED = {
    **{f"airflow.operators.{name}_operator": f"airflow.operators.{name}" for name in _OPERATORS},
    **{f"airflow.sensors.{name}_sensor": f"airflow.sensors.{name}" for name in _SENSORS},
    **{f"airflow.contrib.sensors.{name}_sensor": f"airflow.sensors.{name}" for name in ("python", "bash", "weekday")},
    "airflow.operators.dummy_operator": "airflow.operators.empty",
    "airflow.operators.dummy": "airflow.operators.empty",
    "airflow.operators.dagrun_operator": "airflow.operators.trigger_dagrun",
    "airflow.sensors.base_sensor_operator": "airflow.sensors.base",
    "airflow.contrib.sensors.file_sensor": "airflow.sensors.filesystem",
    "airflow.hooks.base_hook": "airflow.hooks.base",
}
# Modules whose operators can be had from the package as well.
_TOGETHER = {
    "airflow.operators": ("bash", "python", "empty", "email", "trigger_dagrun", "branch", "latest_only", "subdag"),
    "airflow.sensors": ("base", "bash", "python", "external_task", "filesystem", "date_time", "time_delta"),
}
_RENAMED = {"DummyOperator": "EmptyOperator", "SimpleHttpOperator": "HttpOperator"}


def look_up(module: str, name: str) -> Any:
    """What a module of Airflow holds under a name. Raises AttributeError where it holds a module, or nothing."""
    if moved := inventory.home_of(module, name):
        return look_up(*moved)
    local = IN_MODULE.get(module, {})
    if local.get(name) is not None:
        return local[name]
    if name in computing.COMPUTED.get(module, {}):
        return computing.COMPUTED[module][name]
    if module in PACKAGES and f"{module}.{name}" in MODULES:
        raise AttributeError(name)
    home = MOVED.get(module, module)
    found = catalogue.known_operator(home, name) or catalogue.known_operator(home, _RENAMED.get(name, name))
    if found is not None:
        return found
    for part in _TOGETHER.get(module, ()):
        if found := catalogue.known_operator(f"{module}.{part}", _RENAMED.get(name, name)):
            return found
    if Installed.major > 2 and name in sdk.NAMES and module.startswith(("airflow.sdk", "airflow.timetables")):
        return sdk.NAMES[name]
    if name in _OF_THE_VERSION:
        return _OF_THE_VERSION[name]()
    if name in NAMES:
        return NAMES[name]
    if name == "__version__" or (module, name) == ("airflow.version", "version"):
        return Installed.version
    if name.startswith("__"):
        raise AttributeError(name)
    if name.endswith("Hook"):
        return type(name, (metadata.BaseHook,), {"__module__": module, "__getattr__": _of_a_hook})
    if name.endswith("Trigger"):
        return type(name, (metadata.BaseHook,), {"__module__": module})
    if name.endswith("Notifier"):
        return type(name, (BaseNotifier,), {"__module__": module})
    return computing.uncomputed(module, name) or placeholder(f"{module}.{name}")


def _of_a_hook(self: Any, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return Placeholder(f"{type(self).__name__}.{name}")


def all_names(module: str) -> list[str]:
    """What ``from module import *`` brings."""
    home = MOVED.get(module, module)
    return [*IN_MODULE.get(module, {}), *catalogue.names(home)]
