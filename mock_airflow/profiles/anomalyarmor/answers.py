"""AnomalyArmor's words: how answers and refusals are laid out.

Documented: ``{"error": {"code", "message", "details"}}`` and its codes, ``{"data": ..., "pagination": ...}``. From the
package anomalyarmor-cli 0.6.0: the wrapped form ``{"success": true, "data": ...}`` of everything below ``/sdk`` and of
the key endpoints, in which a list is ``data.data`` or a list of its own name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.answers import JSON, Answer, Refusal
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from mock_airflow.settings import Settings


class Listed(NamedTuple):
    """A page of a list. ``name`` is what the wrapped form calls it; ``data`` comes with its ``pagination``."""

    rows: Sequence[Any]
    total: int
    limit: int
    offset: int
    name: str = "data"

    @property
    def pagination(self) -> dict[str, Any]:
        """What is said of the page (documented)."""
        more = self.offset + len(self.rows) < self.total
        return {"total": self.total, "limit": self.limit, "offset": self.offset, "has_more": more}


def moment(at: datetime | None) -> str | None:
    """A time as the vendor's samples have it, with a Z."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def text_of(value: Any) -> str:
    """A value as JSON, without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=moment)


Layout = Callable[[Any, "Settings"], Answer]


def wrapped(value: Any, settings: Settings) -> Answer:
    """The form that the Python package reads."""
    if isinstance(value, Listed):
        if settings.anomalyarmor_sdk_lists == "documented" and value.name == "data":
            return plain(value, settings)
        value = {value.name: list(value.rows), "pagination": value.pagination, "total": value.total}
    return Answer(text_of({"success": True, "data": value}))


def plain(value: Any, settings: Settings) -> Answer:
    """The form of the documentation."""
    if isinstance(value, Listed):
        return Answer(text_of({"data": list(value.rows), "pagination": value.pagination}))
    return Answer(text_of({"data": value}))


def refused(
    settings: Settings, status: int, code: str, message: str, why: Why, details: Any = None, headers: Any = None
) -> Refusal:
    """A refusal in the vendor's envelope, or in the other one that its package copes with (setting)."""
    body: dict[str, Any] = {"error": {"code": code, "message": message, "details": details or {}}}
    if settings.anomalyarmor_error_as_text:
        body = {"success": False, "error": code, "message": message}
    return Refusal(status=status, body=text_of(body), content_type=JSON, why=why, headers=headers or {})


def invalid(settings: Settings, message: str, **details: Any) -> Refusal:
    """What is answered to parameters or a body that make no sense."""
    status = int(settings.anomalyarmor_validation_status)
    return refused(settings, status, "VALIDATION_ERROR", message, why=Why(message, rule="validation"), details=details)
