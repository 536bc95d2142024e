"""The forms of `Retry-After`: those of RFC 9110 (whole seconds, an HTTP date) and those that servers get wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

_NAMED: dict[str, Callable[[datetime], str | None]] = {
    "absent": lambda now: None,
    "zero": lambda now: "0",
    "past": lambda now: http_date(now - timedelta(hours=1)),
    "absurd": lambda now: "315360000",  # ten years
    "malformed": lambda now: "soon",
}
FORMS = f"whole seconds, 'date' with seconds behind it (such as 'date 30'), {', '.join(map(repr, _NAMED))}"
_DATE = re.compile(r"date(?: (\d{1,9}))?")


def check(form: Any) -> Any:
    """The form as it is kept. Raises ValueError for what is none."""
    if isinstance(form, timedelta):
        form = form.total_seconds()
    if isinstance(form, float) and form.is_integer():
        form = int(form)
    if isinstance(form, str) and form.isascii() and form.isdigit():
        form = int(form)
    whole = isinstance(form, int) and not isinstance(form, bool) and 0 <= form < 10**12
    if whole or (isinstance(form, str) and (form in _NAMED or _DATE.fullmatch(form))):
        return form
    raise ValueError(f"one of these is expected: {FORMS}")


def header(form: Any, now: datetime, seconds: int = 1) -> str | None:
    """The header's value for a form that was checked; None where it is left out.

    ``seconds`` is how far ahead a date lies that says nothing of it.
    """
    if isinstance(form, int):
        return str(form)
    if form in _NAMED:
        return _NAMED[form](now)
    match = _DATE.fullmatch(form)
    assert match is not None
    return http_date(now + timedelta(seconds=int(match[1] or seconds)))


def http_date(moment: datetime) -> str:
    """The moment in HTTP's form, such as ``Sat, 21 Nov 2026 02:08:10 GMT``; fractions of a second are rounded up."""
    if moment.microsecond:
        moment = moment.replace(microsecond=0) + timedelta(seconds=1)
    return format_datetime(moment, usegmt=True)
