"""Which of several content types a client takes."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header


def best_match(accept: str | None, offered: Iterable[str]) -> str | None:
    """The offered type that an ``Accept`` header likes best, the first of several; None if it likes none.

    A request without the header likes none either (observed: werkzeug's rule, which Airflow uses).
    """
    return parse_accept_header(accept, MIMEAccept).best_match(list(offered))
