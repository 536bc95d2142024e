"""How a page is written: Jinja with everything escaped, and the words that all templates have."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from mock_airflow._version import __version__

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: Any) -> str:
    """The text of a page."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("mock_airflow.control.page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    found.globals.update(version=__version__)
    found.filters.update(iso=iso, json=as_json, moment=moment, time=time_of, pretty=pretty, duration=duration)
    return found


def moment(at: datetime | str) -> str:
    """A time as people read it, always UTC."""
    return time_of(at).strftime("%Y-%m-%d %H:%M:%S")


def iso(at: datetime | str) -> str:
    """A time as programs read it."""
    return time_of(at).isoformat()


def time_of(at: datetime | str) -> datetime:
    """A time, from one or from what the control API writes for one."""
    return datetime.fromisoformat(at.replace("Z", "+00:00")) if isinstance(at, str) else at


def pretty(text: str) -> str:
    """A body with its JSON laid out; another one as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def as_json(value: Any) -> str:
    """A value laid out as JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def duration(seconds: float) -> str:
    """A span of time in its two largest parts."""
    left = round(abs(seconds))
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
