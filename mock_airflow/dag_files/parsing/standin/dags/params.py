"""Params: a value with the JSON schema that it has to fit."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Iterator, MutableMapping
from typing import Any

from mock_airflow.dag_files.parsing.standin.errors import ParamValidationError, RemovedInAirflow3Warning
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.tasks.outputs import ResolveMixin


class _NotSet:
    """No value was given."""

    def __repr__(self) -> str:
        return "NOTSET"

    def __bool__(self) -> bool:
        return False


NOTSET = _NotSet()


class Param:
    """One param."""

    def __init__(self, default: Any = NOTSET, description: str | None = None, **kwargs: Any) -> None:
        if default is not NOTSET:
            _check_json(default)
        self.value = default
        self.description = description
        self.schema = kwargs.pop("schema") if "schema" in kwargs else kwargs

    def __copy__(self) -> Param:
        return Param(self.value, self.description, schema=self.schema)

    @property
    def has_value(self) -> bool:
        """Whether there is a value."""
        return self.value is not NOTSET and self.value is not None

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """The value, checked. Raises ParamValidationError."""
        import jsonschema

        final = self.value if value is NOTSET else value
        if final is NOTSET:
            if suppress_exception:
                return None
            raise ParamValidationError("No value passed and Param has no default value")
        try:
            jsonschema.validate(final, self.schema, format_checker=jsonschema.FormatChecker())
        except jsonschema.ValidationError as error:
            if suppress_exception:
                return None
            raise ParamValidationError(error) from None
        self.value = final
        return final


def _check_json(value: Any) -> None:
    """Warn of a value that JSON cannot hold, or raise ParamValidationError in Airflow 3."""
    try:
        json.dumps(value)
    except Exception:
        if Installed.major > 2:
            raise ParamValidationError(
                f"All provided parameters must be json-serializable. The value {value!r} is not."
            ) from None
        warnings.warn(
            "Params that JSON cannot hold are deprecated, and are refused by Airflow 3",
            RemovedInAirflow3Warning,
            stacklevel=3,
        )


class ParamsDict(MutableMapping[str, Any]):
    """Params by name; reading one gives its value."""

    def __init__(self, dict_obj: Any = None, suppress_exception: bool = False) -> None:
        self._params: dict[str, Any] = {}
        for name, value in (dict_obj or {}).items():
            param = value if isinstance(value, (Param, DagParam)) else Param(value)
            self._params[name] = copy.copy(param)
        self.suppress_exception = suppress_exception

    def __getitem__(self, key: str) -> Any:
        param = self._params[key]
        return param.resolve(suppress_exception=self.suppress_exception) if isinstance(param, Param) else param

    def get_param(self, key: str) -> Any:
        """The param itself."""
        return self._params[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, (Param, DagParam)):
            self._params[key] = value
        elif key in self._params and isinstance(self._params[key], Param):
            self._params[key].resolve(value)
        else:
            self._params[key] = Param(value)

    def __delitem__(self, key: str) -> None:
        del self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def items(self) -> Any:
        """Names and params, as Airflow gives them here."""
        return self._params.items()

    def values(self) -> Any:
        """The params, as Airflow gives them here."""
        return self._params.values()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over params or values."""
        for given in (*args, kwargs):
            for name, value in given.items():
                self[name] = value

    def dump(self) -> dict[str, Any]:
        """The values by name."""
        return {name: self[name] for name in self}

    def validate(self) -> dict[str, Any]:
        """The values by name, checked. Raises ParamValidationError for the first that does not fit."""
        found = {}
        for name, param in self._params.items():
            try:
                found[name] = param.resolve() if isinstance(param, Param) else param
            except ParamValidationError as error:
                raise ParamValidationError(f"Invalid input for param {name}: {error}") from None
        return found


class DagParam(ResolveMixin):
    """A reference to a param of the DAG, known when a task runs."""

    def __init__(self, current_dag: Any, name: str, default: Any = NOTSET) -> None:
        if default is not NOTSET:
            current_dag.params[name] = default
        self._name, self._default, self.current_dag = name, default, current_dag

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        return iter(())
