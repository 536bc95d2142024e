"""The calls: the log of what was asked and why it was answered so."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit

PAGE = ConsolePage("calls", "Calls", "c")


@PAGE.shows()
def calls(visit: ConsoleVisit) -> Answer:
    """List the calls, the latest first."""
    entries = list(visit.deployment.journal)[-100:]
    return visit.show("calls.html", entries=entries[::-1])
