"""DAGs, and which one is open."""

from __future__ import annotations

import copy
import functools
import inspect
import sys
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.dag_files.parsing.standin.dags.context import DagContext
from mock_airflow.dag_files.parsing.standin.dags.datasets import BaseDataset, DatasetAll
from mock_airflow.dag_files.parsing.standin.dags.docstrings import docstring_of
from mock_airflow.dag_files.parsing.standin.dags.params import NOTSET, DagParam, ParamsDict
from mock_airflow.dag_files.parsing.standin.dags.tasks import DagTasks
from mock_airflow.dag_files.parsing.standin.dags.timetables import (
    DatasetTriggeredTimetable,
    Timetable,
    create_timetable,
)
from mock_airflow.dag_files.parsing.standin.errors import (
    AirflowException,
    ParamValidationError,
    refusal,
)
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.moments import DEFAULT, convert_to_utc, parse, settled_zone
from mock_airflow.dag_files.parsing.standin.placeholders import Placeholder
from mock_airflow.dag_files.parsing.standin.tasks.groups import TaskGroup
from mock_airflow.dag_files.parsing.standin.tasks.operator_defaults import validate_key
from mock_airflow.dag_files.parsing.standin.tasks.operators import check_fail_stop
from mock_airflow.dag_files.parsing.standin.tasks.outputs import is_return_value
from mock_airflow.dag_files.parsing.standin.tasks.rules import TriggerRule, run_types

_VIEWS = ("grid", "graph", "duration", "gantt", "landing_times")
_ORIENTATIONS = ("LR", "TB", "RL", "BT")
_TYPES: dict[str, type] = {
    **dict.fromkeys(("dag_id", "description", "default_view", "orientation", "doc_md", "dag_display_name"), str),
    **dict.fromkeys(("max_active_tasks", "max_active_runs", "max_consecutive_failed_dag_runs"), int),
    **dict.fromkeys(("catchup", "is_paused_upon_creation", "render_template_as_native_obj", "auto_register"), bool),
    "dagrun_timeout": timedelta,
}


_REMOVED_IN_3 = frozenset(
    "schedule_interval timetable full_filepath concurrency default_view orientation fail_stop".split()
)


