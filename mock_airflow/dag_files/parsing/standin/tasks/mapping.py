"""Mapped tasks: ``Operator.partial(...).expand(...)``."""

from __future__ import annotations

from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import AirflowException
from mock_airflow.dag_files.parsing.standin.moments import convert_to_utc
from mock_airflow.dag_files.parsing.standin.tasks.abstract_operator import AbstractOperator
from mock_airflow.dag_files.parsing.standin.tasks.groups import MappedTaskGroup, TaskGroupContext
from mock_airflow.dag_files.parsing.standin.tasks.operator_defaults import (
    coerce_timedelta,
    merged_defaults,
    parse_retries,
)
from mock_airflow.dag_files.parsing.standin.tasks.operators import (
    DEFAULT_POOL,
    DEFAULT_RETRY_DELAY,
)
from mock_airflow.dag_files.parsing.standin.tasks.outputs import (
    ExpandInput,
    XComArg,
    check_kwargs_list,
    check_return_values,
    is_mappable,
    prevent_duplicates,
)
from mock_airflow.dag_files.parsing.standin.tasks.rules import TriggerRule, trigger_rules, weight_rule_of
from mock_airflow.dag_files.parsing.standin.tasks.wiring import Ids


def _check_names(kind: type, function: str, given: dict[str, Any]) -> None:
    """Raise TypeError for arguments that an operator does not have, ValueError for what it cannot be mapped over."""
    left = dict(given)
    for each in kind.__mro__:
        init = each.__dict__.get("__init__")
        for name in getattr(init, "param_names", ()):
            _check_value(kind, function, name, left)
    if not left or getattr(kind, "_lenient", False):
        return
    if len(left) == 1:
        raise TypeError(f"{kind.__name__}.{function}() got an unexpected keyword argument {next(iter(left))!r}")
    raise TypeError(f"{kind.__name__}.{function}() got unexpected keyword arguments {', '.join(map(repr, left))}")


def _check_value(kind: type, function: str, name: str, left: dict[str, Any]) -> None:
    if name in left:
        value = left.pop(name)
        if function == "expand" and not is_mappable(value):
            raise ValueError(
                f"{kind.__name__}.expand() got an unexpected type {type(value).__name__!r} for keyword argument {name}"
            )


class OperatorPartial:
    """What a mapped task's instances have in common."""

    def __init__(self, kind: type, kwargs: dict[str, Any]) -> None:
        from mock_airflow.dag_files.parsing.standin.dags.context import DagContext

        self.kind = kind
        given = dict(kwargs)
        self.task_id = given.pop("task_id")
        self.dag = given.pop("dag", None) or DagContext.get_current_dag()
        self.group = given.pop("task_group", None)
        if self.dag:
            self.group = self.group or TaskGroupContext.get_current_task_group(self.dag)
        defaults, self.params = merged_defaults(
            self.dag, self.group, given.pop("params", None), given.pop("default_args", None)
        )
        _check_names(kind, "partial", given)
        self.kwargs = {**defaults, **given}
        self.given = given

    def expand(self, **mapped: Any) -> MappedOperator:
        """Map over these arguments."""
        if not mapped:
            raise TypeError("no arguments to expand against")
        _check_names(self.kind, "expand", mapped)
        prevent_duplicates(self.given, mapped, fail_reason="unmappable or already specified")
        return self._mapped(mapped)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> MappedOperator:
        """Map over sets of arguments."""
        check_kwargs_list(kwargs)
        return self._mapped(kwargs)

    def _mapped(self, mapped: Any) -> MappedOperator:
        check_return_values(mapped)
        return MappedOperator(
            kind=self.kind,
            task_id=self.group.child_id(self.task_id) if self.group else self.task_id,
            label=self.task_id,
            dag=self.dag,
            group=self.group,
            kwargs=self.kwargs,
            params=self.params,
            over=ExpandInput(mapped),
        )


class MappedOperator(AbstractOperator):
    """A task that is there once for each of several inputs."""

    def __init__(
        self, *, kind: Any, task_id: str, label: str, dag: Any, group: Any, kwargs: Any, params: Any, over: ExpandInput
    ) -> None:
        self.operator_class, self.task_id, self.params, self.partial_kwargs = kind, task_id, params, kwargs
        self.expand_input = over
        self.upstream_task_ids, self.downstream_task_ids = Ids(), Ids()
        for name in ("template_fields", "template_ext", "ui_color", "ui_fgcolor", "operator_extra_links"):
            setattr(self, name, getattr(kind, name))
        self.start_date = convert_to_utc(kwargs.get("start_date"))
        self.end_date = convert_to_utc(kwargs.get("end_date"))
        self._display_name = kwargs.get("task_display_name")
        self._read(kwargs, dag)
        around = group
        while around is not None:
            if isinstance(around, MappedTaskGroup):
                raise NotImplementedError("operator expansion in an expanded task group is not yet supported")
            around = around.task_group
        self.dag = None
        if group:
            group.add(self)
        if dag:
            dag.add_task(self)
        XComArg.apply_upstream_relationship(self, over.value)
        for name, value in kwargs.items():
            if name in self.template_fields or getattr(kind, "_lenient", False):
                XComArg.apply_upstream_relationship(self, value)
        if kwargs.get("sla") is not None:
            raise AirflowException(
                f"SLAs are unsupported with mapped tasks. Please set `sla=None` for task {self.task_id!r}."
            )

    def _read(self, kwargs: dict[str, Any], dag: Any) -> None:
        get = kwargs.get
        self.owner = get("owner", "airflow")
        self.trigger_rule = trigger_rules()(get("trigger_rule", TriggerRule.ALL_SUCCESS))
        self.retries = parse_retries(get("retries"))
        self.retry_delay = coerce_timedelta(get("retry_delay", DEFAULT_RETRY_DELAY))
        self.retry_exponential_backoff = get("retry_exponential_backoff", False)
        self.execution_timeout = get("execution_timeout")
        self.wait_for_downstream = get("wait_for_downstream", False)
        self.depends_on_past = get("depends_on_past", False) or self.wait_for_downstream
        self.pool = get("pool") or DEFAULT_POOL
        self.pool_slots = get("pool_slots", 1)
        if self.pool_slots < 1:
            where = f" in dag {dag.dag_id}" if dag else ""
            raise ValueError(f"pool slots for {self.task_id}{where} cannot be less than 1")
        self.queue = get("queue", "default")
        self.priority_weight = get("priority_weight", 1)
        self.weight_rule = weight_rule_of(get("weight_rule"))
        self.max_active_tis_per_dag = get("max_active_tis_per_dag")
        self.max_active_tis_per_dagrun = get("max_active_tis_per_dagrun")
        self.map_index_template = get("map_index_template")
        self.doc_md, self.doc = get("doc_md"), get("doc")
        self.doc_json, self.doc_yaml, self.doc_rst = get("doc_json"), get("doc_yaml"), get("doc_rst")
        self.max_retry_delay = None if get("max_retry_delay") is None else coerce_timedelta(get("max_retry_delay"))
        for name in ("inlets", "outlets"):
            value = get(name) or []
            setattr(self, name, value if isinstance(value, list) else [value])

    @property
    def task_display_name(self) -> str:
        """How it is shown."""
        return self._display_name or self.task_id

    @property
    def task_type(self) -> str:
        """The name of its operator's class."""
        return str(self.operator_class.__name__)

    @property
    def operator_name(self) -> str:
        """How the operator is shown."""
        return getattr(self.operator_class, "custom_operator_name", None) or self.task_type

    def __repr__(self) -> str:
        return f"<Mapped({self.task_type}): {self.task_id}>"
