"""The base of all operators: what a task declares, with the defaults of its group and DAG."""

from __future__ import annotations

import abc
import functools
import inspect
import re
import warnings
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.dag_files.parsing.standin.abstract_operator import AbstractOperator
from mock_airflow.dag_files.parsing.standin.errors import (
    AirflowException,
    FailStopDagInvalidTriggerRule,
    RemovedInAirflow3Warning,
)
from mock_airflow.dag_files.parsing.standin.groups import TaskGroupContext
from mock_airflow.dag_files.parsing.standin.moments import convert_to_utc
from mock_airflow.dag_files.parsing.standin.outputs import XComArg
from mock_airflow.dag_files.parsing.standin.params import ParamsDict
from mock_airflow.dag_files.parsing.standin.placeholders import Placeholder
from mock_airflow.dag_files.parsing.standin.rules import TriggerRule, WeightRule, trigger_rules, weight_rule_of
from mock_airflow.dag_files.parsing.standin.setup_teardown import SetupTeardownContext
from mock_airflow.dag_files.parsing.standin.wiring import Ids

_KEY = re.compile(r"[\w.\-]+", re.UNICODE)
DEFAULT_POOL = "default_pool"
DEFAULT_RETRY_DELAY = timedelta(minutes=5)

# What Airflow checks the type of; a wrong one makes the file an import error.
_TYPES: dict[str, Any] = {
    "email": (str, Iterable),
    **dict.fromkeys(
        "email_on_retry email_on_failure retry_exponential_backoff depends_on_past ignore_first_depends_on_past"
        " wait_for_past_depends_before_skipping wait_for_downstream do_xcom_push multiple_outputs"
        " allow_nested_operators".split(),
        bool,
    ),
    **dict.fromkeys("retries priority_weight pool_slots max_active_tis_per_dag max_active_tis_per_dagrun".split(), int),
    **dict.fromkeys(
        "task_id queue pool trigger_rule run_as_user map_index_template executor doc doc_md doc_json doc_yaml doc_rst"
        " task_display_name logger_name".split(),
        str,
    ),
}


def validate_key(key: Any, max_length: int = 250) -> None:
    """Raise what Airflow raises for an id that a task or DAG cannot have."""
    if not isinstance(key, str):
        raise TypeError(f"The key has to be a string and is {type(key)}:{key}")
    if len(key) > max_length:
        raise AirflowException(f"The key has to be less than {max_length} characters")
    if not _KEY.fullmatch(key):
        raise AirflowException(
            f"The key {key!r} has to be made of alphanumeric characters, dashes, dots and underscores exclusively"
        )


def coerce_timedelta(value: Any, *, key: str = "") -> Any:
    """A period, from seconds too."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def parse_retries(value: Any) -> int:
    """A number of retries, from a text too. Raises AirflowException, in Airflow's words, for what is no number."""
    try:
        return 0 if value is None else int(value)
    except (TypeError, ValueError):
        raise AirflowException(f"'retries' type must be int, not {type(value).__name__}") from None


def merged_defaults(dag: Any, group: Any, task_params: Any, task_default_args: Any) -> tuple[dict[str, Any], Any]:
    """The default arguments and params that a task gets: the DAG's, over them the group's, over them its own."""
    arguments: dict[str, Any] = {}
    params = ParamsDict()
    if dag:
        arguments.update(dag.default_args)
        params = ParamsDict(dag.params._params)  # copies, so that what a task says does not reach the DAG
        if group:
            arguments.update(group.default_args)
    if task_params:
        if not isinstance(task_params, (dict, ParamsDict)):
            raise TypeError(f"params must be a mapping, got {type(task_params)}")
        params.update(dict(task_params.items()))
    if task_default_args:
        if not isinstance(task_default_args, dict):
            raise TypeError(f"default_args must be a mapping, got {type(task_default_args)}")
        arguments.update(task_default_args)
        with_params = arguments.pop("params", None) or {}
        params.update(dict(with_params.items()))
    return arguments, params


