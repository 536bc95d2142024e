"""What Airflow's own operators refuse while a file is read, beyond missing and unknown arguments."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from datetime import datetime
from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import AirflowException, RemovedInAirflow3Warning
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.tasks.outputs import XComArg
from mock_airflow.dag_files.parsing.standin.tasks.rules import DagRunState, states

_CHECKS: dict[str, Callable[[Any], None]] = {}


def check(kind: type, operator: Any) -> None:
    """Raise what Airflow raises for arguments that do not go together."""
    found = _CHECKS.get(kind.__name__)
    if found is not None:
        found(operator)


def drop_old(kind: type, arguments: dict[str, Any]) -> None:
    """Take out an argument that Airflow 2 only warns of; Airflow 3 refuses it as it does any that it does not know."""
    if kind.__name__ == "PythonOperator" and arguments.get("provide_context") and Installed.major == 2:
        del arguments["provide_context"]
        warnings.warn("provide_context is not needed since Airflow 2.0", RemovedInAirflow3Warning, stacklevel=4)


def _of(*names: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    def register(function: Callable[[Any], None]) -> Callable[[Any], None]:
        _CHECKS.update(dict.fromkeys(names, function))
        return function

    return register


@_of("PythonOperator")
def _callable(operator: Any) -> None:
    if not callable(operator.python_callable):
        raise AirflowException("`python_callable` param must be callable")


@_of("HITLOperator")
def _question(operator: Any) -> None:
    options, defaults = operator.options, operator.defaults
    if not options:
        raise ValueError('"options" cannot be empty.')
    if "_options" in operator.params:
        raise ValueError('"_options" is not allowed in params')
    defaults = [defaults] if isinstance(defaults, str) else defaults
    if defaults is not None and not set(defaults).issubset(options):
        raise ValueError(f'defaults "{defaults}" should be a subset of options "{options}"')
    if defaults is not None and not operator.multiple and len(defaults) > 1:
        raise ValueError('More than one defaults given when "multiple" is set to False.')


def settle(kind: type, arguments: dict[str, Any]) -> None:
    """Give an operator that people answer the arguments that its class settles. Raises ValueError for one of these."""
    if kind.__name__ == "ApprovalOperator":
        for name in ("options", "multiple"):
            if name in arguments:
                raise ValueError(f"Passing {name} to ApprovalOperator is not allowed.")
        arguments |= {"options": ["Approve", "Reject"], "multiple": False}
    elif kind.__name__ == "HITLEntryOperator" and "options" not in arguments:
        arguments["options"] = ["OK"]
        arguments.setdefault("defaults", ["OK"])


@_of("HITLBranchOperator")
def _mapping(operator: Any) -> None:
    _question(operator)
    unknown = set(operator.options_mapping or {}) - set(operator.options)
    if unknown:
        raise ValueError(f"`options_mapping` contains keys that are not in `options`: {sorted(unknown)}")


@_of("_BasePythonVirtualenvOperator")
def _plain_function(operator: Any) -> None:
    function = operator.python_callable
    name = type(operator).__name__
    if not inspect.isfunction(function) or function.__name__ == "<lambda>":
        raise ValueError(f"{name} only supports functions for python_callable arg")
    if inspect.isgeneratorfunction(function):
        raise ValueError(f"{name} does not support using 'yield' in python_callable")


@_of("BranchDateTimeOperator")
def _bounds(operator: Any) -> None:
    if operator.target_lower is None and operator.target_upper is None:
        raise AirflowException(
            "Both target_upper and target_lower are None. At least one "
            "must be defined to be compared to the current datetime"
        )


_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@_of("BranchDayOfWeekOperator", "DayOfWeekSensor")
def _week_day(operator: Any) -> None:
    given = operator.week_day
    for day in given if isinstance(given, (list, tuple, set, frozenset, dict)) else [given]:
        name = getattr(day, "name", day)
        if not isinstance(name, str):
            raise TypeError(
                f"Unsupported Type for week_day parameter: {type(given)}."
                "Input should be iterable type:"
                "str, set, list, dict or Weekday enum type"
            )
        if name.upper() not in _DAYS:
            raise AttributeError(f'Invalid Week Day passed: "{name}"')


@_of("TriggerDagRunOperator")
def _trigger(operator: Any) -> None:
    when = operator.logical_date
    if when is not None and not isinstance(when, (str, datetime, XComArg)):
        raise TypeError(
            f"Expected str or datetime.datetime type for parameter 'logical_date'. Got {type(when).__name__}"
        )
    for given in (operator.allowed_states, operator.failed_states):
        for state in given or ():
            DagRunState(state)


@_of("ExternalTaskSensor")
def _external(operator: Any) -> None:
    allowed = list(operator.allowed_states or ["success"])
    given = [*allowed, *(operator.skipped_states or ()), *(operator.failed_states or ())]
    if len(set(given)) != len(given):
        raise AirflowException("Duplicate values provided across allowed_states, skipped_states and failed_states.")
    one, several, group = operator.external_task_id, operator.external_task_ids, operator.external_task_group_id
    use = "use external_task_id or external_task_ids or external_task_group_id."
    if one is not None and several:
        raise ValueError(
            f"Only one of `external_task_id` or `external_task_ids` may be provided to ExternalTaskSensor; {use}"
        )
    if group is not None and (one is not None or several):
        raise ValueError(
            f"Only one of `external_task_group_id` or `external_task_ids` may be provided to ExternalTaskSensor; {use}"
        )
    if one is not None or several or group:
        if not set(given) <= set(states().task_states):
            raise ValueError(
                "Valid values for `allowed_states`, `skipped_states` and `failed_states` "
                "when `external_task_id` or `external_task_ids` or `external_task_group_id` "
                f"is not `None`: {states().task_states}"
            )
    elif not set(given) <= set(states().dag_states):
        raise ValueError(
            "Valid values for `allowed_states`, `skipped_states` and `failed_states` "
            f"when `external_task_id` and `external_task_group_id` is `None`: {states().dag_states}"
        )
    if operator.execution_delta is not None and operator.execution_date_fn is not None:
        raise ValueError(
            "Only one of `execution_delta` or `execution_date_fn` may be provided to ExternalTaskSensor; not both."
        )


@_of("ExternalTaskMarker")
def _marker(operator: Any) -> None:
    if operator.recursion_depth is not None and operator.recursion_depth <= 0:
        raise ValueError("recursion_depth should be a positive integer")
    if getattr(operator, "execution_date", None) is None and Installed.major == 2:
        operator.execution_date = "{{ logical_date.isoformat() }}"


@_of("SubDagOperator")
def _subdag(operator: Any) -> None:
    dag = operator.dag
    label = operator.label
    if f"{dag.dag_id}.{label}" != operator.subdag.dag_id:
        raise AirflowException(
            "The subdag's dag_id should have the form '{parent_dag_id}.{this_task_id}'. "
            f"Expected '{dag.dag_id}.{label}'; received '{operator.subdag.dag_id}'."
        )
    operator.subdag.parent_dag = dag
