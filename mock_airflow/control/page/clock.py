"""The clock: now, standing still, moved, and what is due next."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit

PAGE = ConsolePage("clock", "Clock", "k")


@PAGE.shows()
def clock(visit: ConsoleVisit) -> Answer:
    """Show where the clock stands."""
    return visit.show("clock.html")


@PAGE.does("/freeze")
def freeze(visit: ConsoleVisit) -> Answer:
    """Have the clock stand still."""
    visit.ask("put_clock", body={"frozen": True})
    return visit.back(said="The clock stands still.")


@PAGE.does("/run")
def run(visit: ConsoleVisit) -> Answer:
    """Have the clock go on."""
    visit.ask("put_clock", body={"frozen": False})
    return visit.back(said="The clock runs.")
