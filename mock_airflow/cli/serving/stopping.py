"""How ``mock-airflow serve`` ends: at once and without a fuss, from its first moments on."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


class Stopped(BaseException):
    """Ctrl-C, or a polite request to end."""


class Stopping:
    """How a signal ends the program: ``gently`` is asked first, and tells whether that ends it; then ``at_once``."""

    def __init__(self) -> None:
        self.gently: Callable[[], bool] = lambda: False
        self.at_once: Callable[[], object] = lambda: None


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[Stopping]:
    """Have SIGINT and SIGTERM raise Stopped, wherever the program is; a further one only has it hurry.

    What is raised in the midst of anything may be lost: a thread that is just being started fails in its own words, and
    where Python clears away nothing is heard at all. What goes on for long is therefore ended ``gently``.
    """
    stopping = Stopping()
    if threading.current_thread() is not threading.main_thread():  # nobody else may set handlers
        yield stopping
        return
    numbers = (signal.SIGINT, signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, lambda number, frame: stopping.at_once())
        if not stopping.gently():
            raise Stopped

    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield stopping
        if signal.getsignal(numbers[0]) is not stop:
            raise Stopped
    except Stopped:  # the program ends now, and Python gives up its own handlers before it is all over
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise
    except BaseException:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        raise
