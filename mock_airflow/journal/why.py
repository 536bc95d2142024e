"""Why a request was decided as it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple


class Why(NamedTuple):
    """The reason of a decision, which travels from where it is made to the journal; never part of an answer's body.

    ``reason`` says it in a sentence, ``rule`` names the rule that decided. Of a credential ``read_from`` tells where it
    was read; ``would_pass`` tells what would have passed, ``since`` and ``until`` for what time it is so. What is not
    known is empty.
    """

    reason: str = ""
    rule: str = ""
    read_from: str = ""
    would_pass: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The record as the control API lays it out."""
        return {
            **self._asdict(),
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
        }


UNSAID = Why()
