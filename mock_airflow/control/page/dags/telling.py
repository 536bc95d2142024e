"""What rows hold, as a page may tell it: without secrets, by their names and by their values, and not without end."""

from __future__ import annotations

import json
from typing import Any

from mock_airflow.control.page.page import ConsoleVisit
from mock_airflow.domain.masking import MASK
from mock_airflow.journal import redaction
from mock_airflow.journal.secret_names import is_secret

_LONG = 20_000  # characters of a value


def text_of(visit: ConsoleVisit, value: Any, name: str = "") -> str:
    """A value as text; JSON laid out. ``name`` is what it is called, which may be that of a secret."""
    if value is not None and name and is_secret(name):
        return MASK
    safe = redaction.without_secrets(value, open_form=True)
    text = safe if isinstance(safe, str) else json.dumps(safe, indent=2, ensure_ascii=False, default=str)
    return shortened(hidden(visit, text))


def hidden(visit: ConsoleVisit, text: str) -> str:
    """A text without the secrets that the deployment knows, or that look like some."""
    deployment = visit.deployment
    return deployment.secrets.mask(deployment.passwords).hide(redaction.text(text))


def shortened(text: str, most: int = _LONG) -> str:
    """The end of a text that is too long for a page, and how much is left out."""
    if len(text) <= most:
        return text
    return f"({len(text) - most} characters before are left out)\n{text[-most:]}"