def _with_defaults(init: Callable[..., None]) -> Callable[..., None]:
    """An operator's constructor that fills what is not given from the defaults, and says what is missing."""
    parameters = inspect.signature(init).parameters
    named = {
        name: parameter
        for name, parameter in parameters.items()
        if name != "self" and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    needed = {name for name, parameter in named.items() if parameter.default is parameter.empty and name != "task_id"}
    declared = getattr(init, "declared", ())  # what the table of operators names, where there is no signature
    required: frozenset[str] = getattr(init, "required", frozenset())

    @functools.wraps(init)
    def apply_defaults(self: Any, *args: Any, **kwargs: Any) -> None:
        from mock_airflow.dag_files.parsing.standin.dag import DagContext

        if args:
            raise AirflowException("Use keyword arguments when initializing operators")
        dag = kwargs.get("dag") or DagContext.get_current_dag()
        group = kwargs.get("task_group")
        if dag and not group:
            group = TaskGroupContext.get_current_task_group(dag)
        default_args, params = merged_defaults(dag, group, kwargs.pop("params", None), kwargs.pop("default_args", None))
        for name in (*parameters, *declared):
            if name not in kwargs and name in default_args:
                kwargs[name] = default_args[name]
        wanted = needed if "_arguments_checked" in self.__dict__ else needed | required
        missing = sorted(wanted - set(kwargs))
        if missing:
            names = ", ".join(map(repr, missing))
            raise AirflowException(f"missing keyword argument{'s' if len(missing) > 1 else ''} {names}")
        if params:
            kwargs["params"] = params
        hook = getattr(self, "_hook_apply_defaults", None)
        if hook is not None:
            kwargs = hook(kwargs, default_args)
        init(self, **kwargs, default_args=default_args)
        if type(self).__init__ is apply_defaults:
            self.set_xcomargs_dependencies()
            self._constructed = True

    apply_defaults.param_names = {*named, *declared}  # type: ignore[attr-defined]
    return apply_defaults


class BaseOperatorMeta(abc.ABCMeta):
    """Wraps the constructor of every operator class."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> Any:
        made = super().__new__(mcs, name, bases, namespace, **kwargs)
        if "__init__" in namespace:
            made.__init__ = _with_defaults(namespace["__init__"])  # type: ignore[misc]
        return made


class BaseOperator(AbstractOperator, metaclass=BaseOperatorMeta):
    """What every task declares, with Airflow's defaults."""

    start_date: Any = None
    end_date: Any = None
    pool = ""
    subdag: Any = None
    shallow_copy_attrs: Any = ()
    supports_lineage = False
    start_trigger_args: Any = None
    start_from_trigger = False
    deps: Any = frozenset()
    _constructed = False
    _dag: Any = None
    _lenient = False  # whether arguments that nobody knows are kept, as the operator itself is not known

    def __init__(
        self,
        task_id: str,
        owner: str = "airflow",
        email: Any = None,
        email_on_retry: bool = True,
        email_on_failure: bool = True,
        retries: Any = 0,
        retry_delay: Any = DEFAULT_RETRY_DELAY,
        retry_exponential_backoff: bool = False,
        max_retry_delay: Any = None,
        start_date: Any = None,
        end_date: Any = None,
        depends_on_past: bool = False,
        ignore_first_depends_on_past: bool = True,
        wait_for_past_depends_before_skipping: bool = False,
        wait_for_downstream: bool = False,
        dag: Any = None,
        params: Any = None,
        default_args: Any = None,
        priority_weight: Any = 1,
        weight_rule: Any = WeightRule.DOWNSTREAM,
        queue: str = "default",
        pool: Any = None,
        pool_slots: int = 1,
        sla: Any = None,
        execution_timeout: Any = None,
        on_execute_callback: Any = None,
        on_failure_callback: Any = None,
        on_success_callback: Any = None,
        on_retry_callback: Any = None,
        on_skipped_callback: Any = None,
        pre_execute: Any = None,
        post_execute: Any = None,
        trigger_rule: Any = TriggerRule.ALL_SUCCESS,
        resources: Any = None,
        run_as_user: Any = None,
        task_concurrency: Any = None,
        map_index_template: Any = None,
        max_active_tis_per_dag: Any = None,
        max_active_tis_per_dagrun: Any = None,
        executor: Any = None,
        executor_config: Any = None,
        do_xcom_push: bool = True,
        multiple_outputs: bool = False,
        inlets: Any = None,
        outlets: Any = None,
        task_group: Any = None,
        doc: Any = None,
        doc_md: Any = None,
        doc_json: Any = None,
        doc_yaml: Any = None,
        doc_rst: Any = None,
        task_display_name: Any = None,
        logger_name: Any = None,
        allow_nested_operators: bool = True,
        **kwargs: Any,
    ) -> None:
        from mock_airflow.dag_files.parsing.standin.dag import DagContext

        if kwargs and not self._lenient:
            raise AirflowException(
                f"Invalid arguments were passed to {type(self).__name__} (task_id: {task_id}). "
                f"Invalid arguments were:\n**kwargs: {kwargs}"
            )
        given = dict(locals())
        dag = dag or DagContext.get_current_dag()
        group = task_group or TaskGroupContext.get_current_task_group(dag)
        self.upstream_task_ids, self.downstream_task_ids = Ids(), Ids()
        self.task_id = group.child_id(task_id) if group else task_id
        validate_key(self.task_id)
        if group:
            group.add(self)
        for name in _PLAIN:
            setattr(self, name, given[name])
        if execution_timeout is not None and not isinstance(execution_timeout, timedelta):
            raise ValueError(
                f"execution_timeout must be timedelta object but passed as type: {type(execution_timeout)}"
            )
        if isinstance(start_date, datetime):
            self.start_date = convert_to_utc(start_date)
        if end_date:
            self.end_date = convert_to_utc(end_date)
        self.executor_config = executor_config or {}
        self.retries = given["retries"] = parse_retries(retries)
        self.pool = DEFAULT_POOL if pool is None else pool
        if pool_slots < 1:
            where = f" in dag {dag.dag_id}" if dag else ""
            raise ValueError(f"pool slots for {self.task_id}{where} cannot be less than 1")
        self.trigger_rule = _trigger_rule(trigger_rule, dag, task_id)
        self.depends_on_past = depends_on_past or wait_for_downstream
        self.retry_delay = coerce_timedelta(retry_delay)
        self.max_retry_delay = None if max_retry_delay is None else coerce_timedelta(max_retry_delay)
        self.params = ParamsDict(params)
        if priority_weight is not None and not isinstance(priority_weight, int):
            raise AirflowException(
                f"`priority_weight` for task '{self.task_id}' only accepts integers, "
                f"received '{type(priority_weight)}'."
            )
        self.weight_rule = weight_rule_of(weight_rule)
        self.max_active_tis_per_dag = max_active_tis_per_dag or task_concurrency
        self._display_name = task_display_name if task_display_name and task_display_name != task_id else None
        if dag:
            self.dag = dag
        self.inlets = _as_list(inlets)
        self.outlets = _as_list(outlets)
        if SetupTeardownContext.active:
            SetupTeardownContext.update_context_map(self)
        for name, kind in _TYPES.items():
            value = given.get(name)
            if value is not None and not isinstance(value, (kind, Placeholder)) and not self._lenient:
                raise TypeError(
                    f"'{name}' has an invalid type {type(value)} with value {value}, expected type is {kind}"
                )
        if self._lenient:
            for name, value in kwargs.items():
                if not hasattr(type(self), name):
                    setattr(self, name, value)
            self._unknown = kwargs

    def _hook_apply_defaults(self, kwargs: dict[str, Any], default_args: dict[str, Any]) -> dict[str, Any]:
        return kwargs

    def has_dag(self) -> bool:
        return self._dag is not None

    @property
    def dag(self) -> Any:
        """Its DAG. Raises AirflowException before it has one."""
        if self._dag is None:
            raise AirflowException(f"Operator {self} has not been assigned to a DAG yet")
        return self._dag

    @dag.setter
    def dag(self, dag: Any) -> None:
        from mock_airflow.dag_files.parsing.standin.dag import DAG

        if dag is None:
            self._dag = None
            return
        if not isinstance(dag, DAG):
            raise TypeError(f"Expected DAG; received {dag.__class__.__name__}")
        if self.has_dag() and self._dag is not dag:
            raise AirflowException(f"The DAG assigned to {self} can not be changed.")
        if dag.task_dict.get(self.task_id) is not self:
            dag.add_task(self)
        self._dag = dag

    @property
    def task_display_name(self) -> str:
        """How it is shown."""
        return self._display_name or self.task_id

    @property
    def task_type(self) -> str:
        """The class's name."""
        return type(self).__name__

    @property
    def operator_name(self) -> str:
        """How the operator is shown."""
        return getattr(self, "custom_operator_name", None) or self.task_type

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if self._constructed and name in self.template_fields:
            self.set_xcomargs_dependencies()

    def set_xcomargs_dependencies(self) -> None:
        """Have it come after the tasks whose output its fields refer to."""
        names = self.template_fields if isinstance(self.template_fields, (list, tuple)) else [self.template_fields]
        for name in names:
            if hasattr(self, name):
                XComArg.apply_upstream_relationship(self, getattr(self, name))
        XComArg.apply_upstream_relationship(self, getattr(self, "_unknown", None))

    def add_inlets(self, inlets: Iterable[Any]) -> None:
        """Further inlets."""
        self.inlets.extend(inlets)

    def add_outlets(self, outlets: Iterable[Any]) -> None:
        """Further outlets."""
        self.outlets.extend(outlets)

    def __gt__(self, other: Any) -> Any:
        self.add_outlets(other if isinstance(other, list) else [other])
        return self

    def __lt__(self, other: Any) -> Any:
        self.add_inlets(other if isinstance(other, list) else [other])
        return self

    @property
    def log(self) -> Any:
        """A logger."""
        import logging

        return logging.getLogger("airflow.task.operators")

    def execute(self, context: Any) -> Any:
        """What the task does; never called here."""
        raise NotImplementedError

    def prepare_template(self) -> None:
        """What is done before templates are rendered; never called here."""

    def __repr__(self) -> str:
        return f"<Task({self.task_type}): {self.task_id}>"

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """The arguments that a mapped task has in common."""
        from mock_airflow.dag_files.parsing.standin.mapping import OperatorPartial

        return OperatorPartial(cls, kwargs)


# The arguments that are kept as they are.
_PLAIN = tuple(
    "owner email email_on_retry email_on_failure execution_timeout on_execute_callback on_failure_callback"
    " on_success_callback on_retry_callback on_skipped_callback executor run_as_user queue pool_slots sla"
    " ignore_first_depends_on_past wait_for_past_depends_before_skipping wait_for_downstream"
    " retry_exponential_backoff priority_weight resources max_active_tis_per_dagrun do_xcom_push map_index_template"
    " multiple_outputs doc doc_md doc_json doc_yaml doc_rst allow_nested_operators".split()
)


def _as_list(value: Any) -> list[Any]:
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def _trigger_rule(rule: Any, dag: Any, task_id: str) -> Any:
    rules = trigger_rules()
    if rule == "dummy" and rules.is_valid(rule):
        warnings.warn(
            "dummy Trigger Rule is deprecated. Please use `TriggerRule.ALWAYS`.", RemovedInAirflow3Warning, stacklevel=2
        )
        rule = TriggerRule.ALWAYS
    if rule == "none_failed_or_skipped" and rules.is_valid(rule):
        rule = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
    if not rules.is_valid(rule):
        raise AirflowException(
            f"The trigger_rule must be one of {rules.all_triggers()},"
            f"'{dag.dag_id if dag else ''}.{task_id}'; received '{rule}'."
        )
    chosen = rules(rule)
    check_fail_stop(dag, chosen)
    return chosen


def check_fail_stop(dag: Any, rule: Any) -> None:
    """Raise FailStopDagInvalidTriggerRule for a task that could run after a failure of a DAG that stops at one."""
    allowed = (TriggerRule.ALL_SUCCESS, TriggerRule.ALL_DONE_SETUP_SUCCESS)
    if dag is not None and dag.fail_stop and rule not in allowed:
        raise FailStopDagInvalidTriggerRule(
            "A 'fail-stop' dag can only have tasks with one of the following trigger rules: "
            f"{set(allowed)}; received: {rule}"
        )


class BaseSensorOperator(BaseOperator):
    """A task that waits for something."""

    ui_color = "#e6f1f2"
    valid_modes = ("poke", "reschedule")
    _is_sensor = True

    def __init__(
        self,
        *,
        poke_interval: Any = 60,
        timeout: Any = 7 * 24 * 60 * 60,
        soft_fail: bool = False,
        mode: str = "poke",
        exponential_backoff: bool = False,
        max_wait: Any = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.poke_interval, self.timeout, self.soft_fail, self.mode = poke_interval, timeout, soft_fail, mode
        self.exponential_backoff, self.max_wait = exponential_backoff, max_wait
        self.silent_fail, self.never_fail = silent_fail, never_fail
        if soft_fail and never_fail:
            raise ValueError("soft_fail and never_fail are mutually exclusive, you can not provide both.")
        if mode not in self.valid_modes:
            raise AirflowException(
                f"The mode must be one of {self.valid_modes},'{self.dag.dag_id if self.has_dag() else ''} "
                f"{self.task_id}'; received '{mode}'."
            )

    def poke(self, context: Any) -> Any:
        """Whether what is waited for is there; never called here."""
        raise AirflowException("Override me.")

    @property
    def reschedule(self) -> bool:
        """Whether it gives its slot back while it waits."""
        return self.mode == "reschedule"
