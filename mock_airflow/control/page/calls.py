"""The calls: the log of what was asked and why it was answered so, and everything that is known of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlencode

from mock_airflow.answers import Answer
from mock_airflow.control.api import API
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit
from mock_airflow.control.page.steps import steps
from mock_airflow.control.reading import read_query
from mock_airflow.errors import FaultError
from mock_airflow.in_process.first_credential import known_at
from mock_airflow.journal.curl import curl
from mock_airflow.journal.explanation import text
from mock_airflow.journal.journal import DECISIONS, Entry
from mock_airflow.journal.matching import FILTERS
from mock_airflow.journal.pattern import METHODS
from mock_airflow.journal.python_call import LIBRARIES, expectation, python_call

PAGE = ConsolePage("calls", "Calls", "c")
_SHOWN = 100  # rows of a page, whatever the journal has
_FILTERED = ("method", "path", "status", "principal", "decision", "operation")
_LOOKED_AT = 5000  # calls whose principals and operations one may choose from


class Choices(NamedTuple):
    """What there is to filter by."""

    methods: list[str]
    decisions: tuple[str, ...]
    principals: list[str]
    operations: list[str]


@PAGE.shows()
def calls(visit: ConsoleVisit) -> Answer:
    """List the calls, the latest first; the query filters them as the control API's does."""
    given = {name: value for name in (*_FILTERED, "until") if (value := visit.request.args.get(name, "").strip())}
    entries = list(visit.deployment.journal)
    found = list(islice(_fitting(reversed(entries), given), _SHOWN + 1))
    filters = {name: value for name, value in given.items() if name != "until"}
    older = f"?{urlencode({**filters, 'until': found[_SHOWN].number})}" if len(found) > _SHOWN else ""
    return visit.show(
        "calls.html",
        entries=found[:_SHOWN],
        kept=len(entries),
        latest=visit.deployment.journal.latest,
        filters=filters,
        until=given.get("until"),
        newest=f"?{urlencode(filters)}" if filters else "",
        older=older,
        choices=_choices(entries, filters),
    )


def _fitting(entries: Iterable[Entry], given: dict[str, str]) -> Iterable[Entry]:
    """The entries that fit all filters. Raises Problem for a number that is none."""
    wanted: dict[str, Any] = dict(read_query(API.operations["get_journal"].query, {k: [v] for k, v in given.items()}))
    path = wanted.get("path")
    if path is not None and "*" not in path:
        wanted["path"] = f"*{path}*"  # people type a part of it
    return (entry for entry in entries if all(FILTERS[name](entry, value) for name, value in wanted.items()))


def _choices(entries: list[Entry], filters: dict[str, str]) -> Choices:
    seen = entries[-_LOOKED_AT:]
    principals = {entry.principal for entry in seen if entry.principal} | {filters.get("principal", "")}
    operations = {entry.operation_id for entry in seen if entry.operation_id} | {filters.get("operation", "")}
    return Choices(sorted(METHODS), DECISIONS, sorted(filter(None, principals)), sorted(filter(None, operations)))


@PAGE.shows("/<int:number>")
def call(visit: ConsoleVisit, number: int) -> Answer:
    """Show everything that is known of a call."""
    entry, entries = visit.deployment.journal.get(number), list(visit.deployment.journal)
    place = entries.index(entry)
    host = visit.request.host_url.rstrip("/")
    known = known_at(visit.deployment, host)
    programs = [("curl", curl(entry, host + entry.root, known))]
    programs += [(library, python_call(entry, host + entry.root, known, library)) for library in LIBRARIES]
    return visit.show(
        "call.html",
        entry=entry,
        told=entry.told(),
        steps=steps(entry, visit.deployment),
        explanation=text(entry),
        programs=[*programs, ("expect this in a test", expectation(entry))],
        variables=known.variables,
        earlier=entries[place - 1].number if place else None,
        later=entries[place + 1].number if place + 1 < len(entries) else None,
    )


@PAGE.does("/<int:number>/rewind")
def rewind(visit: ConsoleVisit, number: int) -> Answer:
    """Go back to just before a call."""
    visit.ask("rewind", call=str(number))
    return visit.back(f"/{number}", f"The state is as call {number} found it; the calls stay in the log.")


@PAGE.does("/<int:number>/fault")
def fault(visit: ConsoleVisit, number: int) -> Answer:
    """Have calls like this one go wrong from now on."""
    entry = visit.deployment.journal.get(number)
    given: dict[str, Any] = {"where": f"{entry.method} {entry.path}"}
    for name in ("status", "times"):
        if value := visit.form.get(name, "").strip():
            if not value.isdecimal():
                raise FaultError(f"The {name} of a fault rule is a whole number, not {value!r}.")
            given[name] = int(value)
    added = visit.ask("add_fault", body=given)["faults"][0]
    return visit.back(f"/{number}", f"Fault rule {added['id']} is on: {added['text']}.")


PAGE.asks("/clear", "clear_journal", "The journal is empty.")