class DAG(DagTasks):
    """A DAG, as its file declares it."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Refuse what Airflow 3 does not have any more, in Python's own words."""
        for name in kwargs:
            if Installed.major > 2 and name in _REMOVED_IN_3:
                raise TypeError(f"DAG.__init__() got an unexpected keyword argument {name!r}")
        return super().__new__(cls)

    def __init__(
        self,
        dag_id: str,
        description: Any = None,
        schedule: Any = NOTSET,
        schedule_interval: Any = NOTSET,
        timetable: Any = None,
        start_date: Any = None,
        end_date: Any = None,
        full_filepath: Any = None,
        template_searchpath: Any = None,
        template_undefined: Any = None,
        user_defined_macros: Any = None,
        user_defined_filters: Any = None,
        default_args: Any = None,
        concurrency: Any = None,
        max_active_tasks: int = 16,
        max_active_runs: int = 16,
        max_consecutive_failed_dag_runs: int = 0,
        dagrun_timeout: Any = None,
        sla_miss_callback: Any = None,
        default_view: str = "grid",
        orientation: str = "LR",
        catchup: Any = None,
        on_success_callback: Any = None,
        on_failure_callback: Any = None,
        doc_md: Any = None,
        params: Any = None,
        access_control: Any = None,
        is_paused_upon_creation: Any = None,
        jinja_environment_kwargs: Any = None,
        render_template_as_native_obj: bool = False,
        tags: Any = None,
        owner_links: Any = None,
        auto_register: bool = True,
        fail_stop: bool = False,
        dag_display_name: Any = None,
        *,
        fail_fast: Any = None,
        deadline: Any = None,
        disable_bundle_versioning: Any = None,
        allowed_run_types: Any = None,
        rerun_with_latest_version: Any = None,
    ) -> None:
        if tags and any(len(tag) > 100 for tag in tags):
            raise AirflowException("tag cannot be longer than 100 characters")
        if default_args and not isinstance(default_args, dict):
            raise TypeError("default_args must be a dict")
        self.default_args = copy.deepcopy(default_args or {})
        params = params or {}
        if "params" in self.default_args:
            params = {**dict(params.items()), **dict((self.default_args.pop("params") or {}).items())}
        self.params = ParamsDict(params)
        validate_key(dag_id)
        self._dag_id, self._display_name, self._description = dag_id, dag_display_name, description
        self.max_active_tasks = concurrency or max_active_tasks
        back = sys._getframe().f_back
        self.fileloc = back.f_code.co_filename if back else ""
        self.task_dict: dict[str, Any] = {}
        self._read_dates(start_date, end_date)
        self._read_schedule(schedule, schedule_interval, timetable)
        if isinstance(template_searchpath, str):
            template_searchpath = [template_searchpath]
        self.template_searchpath = template_searchpath
        limit: Any = max_active_runs
        if Installed.major > 2 and not isinstance(limit, (int, Placeholder)):
            raise TypeError(f"'max_active_runs' must be {int} (got {limit!r} that is a {type(limit)}).")
        self.max_active_runs = max_active_runs
        if max_consecutive_failed_dag_runs < 0:
            raise AirflowException(
                f"Invalid max_consecutive_failed_dag_runs: {max_consecutive_failed_dag_runs}."
                f"Requires max_consecutive_failed_dag_runs >= 0"
            )
        self.max_consecutive_failed_dag_runs = max_consecutive_failed_dag_runs
        limit = self.timetable.active_runs_limit
        if limit is not None and limit < max_active_runs:
            raise AirflowException(
                f"Invalid max_active_runs: {type(self.timetable)} requires max_active_runs <= {limit}"
            )
        self.dagrun_timeout = dagrun_timeout
        if default_view not in (*_VIEWS, "tree"):
            raise AirflowException(
                f"Invalid values of dag.default_view: only support {list(_VIEWS)}, but get {default_view}"
            )
        self.default_view = "grid" if default_view == "tree" else default_view
        if orientation not in _ORIENTATIONS:
            raise AirflowException(
                f"Invalid values of dag.orientation: only support {list(_ORIENTATIONS)}, but get {orientation}"
            )
        self.orientation = orientation
        self.catchup = Installed.catchup if catchup is None else catchup
        self.on_success_callback, self.on_failure_callback = on_success_callback, on_failure_callback
        self.sla_miss_callback = sla_miss_callback
        self.doc_md = self._read_doc(doc_md)
        self.access_control = access_control
        self.is_paused_upon_creation = is_paused_upon_creation
        self.jinja_environment_kwargs = jinja_environment_kwargs
        self.render_template_as_native_obj = render_template_as_native_obj
        self.user_defined_macros, self.user_defined_filters = user_defined_macros, user_defined_filters
        if isinstance(tags, str) and Installed.major == 2:
            raise TypeError(f"'tags' has an invalid type {str} with value {tags}, expected type is {list}")
        self.tags = list(tags or [])
        self.owner_links = owner_links or {}
        self.allowed_run_types = run_types(allowed_run_types)
        self.rerun_with_latest_version = rerun_with_latest_version
        self.auto_register = auto_register
        self.fail_stop = bool(fail_stop if fail_fast is None else fail_fast)
        self.edge_info: dict[str, dict[str, Any]] = {}
        self.parent_dag: Any = None
        self.task_group = TaskGroup.create_root(self)
        if Installed.major == 2:
            self._check_types()

    def _check_types(self) -> None:
        """Raise Airflow's TypeError for an argument of another type than it stores."""
        for name, kind in _TYPES.items():
            value = getattr(self, name)
            if value is not None and not isinstance(value, (kind, Placeholder)):
                raise TypeError(
                    f"'{name}' has an invalid type {type(value)} with value {value}, expected type is {kind}"
                )

    def _read_dates(self, start_date: Any, end_date: Any) -> None:
        zone = None
        if start_date and start_date.tzinfo:
            zone = settled_zone(start_date.tzinfo, start_date)
        elif date := self.default_args.get("start_date"):
            if not isinstance(date, datetime):
                date = self.default_args["start_date"] = start_date = parse(date)
            zone = settled_zone(date.tzinfo, date) if date.tzinfo else None
        self.timezone = zone or DEFAULT
        if isinstance(text := self.default_args.get("end_date"), str):
            self.default_args["end_date"] = parse(text, self.timezone)
        self.start_date, self.end_date = convert_to_utc(start_date), convert_to_utc(end_date)
        for name in ("start_date", "end_date"):
            if name in self.default_args:
                self.default_args[name] = convert_to_utc(self.default_args[name])

    def _read_schedule(self, schedule: Any, schedule_interval: Any, timetable: Any) -> None:
        given = [each for each in (schedule_interval, timetable, schedule) if each is not NOTSET and each]
        if given and not ("start_date" in self.default_args or self.start_date) and Installed.major == 2:
            raise ValueError("DAG is missing the start_date parameter")
        if len(given) > 1:
            raise ValueError("At most one allowed for args 'schedule_interval', 'timetable', and 'schedule'.")
        if timetable is not None:
            schedule = timetable
        elif schedule_interval is not NOTSET:
            schedule = schedule_interval
        self.schedule_interval: Any
        if schedule is NOTSET:
            schedule = timedelta(days=1) if Installed.major == 2 else None
        if isinstance(schedule, Timetable):
            self.timetable = schedule
            self.schedule_interval = schedule.summary
        elif isinstance(schedule, Collection) and not isinstance(schedule, str):
            if not all(isinstance(each, BaseDataset) for each in schedule):
                raise ValueError("All elements in 'schedule' should be datasets or dataset aliases")
            self.timetable = DatasetTriggeredTimetable(DatasetAll(*schedule))
            self.schedule_interval = self.timetable.summary
        elif isinstance(schedule, BaseDataset):
            self.timetable = DatasetTriggeredTimetable(schedule)
            self.schedule_interval = self.timetable.summary
        else:
            self.timetable = create_timetable(schedule, self.timezone)
            self.schedule_interval = schedule

    def _read_doc(self, doc_md: Any) -> Any:
        if doc_md is None or not doc_md.endswith(".md"):
            return doc_md
        try:
            with open(doc_md, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return doc_md

    @property
    def dag_id(self) -> str:
        """Its id."""
        return str(self._dag_id)

    @dag_id.setter
    def dag_id(self, value: str) -> None:
        self._dag_id = value

    @property
    def dag_display_name(self) -> str:
        """How it is shown."""
        return self._display_name or self._dag_id

    @property
    def description(self) -> Any:
        """Its description."""
        return self._description

    @description.setter
    def description(self, value: Any) -> None:
        self._description = value

    @property
    def is_subdag(self) -> bool:
        """Whether it is part of another."""
        return self.parent_dag is not None

    @property
    def concurrency(self) -> int:
        """How many tasks may run at once."""
        return self.max_active_tasks

    @property
    def folder(self) -> str:
        """The folder of its file."""
        import os

        return os.path.dirname(self.fileloc)

    @property
    def filepath(self) -> str:
        """Its file."""
        return self.fileloc

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """A reference to one of its params."""
        return DagParam(self, name, default)

    def add_result(self, xcom_arg: Any) -> Any:
        """Have what a task returns be what the DAG's runs give (3.x)."""
        if not is_return_value(xcom_arg):
            raise ValueError("Only plain return value can be used as dag result")
        xcom_arg.operator.returns_dag_result = True
        return xcom_arg

    def __enter__(self) -> Any:
        DagContext.push_context_managed_dag(self)
        return self

    def __exit__(self, *exc: Any) -> None:
        DagContext.pop_context_managed_dag()

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def test(self, *args: Any, **kwargs: Any) -> None:
        """Does nothing: files that run their DAGs when they are started by hand are only read here."""

    cli = run = clear = test

    def validate(self) -> None:
        """Raise what makes the DAG's file an import error."""
        if self.timetable.can_be_scheduled:
            try:
                self.params.validate()
            except ParamValidationError as error:
                raise refusal(
                    "DAG is not allowed to define a Schedule, "
                    "if there are any required params without default values or default values are not valid.",
                    f"Dag {self.dag_id!r} is not allowed to define a Schedule, as there are required params "
                    "without default values, or the default values are not valid.",
                ) from error
        self.timetable.validate()
        for task in self.tasks:
            if task.is_setup:
                for after in task.downstream_list:
                    if not after.is_teardown and after.trigger_rule != TriggerRule.ALL_SUCCESS:
                        raise ValueError("Setup tasks must be followed with trigger rule ALL_SUCCESS.")
            check_fail_stop(self, task.trigger_rule)


def dag(dag_id: Any = "", *args: Any, **kwargs: Any) -> Any:
    """The decorator: the function's tasks are the DAG's, its arguments its params."""
    if callable(dag_id) and not args and not kwargs:
        return dag()(dag_id)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def factory(*given_args: Any, **given: Any) -> Any:
            bound = signature.bind(*given_args, **given)
            bound.apply_defaults()
            with DAG(dag_id or function.__name__, *args, **kwargs) as made:
                if docstring_of(function) and not made.doc_md:
                    made.doc_md = docstring_of(function)
                arguments = {name: made.param(name, value) for name, value in bound.arguments.items()}
                made.fileloc = sys._getframe(1).f_code.co_filename
                returned = function(**arguments)
                if Installed.major > 2 and is_return_value(returned):
                    made.add_result(returned)
            return made

        return factory

    return decorate
