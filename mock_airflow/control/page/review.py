"""The review: what the clients did so far that will hurt in production, with the calls that show it."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit
from mock_airflow.review.advice import SEVERITIES

PAGE = ConsolePage("review", "Review", "r")
_EVIDENCE = 10  # calls of an advice that are shown
_SHOWN = 100  # pieces of advice
_LIVE = 300  # calls that are looked at again whenever something moves; more only when somebody asks for it
_KINDS = {"error": "bad", "warning": "warn", "note": ""}


@PAGE.shows()
def review(visit: ConsoleVisit) -> Answer:
    """Show the advice, the gravest first."""
    severity = visit.request.args.get("severity") or "note"
    found = visit.ask("get_review", query={"severity": severity})
    return visit.show(
        "review.html",
        severity=severity,
        severities=SEVERITIES,
        found=found,
        advice=found["advice"][:_SHOWN],
        kinds=_KINDS,
        evidence=_EVIDENCE,
        live=found["calls"] <= _LIVE,
    )
