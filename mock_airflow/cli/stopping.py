"""How ``mock-airflow serve`` ends: at once and without a fuss, from its first moments on."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType


class Stopped(BaseException):
    """Ctrl-C, or a polite request to end."""


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Have SIGINT and SIGTERM raise Stopped, wherever the program is; further ones are ignored from then on."""
    if threading.current_thread() is not threading.main_thread():  # nobody else may set handlers
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        for each in numbers:
            signal.signal(each, lambda number, frame: None)
        raise Stopped

    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    except Stopped:  # the program ends now, and Python gives up its own handlers before it is all over
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise
    except BaseException:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        raise
