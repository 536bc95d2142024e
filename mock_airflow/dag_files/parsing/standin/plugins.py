"""What a plugin registers, as far as DAGs show it."""

from __future__ import annotations

from typing import Any


class AirflowPlugin:
    """The base of plugins; what they register is read from the plugins folder."""

    registered: list[Any] = []
    name: Any = None
    timetables: Any = []
    macros: Any = []
    operator_extra_links: Any = []
    global_operator_extra_links: Any = []
    priority_weight_strategies: Any = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        AirflowPlugin.registered.append(cls)


def links_of(kind: type, own: Any) -> list[Any]:
    """The extra links of an operator, as Airflow has them once it has stored the DAG (observed).

    One that neither Airflow, nor a provider, nor a plugin has takes all others of its operator with it. Then come those
    that plugins add to operators of just this class, each in the place of one of the same name.
    """
    registered = [link for each in AirflowPlugin.registered for link in each.operator_extra_links]
    everywhere = [link for each in AirflowPlugin.registered for link in each.global_operator_extra_links]
    known = {type(link) for link in (*registered, *everywhere)}
    found: dict[Any, Any] = {}
    if all(type(link) in known or type(link).__module__.startswith("airflow.") for link in own):
        found = {link.name or type(link): link for link in own}
    for link in registered:
        for operator in getattr(link, "operators", None) or ():
            if (operator.__module__, operator.__name__) == (kind.__module__, kind.__name__):
                found[link.name] = link
    return list(found.values())
