"""Whose a deployment's ways in are: a test that goes on, or one that is over."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Home:
    """What all interceptions and registrations of a deployment share.

    ``gone`` answers once its test is over. ``threads`` are those that earlier tests have left running, with what
    answers them: they call the same base URL, and must not find another test's deployment there.
    """

    def __init__(self) -> None:
        self.gone: WSGIApplication | None = None
        self.threads: Mapping[threading.Thread, WSGIApplication] = {}

    def app_instead(self, entered: Home | None) -> WSGIApplication | None:
        """What answers a caller of an earlier test, None for any other.

        ``entered`` is the home of the interception in which the calling task began.
        """
        if entered is not None and entered is not self and entered.gone is not None:
            return entered.gone
        return self.threads.get(threading.current_thread()) if self.threads else None
