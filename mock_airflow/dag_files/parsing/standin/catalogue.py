"""Operator classes by module and name: Airflow's own and the providers' from a table of facts, others by their name.

The table (``operators/*.json``) was taken from the real classes by ``fixtures/recordings/operator_table.py``. Each
entry tells the classes that one derives from, its arguments and which are needed, and what the API answers of it.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.tasks import operator_checks
from mock_airflow.dag_files.parsing.standin.tasks.operators import BaseOperator, BaseOperatorMeta, BaseSensorOperator

_STANDARD = "airflow.providers.standard."


class Link:
    """An extra link of an operator."""

    name = ""

    def get_link(self, *args: Any, **kwargs: Any) -> str:
        """Where it leads; nothing is known before a task has run."""
        return ""


@functools.cache
def _table(package: str) -> dict[str, Any]:
    folder = resources.files("mock_airflow.dag_files.parsing") / "standin" / "operators"
    file = folder / f"{package}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


@functools.cache
def _index() -> dict[str, Any]:
    """By module of a provider the file that tells of it, and by name of a ``@task`` decorator its class."""
    return _table("index")


def _entries(module: str) -> dict[str, Any]:
    package = _index()["modules"].get(module, "core")
    if Installed.major > 2 and module.startswith(_STANDARD):
        package = "standard_3"
    entries: dict[str, Any] = _table(package).get(module, {})
    return entries


@functools.cache
def warm_up(module: str) -> None:
    """Make the classes of a module's operators."""
    for name in _entries(module):
        known_operator(module, name)


def names(module: str) -> list[str]:
    """The operators of a module that the table has."""
    return list(_entries(module))


@functools.cache
def known_operator(module: str, name: str) -> Any:
    """The operator class of that name in a module; None where the table has none."""
    if (module, name) in _WRITTEN:
        return _WRITTEN[module, name]()
    entry = _entries(module).get(name)
    if entry is None:
        return None
    if "alias" in entry:
        return known_operator(*entry["alias"].split(":"))
    bases = tuple(known_operator(*base.split(":")) or BaseOperator for base in entry.get("bases", ())) or (
        BaseOperator,
    )
    facts = {
        "__module__": module,
        "__doc__": None,
        "template_fields": tuple(entry.get("template_fields", ())),
        "ui_color": entry.get("ui_color", "#fff"),
        "ui_fgcolor": entry.get("ui_fgcolor", "#000"),
        "operator_extra_links": tuple(link(*each.split(":")) for each in entry.get("links", ())),
        "_lenient": _is_lenient(module) or any(base._lenient for base in bases),
    }
    if "name" in entry:
        facts["custom_operator_name"] = entry["name"]
    own = entry.get("arguments")
    if own is not None:
        facts["__init__"] = _constructor(own, facts["_lenient"])
    made = BaseOperatorMeta(name, bases, facts)
    if own is not None:
        made.__init__.__wrapped__.__dict__["kind"] = made
    return made


def _is_lenient(module: str) -> bool:
    """Whether a provider's operator takes arguments that the table does not know: another version may have them."""
    return module.startswith("airflow.providers.") and not (Installed.major > 2 and module.startswith(_STANDARD))


def link(module: str, name: str) -> Any:
    """An extra link that nothing is known of but its class."""
    return type(name, (Link,), {"__module__": module, "name": _table("links").get(f"{module}:{name}", "")})()


def _constructor(own: dict[str, bool], lenient: bool) -> Any:
    """A constructor that takes these arguments, keeps each under its name, and hands the others on."""

    def init(self: Any, **kwargs: Any) -> None:
        kind = init.__dict__["kind"]
        operator_checks.drop_old(kind, kwargs)
        operator_checks.settle(kind, kwargs)
        above = {
            name for each in kind.__mro__[1:] for name in getattr(each.__dict__.get("__init__"), "param_names", ())
        }
        for name in own:
            if name in kwargs and (name not in above or name in _ALSO_KEPT):
                setattr(self, name, kwargs[name])
            elif not hasattr(self, name) and name not in above:
                setattr(self, name, None)
        self.__dict__["_arguments_checked"] = True
        super(kind, self).__init__(**{name: kwargs[name] for name in kwargs if name not in own or name in above})
        if not lenient:
            operator_checks.check(kind, self)

    init.__dict__["declared"] = tuple(own)
    init.__dict__["required"] = frozenset() if lenient else frozenset(name for name, needed in own.items() if needed)
    return init


_ALSO_KEPT = frozenset({"python_callable", "op_args", "op_kwargs", "bash_command", "templates_dict"})


@functools.cache
def unknown_operator(module: str, name: str) -> Any:
    """A class for an operator that nothing is known of but where it comes from; it takes any arguments."""
    base = BaseSensorOperator if "Sensor" in name else BaseOperator
    return BaseOperatorMeta(name, (base,), {"__module__": module, "_lenient": True})


def _decorated() -> Any:
    from mock_airflow.dag_files.parsing.standin.tasks.task_flow import DecoratedOperator

    return DecoratedOperator


_WRITTEN = {
    ("airflow.models.baseoperator", "BaseOperator"): lambda: BaseOperator,
    ("airflow.sensors.base", "BaseSensorOperator"): lambda: BaseSensorOperator,
    ("airflow.decorators.base", "DecoratedOperator"): _decorated,
}


@functools.cache
def _standard_decorators() -> dict[str, str]:
    """By the name of a decorator its class in the standard provider, which Airflow 3 has them from."""
    return {
        entry["name"].removeprefix("@task").removeprefix(".") or "python": f"{module}:{name}"
        for module, entries in _table("standard_3").items()
        for name, entry in entries.items()
        if entry.get("name", "").startswith("@task")
    }


@functools.cache
def decorated_operator(name: str) -> Any:
    """The operator class behind ``@task.<name>``; one made up for a decorator that nothing is known of."""
    found = _index()["decorators"].get(name)
    if Installed.major > 2:
        found = _standard_decorators().get(name, found)
    if found:
        return known_operator(*found.split(":"))
    words = "".join(part.title() for part in name.split("_"))
    facts = {
        "__module__": f"airflow.providers.{name}.decorators.{name}",
        "custom_operator_name": f"@task.{name}",
        "_lenient": True,
    }
    return BaseOperatorMeta(f"_{words}DecoratedOperator", (_decorated(),), facts)
