"""The fault rules in the control API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control.answers import FAULT, PRESET, listing, told
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import not_found
from mock_airflow.errors import FaultError
from mock_airflow.faults.effects import EFFECTS
from mock_airflow.faults.reading import CONDITIONS
from mock_airflow.faults.rule import Rule

# Only the names: what a part may be is said by the rule's own reader, in sentences that name the way out.
_NEW_FAULT = Schema(
    "NewFault",
    Field("where", description="a method and a path with *, or an operation's id; every call without it"),
    Field("preset", description="the rules of a preset, instead of a rule's parts"),
    *(
        Field(name, "any", description=text)
        for name, text in {**CONDITIONS, **{name: kind.help for name, kind in EFFECTS.items()}}.items()
    ),
)


def _told(rule: Rule, call: ControlCall) -> dict[str, Any]:
    since, until = rule.begins, rule.ends
    return told(
        FAULT,
        rule,
        where=rule.where.text,
        effects={effect.keyword: effect.value for effect in rule.effects},
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
        works=rule.works(call.airflow.now()),
    )


def _all_told(rules: Iterable[Rule], call: ControlCall) -> Answer:
    return listing("faults", [_told(rule, call) for rule in rules])


def _named(call: ControlCall) -> Rule:
    """The rule whose number the path has."""
    which: str = call.path["id"]
    try:
        if not which.isdecimal():
            raise FaultError(f"A fault rule is named by its number, not by {which!r}.")
        return call.deployment.faults.get(int(which))
    except FaultError as error:
        raise not_found(error) from None


@operation("GET", "/faults", access=None, answer=FAULT, listed="faults")
def list_faults(call: ControlCall) -> Answer:
    """List the fault rules with their counters, in the order in which they are tried."""
    return _all_told(call.deployment.faults.rules, call)


@operation("POST", "/faults", access=None, answer=FAULT, listed="faults", body=_NEW_FAULT)
def add_fault(call: ControlCall) -> Answer:
    """Add a rule, or the rules of a preset, behind the others."""
    given: dict[str, Any] = call.body
    return _all_told(call.deployment.faults.add_given(given), call)


@operation("DELETE", "/faults", access=None, success=204)
def clear_faults(call: ControlCall) -> None:
    """Forget all rules."""
    call.deployment.faults.clear()


@operation("GET", "/faults/presets", access=None, answer=PRESET, listed="presets")
def list_fault_presets(call: ControlCall) -> Answer:
    """List the presets with their rules."""
    from mock_airflow.faults.presets import PRESETS

    found = [{"name": name, "title": preset.title, "rules": preset.rules} for name, preset in PRESETS.items()]
    return listing("presets", found)


@operation("GET", "/faults/{id}", access=None, answer=FAULT)
def get_fault(call: ControlCall) -> Answer:
    """Tell a rule with its counters."""
    return json_answer(_told(_named(call), call))


@operation("DELETE", "/faults/{id}", access=None, answer=FAULT)
def remove_fault(call: ControlCall) -> Answer:
    """Forget a rule; tells its last counters."""
    return json_answer(_told(call.deployment.faults.remove(_named(call)), call))


@operation("POST", "/faults/{id}/heal", access=None, answer=FAULT)
def heal_fault(call: ControlCall) -> Answer:
    """Have a rule hit no call from now on; it stays in the list."""
    return json_answer(_told(call.deployment.faults.heal(_named(call)), call))
