"""The clock: now, standing still, moved, sped up, and what is due next."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import NamedTuple

from mock_airflow.answers import Answer
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit
from mock_airflow.domain.clock import moment_of
from mock_airflow.domain.records import RunKey
from mock_airflow.errors import ClockError

PAGE = ConsolePage("clock", "Clock", "k")
STEPS = {"1 minute": 60, "10 minutes": 600, "1 hour": 3600, "1 day": 86400}
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_SHOWN = 30


class DueNext(NamedTuple):
    """That something happens by itself, and where it can be looked at."""

    at: datetime
    what: str
    path: str


@PAGE.shows()
def clock(visit: ConsoleVisit) -> Answer:
    """Show where the clock stands, and what is due next."""
    due = _due(visit)
    return visit.show("clock.html", due=due[:_SHOWN], all_due=len(due), steps=STEPS, units=UNITS)


def _due(visit: ConsoleVisit) -> list[DueNext]:
    """What the scheduler looks at next, and what loses its validity."""
    airflow = visit.deployment.airflow
    found = []
    for each in airflow.agenda():
        if isinstance(each.what, RunKey):
            what, path = f"the run {each.what.run_id} of {each.what.dag_id} goes on", f"/dags/{each.what.dag_id}"
        else:
            what, path = f"the schedule of {each.what} is due", f"/dags/{each.what}"
        found.append(DueNext(each.at, what, path))
    now = airflow.now()
    for key in visit.deployment.keys.list():
        if key.expires_at is not None and key.expires_at > now and key.ended(now) is None:
            found.append(
                DueNext(key.expires_at, f"the key {key.prefix} ({key.name or 'without a name'}) expires", "/access")
            )
    for token in visit.deployment.tokens:
        if token.ended_at is None and token.expires_at > now:
            found.append(DueNext(token.expires_at, f"token {token.number} of {token.subject} expires", "/access"))
    return sorted(found, key=lambda each: (each.at, each.what))


PAGE.asks("/freeze", "put_clock", "The clock stands still.", body={"frozen": True})
PAGE.asks("/run", "put_clock", "The clock runs.", body={"frozen": False})


@PAGE.does("/next")
def to_next(visit: ConsoleVisit) -> Answer:
    """Step to the next event."""
    due = _due(visit)
    if not due:
        raise ClockError("Nothing is due: no schedule, no run, no key and no token waits for a moment.")
    visit.ask("put_clock", body={"now": max(due[0].at, visit.deployment.clock.now()).isoformat()})
    return visit.back(said=f"It is {due[0].at.isoformat()}: {due[0].what}.")


@PAGE.does("/advance")
def advance(visit: ConsoleVisit) -> Answer:
    """Step by a time."""
    text, unit = visit.form.get("amount", "").strip(), visit.form.get("unit", "seconds")
    try:
        seconds = float(text) * UNITS[unit]
    except (ValueError, KeyError):
        raise ClockError(f"The clock steps by a number of {', '.join(UNITS)}, not by {text!r} {unit!r}.") from None
    now = visit.ask("advance_clock", body={"seconds": seconds})["now"]
    return visit.back(said=f"It is {now}.")


@PAGE.does("/set")
def set_clock(visit: ConsoleVisit) -> Answer:
    """Go to a moment; one without a zone is UTC."""
    text = visit.form.get("moment", "").strip()
    wanted: datetime | str
    try:
        read = datetime.fromisoformat(text.replace("Z", "+00:00"))
        wanted = read if read.tzinfo else read.replace(tzinfo=timezone.utc)
    except ValueError:
        wanted = text  # the clock says what is wrong with it
    now = visit.ask("put_clock", body={"now": moment_of(wanted).isoformat()})["now"]
    return visit.back(said=f"It is {now}.")


@PAGE.does("/speed")
def speed(visit: ConsoleVisit) -> Answer:
    """Have the clock go faster or slower than time."""
    text = visit.form.get("speed", "").strip()
    try:
        wanted = float(text)
    except ValueError:
        raise ClockError(f"A clock's speed is a number, such as 60 for a minute a second; not {text!r}.") from None
    visit.ask("put_clock", body={"speed": wanted})
    return visit.back(said=f"The clock goes {wanted:g} times as fast as time.")
