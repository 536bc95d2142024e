"""What can go wrong: the catalogue of failures, each with what a client would see, and the fault rules."""

from __future__ import annotations

import json
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit
from mock_airflow.failures.catalogue import CATALOGUE, Failure, named
from mock_airflow.failures.preview import look
from mock_airflow.faults.effects import EFFECTS
from mock_airflow.faults.presets import PRESETS
from mock_airflow.faults.reading import CONDITIONS

PAGE = ConsolePage("failures", "Failures", "f")
_TAKEN_AS_TEXT = frozenset({"where", "principal", "since", "until"})
_GIVEN = ("where", "principal", "after", "every", "times", "chance", "until")


@PAGE.shows()
def failures(visit: ConsoleVisit) -> Answer:
    """Show the catalogue and the rules."""
    kinds: dict[str, list[Failure]] = {}
    for each in CATALOGUE.values():
        kinds.setdefault(each.kind, []).append(each)
    return visit.show(
        "failures.html",
        kinds=kinds,
        rules=visit.ask("list_faults")["faults"],
        effects={name: kind.help for name, kind in EFFECTS.items()},
        conditions=CONDITIONS,
        presets={name: preset.title for name, preset in PRESETS.items()},
    )


@PAGE.shows("/<name>")
def failure(visit: ConsoleVisit, name: str) -> Answer:
    """Show what a client would see; nothing is changed."""
    return visit.show("failure.html", failure=named(name), look=look(visit.deployment, name))


@PAGE.does("/<name>/provoke")
def provoke(visit: ConsoleVisit, name: str) -> Answer:
    """Put whoever holds the first credential in front of a failure."""
    visit.ask("provoke_failure", body={"name": name})
    return visit.back(said=f"{name} is arranged: {named(name).title}")


@PAGE.does("/rules")
def add(visit: ConsoleVisit) -> Answer:
    """Add a rule of one effect."""
    given: dict[str, Any] = {name: _value(name, text) for name, text in visit.given(*_GIVEN).items()}
    effect = visit.form.get("effect", "")
    given[effect] = _value(effect, visit.form.get("value", "").strip() or "true")
    return _added(visit, given)


@PAGE.does("/presets")
def add_preset(visit: ConsoleVisit) -> Answer:
    """Add the rules of a preset."""
    return _added(visit, visit.given("preset", "where"))


def _added(visit: ConsoleVisit, given: dict[str, Any]) -> Answer:
    added = visit.ask("add_fault", body=given)["faults"]
    return visit.back(said=" ".join(f"Rule {each['id']} is on: {each['text']}." for each in added))


PAGE.asks("/rules/<id>/off", "heal_fault", "Rule {id} is off.")


@PAGE.does("/rules/<id>/on")
def on(visit: ConsoleVisit, id: str) -> Answer:
    """Have a rule be on anew, as it was given; its counters begin again."""
    told = visit.ask("get_fault", id=id)
    given = {name: told[name] for name in CONDITIONS if told[name] not in (None, False)}
    visit.ask("remove_fault", id=id)
    return _added(visit, {"where": told["where"], **given, **told["effects"]})


PAGE.asks("/rules/<id>/remove", "remove_fault", "Rule {id} is forgotten.")
PAGE.asks("/rules/clear", "clear_faults", "All rules are forgotten.")


def _value(name: str, text: str) -> Any:
    """What somebody typed, as JSON has it: a number, true, an object; what is none is a text."""
    if name in _TAKEN_AS_TEXT:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
