"""What a request is called in the journal, in the log and, where that is asked for, in its answer."""

from __future__ import annotations

import os
import re
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HEADER = "X-Mock-Airflow-Request-Id"
_KEY = "mock_airflow.request_id"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")


class _Names:
    """Names that no other process gives."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._prefix, self._numbers = os.urandom(5).hex(), count(1)

    def next(self) -> str:
        return f"{self._prefix}-{next(self._numbers)}"


_names = _Names()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_names.begin)


def request_id(environ: WSGIEnvironment) -> str:
    """The name of a request: what its client sent as X-Request-ID, if that is one word, or else a new one."""
    known: str | None = environ.get(_KEY)
    if known is None:
        sent = environ.get("HTTP_X_REQUEST_ID")
        known = sent if sent is not None and _SANE.fullmatch(sent) else _names.next()
        environ[_KEY] = known
    return known
