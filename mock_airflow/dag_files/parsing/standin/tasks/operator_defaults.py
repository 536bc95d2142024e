"""What operators are made with: ids and values checked, and the defaults of their group and DAG."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mock_airflow.dag_files.parsing.standin.dags.params import ParamsDict
from mock_airflow.dag_files.parsing.standin.errors import (
    AirflowException,
    refusal,
)
from mock_airflow.dag_files.parsing.standin.tasks.groups import TaskGroupContext

_KEY = re.compile(r"[\w.\-]+", re.UNICODE)


def validate_key(key: Any, max_length: int = 250) -> None:
    """Raise what Airflow raises for an id that a task or DAG cannot have."""
    if not isinstance(key, str):
        raise TypeError(f"The key has to be a string and is {type(key)}:{key}")
    if len(key) > max_length:
        raise refusal(f"The key has to be less than {max_length} characters")
    if not _KEY.fullmatch(key):
        words = f"The key {key!r} has to be made of alphanumeric characters, dashes, dots and underscores exclusively"
        raise refusal(words, words.replace("dots and", "dots, and"))


def coerce_timedelta(value: Any, *, key: str = "") -> Any:
    """A period, from seconds too."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def parse_retries(value: Any) -> int:
    """A number of retries, from a text too. Raises AirflowException, in Airflow's words, for what is not a number."""
    try:
        return 0 if value is None else int(value)
    except (TypeError, ValueError):
        raise refusal(f"'retries' type must be int, not {type(value).__name__}", kind=TypeError) from None


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


def with_defaults(init: Callable[..., None]) -> Callable[..., None]:
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
        from mock_airflow.dag_files.parsing.standin.dags.context import DagContext

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
            raise refusal(f"missing keyword argument{'s' if len(missing) > 1 else ''} {names}", kind=TypeError)
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
