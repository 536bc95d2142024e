"""The base of all operators: what a task declares, with the defaults of its group and DAG."""

from __future__ import annotations

import abc
import warnings
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.dag_files.parsing.standin.dags.params import ParamsDict
from mock_airflow.dag_files.parsing.standin.errors import (
    AirflowException,
    FailStopDagInvalidTriggerRule,
    RemovedInAirflow3Warning,
    refusal,
)
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.moments import convert_to_utc
from mock_airflow.dag_files.parsing.standin.placeholders import Placeholder
from mock_airflow.dag_files.parsing.standin.tasks.abstract_operator import AbstractOperator
from mock_airflow.dag_files.parsing.standin.tasks.groups import TaskGroupContext
from mock_airflow.dag_files.parsing.standin.tasks.operator_defaults import (
    coerce_timedelta,
    parse_retries,
    validate_key,
    with_defaults,
)
from mock_airflow.dag_files.parsing.standin.tasks.outputs import XComArg
from mock_airflow.dag_files.parsing.standin.tasks.rules import TriggerRule, WeightRule, trigger_rules, weight_rule_of
from mock_airflow.dag_files.parsing.standin.tasks.setup_teardown import SetupTeardownContext
from mock_airflow.dag_files.parsing.standin.tasks.wiring import Ids

DEFAULT_POOL = "default_pool"
_ONLY_IN_3 = ("retry_policy", "render_template_as_native_obj")
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


class BaseOperatorMeta(abc.ABCMeta):
    """Wraps the constructor of every operator class."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> Any:
        made = super().__new__(mcs, name, bases, namespace, **kwargs)
        if "__init__" in namespace:
            made.__init__ = with_defaults(namespace["__init__"])  # type: ignore[misc]
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
        from mock_airflow.dag_files.parsing.standin.dags.context import DagContext

        if Installed.major > 2:
            if task_concurrency is not None:
                kwargs["task_concurrency"] = task_concurrency
            for name in _ONLY_IN_3:
                kwargs.pop(name, None)
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
            raise refusal(
                f"`priority_weight` for task '{self.task_id}' only accepts integers, "
                f"received '{type(priority_weight)}'.",
                f"'priority_weight' for task '{self.task_id}' expects {int}, "
                f"got {type(priority_weight)} with value {priority_weight!r}",
                kind=TypeError,
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
        from mock_airflow.dag_files.parsing.standin.dags.dag import DAG

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
        from mock_airflow.dag_files.parsing.standin.tasks.mapping import OperatorPartial

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
        rest = f",'{dag.dag_id if dag else ''}.{task_id}'; received '{rule}'."
        raise refusal(
            f"The trigger_rule must be one of {rules.all_triggers()}{rest}",
            f"The trigger_rule must be one of {[str(one.value) for one in rules]}{rest}",
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
