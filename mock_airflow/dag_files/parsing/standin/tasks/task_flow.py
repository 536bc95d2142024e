"""Functions as tasks (``@task`` and its kinds) and as groups of tasks (``@task_group``)."""

from __future__ import annotations

import functools
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from mock_airflow.dag_files.parsing.standin.dags.docstrings import docstring_of
from mock_airflow.dag_files.parsing.standin.errors import AirflowException
from mock_airflow.dag_files.parsing.standin.tasks.groups import MappedTaskGroup, TaskGroup, TaskGroupContext
from mock_airflow.dag_files.parsing.standin.tasks.mapping import MappedOperator
from mock_airflow.dag_files.parsing.standin.tasks.operator_defaults import merged_defaults
from mock_airflow.dag_files.parsing.standin.tasks.operators import BaseOperator
from mock_airflow.dag_files.parsing.standin.tasks.outputs import (
    ExpandInput,
    MappedArgument,
    XComArg,
    check_kwargs_list,
    check_return_values,
    is_mappable,
    prevent_duplicates,
)
from mock_airflow.dag_files.parsing.standin.tasks.rules import TriggerRule

# What Airflow hands to a function that has an argument of such a name.
CONTEXT_KEYS = frozenset(
    "conf conn dag dag_run data_interval_end data_interval_start ds ds_nodash execution_date"
    " expanded_ti_count exception inlets inlet_events logical_date macros map_index_template next_ds next_ds_nodash"
    " next_execution_date outlets outlet_events params prev_data_interval_start_success"
    " prev_data_interval_end_success prev_ds prev_ds_nodash prev_execution_date prev_execution_date_success"
    " prev_start_date_success prev_end_date_success reason run_id task task_instance task_instance_key_str"
    " test_mode templates_dict ti tomorrow_ds tomorrow_ds_nodash triggering_dataset_events ts ts_nodash"
    " ts_nodash_with_tz try_number var yesterday_ds yesterday_ds_nodash triggering_asset_events".split()
)


def unique_task_id(task_id: str, dag: Any = None, group: Any = None) -> str:
    """The id with a number behind it where the DAG has a task of that id already."""
    from mock_airflow.dag_files.parsing.standin.dags.context import DagContext

    dag = dag or DagContext.get_current_dag()
    if not dag:
        return task_id
    group = group or TaskGroupContext.get_current_task_group(dag)
    whole = group.child_id(task_id) if group else task_id
    if whole not in dag.task_dict:
        return task_id
    prefix = re.escape(re.split(r"__\d+$", whole)[0])
    numbers = [int(found[1]) for each in dag.task_dict if (found := re.match(rf"^{prefix}__(\d+)$", each))]
    core = re.split(r"__\d+$", task_id)[0]
    return f"{core}__{max(numbers, default=0) + 1}"


def bind(function: Any, args: Any, kwargs: Any, *, partly: bool = False) -> None:
    """Raise what Airflow raises for arguments that a task's function does not take."""
    signature = inspect.signature(function)
    for parameter in signature.parameters.values():
        if parameter.name in CONTEXT_KEYS and parameter.default not in (None, inspect.Parameter.empty):
            raise ValueError(f"Context key parameter {parameter.name} can't have a default other than None")
    signature = signature.replace(
        parameters=[
            each.replace(default=None) if each.name in CONTEXT_KEYS else each for each in signature.parameters.values()
        ]
    )
    (signature.bind_partial if partly else signature.bind)(*args, **kwargs)


class DecoratedOperator(BaseOperator):
    """A task that calls a function."""

    template_fields: Any = ("op_args", "op_kwargs")

    def __init__(
        self, *, python_callable: Any, task_id: str, op_args: Any = None, op_kwargs: Any = None, **kwargs: Any
    ) -> None:
        task_id = unique_task_id(task_id, kwargs.get("dag"), kwargs.get("task_group"))
        self.python_callable = python_callable
        self.op_args, self.op_kwargs = op_args or [], op_kwargs or {}
        bind(python_callable, self.op_args, self.op_kwargs)
        self.__dict__["_arguments_checked"] = True  # of the operator beside this one; its function stands for them
        super().__init__(task_id=task_id, **kwargs)

    def _hook_apply_defaults(self, kwargs: dict[str, Any], default_args: dict[str, Any]) -> dict[str, Any]:
        if "python_callable" in kwargs:
            op_kwargs = kwargs.get("op_kwargs") or {}
            for name in inspect.signature(kwargs["python_callable"]).parameters:
                if name not in op_kwargs and name in default_args:
                    op_kwargs[name] = default_args[name]
            kwargs["op_kwargs"] = op_kwargs
        return kwargs


