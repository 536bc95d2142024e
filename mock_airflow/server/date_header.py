"""The Date header that a server puts on its answers."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from mock_airflow.domain.clock import Clock


def date_of(environ: WSGIEnvironment) -> str:
    """The moment by the clock of the deployment that answered, or by the machine's where none did."""
    clock: Clock | None = environ.get("mock_airflow.clock")
    return _written((time.time() if clock is None else clock.now().timestamp()) // 1)


@lru_cache(maxsize=64)
def _written(second: float) -> str:
    return formatdate(second, usegmt=True)