def _checked(factory: Any, function: str, kwargs: dict[str, Any]) -> None:
    """Raise TypeError for arguments that a function does not have, ValueError for what it cannot be mapped over."""
    parameters = inspect.signature(factory.function).parameters
    if any(each.kind == each.VAR_KEYWORD for each in parameters.values()):
        return
    for name in parameters:
        if function == "expand" and name in kwargs and not is_mappable(kwargs[name]):
            raise ValueError(
                f"expand() got an unexpected type {type(kwargs[name]).__name__!r} for keyword argument {name!r}"
            )
    unknown = [name for name in kwargs if name not in parameters]
    if len(unknown) == 1:
        raise TypeError(f"{function}() got an unexpected keyword argument {unknown[0]!r}")
    if unknown:
        raise TypeError(f"{function}() got unexpected keyword arguments {', '.join(map(repr, unknown))}")


class TaskDecorator:
    """A function that makes a task when it is called."""

    _airflow_is_task_decorator = True

    def __init__(self, function: Any, kind: Any, multiple_outputs: Any = None, kwargs: Any = None) -> None:
        if not callable(function):
            raise TypeError(f"'function' must be callable (got {function!r} that is a {type(function)}).")
        self.function, self.operator_class = function, kind
        self.multiple_outputs = _returns_mapping(function) if multiple_outputs is None else multiple_outputs
        self.kwargs = dict(kwargs or {})
        self.is_setup = self.is_teardown = self.on_failure_fail_dagrun = self.returns_dag_result = False
        if "self" in inspect.signature(function).parameters:
            name = (getattr(kind, "custom_operator_name", None) or "@task").removeprefix("@")
            raise TypeError(f"@{name} does not support methods")
        self.kwargs.setdefault("task_id", getattr(function, "__name__", "task"))
        functools.update_wrapper(self, function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        self._prepare_teardown()
        fails = self.kwargs.pop("on_failure_fail_dagrun", self.on_failure_fail_dagrun)
        operator = self.operator_class(
            python_callable=self.function,
            op_args=args,
            op_kwargs=kwargs,
            multiple_outputs=self.multiple_outputs,
            **self.kwargs,
        )
        operator.is_setup, operator.is_teardown = self.is_setup, self.is_teardown
        operator.on_failure_fail_dagrun = fails
        operator.returns_dag_result = self.returns_dag_result
        documented = (operator.doc, operator.doc_json, operator.doc_md, operator.doc_rst, operator.doc_yaml)
        if docstring_of(self.function) and not any(documented):
            operator.doc_md = docstring_of(self.function)
        return typing.cast(XComArg, XComArg(operator))

    def _prepare_teardown(self) -> None:
        if self.is_teardown:
            if (
                self.kwargs.get("trigger_rule", TriggerRule.ALL_DONE_SETUP_SUCCESS)
                != TriggerRule.ALL_DONE_SETUP_SUCCESS
            ):
                raise ValueError("Trigger rule not configurable for teardown tasks.")
            self.kwargs["trigger_rule"] = TriggerRule.ALL_DONE_SETUP_SUCCESS

    def _check_names(self, function: str, kwargs: dict[str, Any]) -> None:
        shadowed = sorted(CONTEXT_KEYS.intersection(kwargs))
        if len(shadowed) == 1:
            raise ValueError(f"cannot call {function}() on task context variable {shadowed[0]!r}")
        if shadowed:
            raise ValueError(f"cannot call {function}() on task context variables {', '.join(map(repr, shadowed))}")
        _checked(self, function, kwargs)

    def expand(self, **mapped: Any) -> XComArg:
        """A task that is there once for each input."""
        if self.kwargs.get("trigger_rule") == TriggerRule.ALWAYS and any(
            isinstance(each, XComArg) for each in mapped.values()
        ):
            raise ValueError(
                "Task-generated mapping within a task using 'expand' is not allowed with trigger rule 'always'."
            )
        if not mapped:
            raise TypeError("no arguments to expand against")
        self._check_names("expand", mapped)
        prevent_duplicates(self.kwargs, mapped, fail_reason="mapping already partial")
        self._prepare_teardown()
        return self._mapped(mapped)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        """A task that is there once for each set of arguments."""
        check_kwargs_list(kwargs)
        return self._mapped(kwargs)

    def _mapped(self, over: Any) -> XComArg:
        from mock_airflow.dag_files.parsing.standin.dags.context import DagContext

        check_return_values(over)
        own = dict(self.kwargs)
        dag = own.pop("dag", None) or DagContext.get_current_dag()
        group = own.pop("task_group", None) or TaskGroupContext.get_current_task_group(dag)
        defaults, params = merged_defaults(dag, group, own.pop("params", None), own.pop("default_args", None))
        kwargs = {**defaults, **own}
        label = unique_task_id(kwargs.pop("task_id"), dag, group)
        operator = MappedOperator(
            kind=self.operator_class,
            task_id=group.child_id(label) if group else label,
            label=label,
            dag=dag,
            group=group,
            kwargs=kwargs,
            params=params,
            over=ExpandInput(over),
        )
        operator._is_setup, operator._is_teardown = self.is_setup, self.is_teardown
        operator.on_failure_fail_dagrun = self.on_failure_fail_dagrun
        operator.returns_dag_result = self.returns_dag_result
        return typing.cast(XComArg, XComArg(operator))

    def partial(self, **kwargs: Any) -> TaskDecorator:
        """With some arguments given."""
        self._check_names("partial", kwargs)
        before = self.kwargs.get("op_kwargs", {})
        prevent_duplicates(before, kwargs, fail_reason="duplicate partial")
        return self._copy({"op_kwargs": {**kwargs, **before}})

    def override(self, **kwargs: Any) -> TaskDecorator:
        """With other arguments of the operator."""
        return self._copy(kwargs)

    def _copy(self, kwargs: dict[str, Any]) -> TaskDecorator:
        copy = TaskDecorator(self.function, self.operator_class, self.multiple_outputs, {**self.kwargs, **kwargs})
        copy.is_setup, copy.is_teardown = self.is_setup, self.is_teardown
        copy.on_failure_fail_dagrun = self.on_failure_fail_dagrun
        copy.returns_dag_result = self.returns_dag_result
        return copy


def _returns_mapping(function: Any) -> bool:
    annotation = getattr(function, "__annotations__", {}).get("return")
    if isinstance(annotation, str):
        try:
            annotation = eval(annotation, dict(getattr(function, "__globals__", {})))  # as typing does it
        except Exception:
            return False
    kind = getattr(annotation, "__origin__", annotation)
    try:
        return isinstance(kind, type) and issubclass(kind, Mapping)
    except TypeError:
        return False


def task_decorator_factory(
    python_callable: Any = None,
    *,
    multiple_outputs: Any = None,
    decorated_operator_class: Any = None,
    **kwargs: Any,
) -> Any:
    """What makes functions into tasks of an operator."""
    if callable(python_callable):
        return TaskDecorator(python_callable, decorated_operator_class, multiple_outputs, kwargs)
    if python_callable is not None:
        raise TypeError("No args allowed while using @task, use kwargs instead")
    return lambda function: TaskDecorator(function, decorated_operator_class, multiple_outputs, kwargs)


class TaskGroupFactory:
    """A function that makes a group of tasks when it is called."""

    def __init__(self, function: Any, group_kwargs: Any = None, partial_kwargs: Any = None) -> None:
        self.function = function
        self.group_kwargs = dict(group_kwargs or {})
        inspect.signature(TaskGroup.__init__).bind_partial(None, **self.group_kwargs)
        self.group_kwargs.setdefault("group_id", function.__name__)
        self.partial_kwargs = dict(partial_kwargs or {})
        functools.update_wrapper(self, function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._make(TaskGroup, args, kwargs)

    def _make(self, kind: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        with kind(add_suffix_on_collision=True, **self.group_kwargs) as group:
            if docstring_of(self.function) and not group.tooltip:
                group.tooltip = docstring_of(self.function)
            result = self.function(*args, **kwargs)
        return group if result is None else result

    def override(self, **kwargs: Any) -> TaskGroupFactory:
        """With other arguments of the group."""
        return TaskGroupFactory(self.function, {**self.group_kwargs, **kwargs}, self.partial_kwargs)

    def partial(self, **kwargs: Any) -> TaskGroupFactory:
        """With some arguments given."""
        _checked(self, "partial", kwargs)
        prevent_duplicates(self.partial_kwargs, kwargs, fail_reason="duplicate partial")
        return TaskGroupFactory(self.function, self.group_kwargs, {**kwargs, **self.partial_kwargs})

    def expand(self, **kwargs: Any) -> Any:
        """A group that is there once for each input."""
        if not kwargs:
            raise TypeError("no arguments to expand against")
        _checked(self, "expand", kwargs)
        prevent_duplicates(self.partial_kwargs, kwargs, fail_reason="mapping already partial")
        return self._expand(kwargs, list(kwargs))

    def expand_kwargs(self, kwargs: Any) -> Any:
        """A group that is there once for each set of arguments."""
        check_kwargs_list(kwargs)
        parameters = inspect.signature(self.function).parameters
        if any(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in parameters.values()):
            raise TypeError("calling expand_kwargs() on task group function with * or ** is not supported")
        return self._expand(kwargs, [name for name in parameters if name not in self.partial_kwargs])

    def _expand(self, over: Any, names: list[str]) -> Any:
        check_return_values(over)
        given = ExpandInput(over)
        arguments = {name: MappedArgument(given, name) for name in names}
        kind = functools.partial(MappedTaskGroup, expand_input=given)
        return self._make(kind, (), {**self.partial_kwargs, **arguments})


def task_group(python_callable: Any = None, **kwargs: Any) -> Any:
    """The decorator, with and without arguments."""
    if callable(python_callable) and not kwargs:
        return TaskGroupFactory(python_callable)
    if python_callable is not None:
        kwargs = {"group_id": python_callable, **kwargs}
    return functools.partial(TaskGroupFactory, group_kwargs=kwargs)


def _marked(function: Any, **marks: Any) -> Any:
    if isinstance(function, types.FunctionType):
        function = task(function)
    if isinstance(function, TaskGroupFactory):
        raise AirflowException("Task groups cannot be marked as setup or teardown.")
    for name, value in marks.items():
        setattr(function, name, value)
    return function


def setup(function: Any) -> Any:
    """The decorator: a task that prepares something for others."""
    return _marked(function, is_setup=True)


def teardown(function: Any = None, *, on_failure_fail_dagrun: bool = False) -> Any:
    """The decorator, with and without arguments: a task that cleans up after others."""

    def mark(one: Any) -> Any:
        return _marked(one, is_teardown=True, on_failure_fail_dagrun=on_failure_fail_dagrun)

    return mark if function is None else mark(function)


def result(function: Any) -> Any:
    """The decorator of Airflow 3: a task whose return value is the DAG's result."""
    if not isinstance(function, TaskDecorator):
        raise TypeError("@result must be used on top of a @task-decorated function")
    return _marked(function, returns_dag_result=True)


def _condition(*args: Any, **kwargs: Any) -> Any:
    """``@task.run_if(...)`` and ``@task.skip_if(...)``: what decides is not run here."""
    return lambda decorated: decorated


class TaskDecorators:
    """``task`` itself: called, it makes Python tasks; each attribute makes tasks of another kind."""

    run_if = staticmethod(_condition)
    skip_if = staticmethod(_condition)

    def __call__(self, python_callable: Any = None, multiple_outputs: Any = None, **kwargs: Any) -> Any:
        return self.python(python_callable, multiple_outputs=multiple_outputs, **kwargs)

    def __getattr__(self, name: str) -> Any:
        from mock_airflow.dag_files.parsing.standin.catalogue import decorated_operator

        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        kind = decorated_operator(name)
        decorator = functools.partial(task_decorator_factory, decorated_operator_class=kind)
        self.__dict__[name] = decorator
        return decorator


task = TaskDecorators()
