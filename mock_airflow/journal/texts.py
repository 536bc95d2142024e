"""Secrets inside of a text: user:password@host with or without a scheme, password=..., Bearer ...

Each pattern begins where a word does, so that a long text is gone through once. Few texts are looked at so closely
(`redaction.py`), and to prepare the patterns takes a millisecond.
"""

from __future__ import annotations

import re

from mock_airflow.domain.masking import MASK

_IN_ADDRESS = re.compile(r"(?<=://)([^/\s:@'\"]*):([^/\s@'\"]+)(?=@)")
_BEFORE_HOST = re.compile(r"(?<![\w/@.:%+-])(?!mailto:|acct:|sip:|xmpp:)([\w.%+-]+):([^\s:@/'\"{}\[\],]+)(?=@[\w\[])")
_ASSIGNED = re.compile(
    r"(?i)(?<![\w-])((?:[\w-]*(?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|jwt|(?:api|access|account|private)[_-]?"
    r"key))\s*=\s*)([^\s;&,'\"<>*]+)"
)
_AFTER_SCHEME = re.compile(r"(?i)\b((?:bearer|basic|token)\s+)(?=[^\s'\"]*\d)([A-Za-z0-9._~+/=-]{8,})")
_SIGNED = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?")
_IN_TEXT = (_IN_ADDRESS, _BEFORE_HOST, _ASSIGNED, _AFTER_SCHEME)
_FORM_TOKEN = re.compile(r'(name="csrf_token"[^>]{0,200}value=")([^"]*)')  # not the whole rest: many may begin


def without_signed(content: str, found: set[str] | None) -> str:
    """The text without signed tokens."""
    if found is not None:
        found.update(_SIGNED.findall(content))
    return _SIGNED.sub(MASK, content)


def without_passwords(content: str, found: set[str] | None) -> str:
    """The text without the passwords in its addresses, and without what it calls a password itself."""
    for pattern in _IN_TEXT:
        if found is not None:
            found.update(match[2] for match in pattern.finditer(content))
        between = ":" if pattern in (_IN_ADDRESS, _BEFORE_HOST) else ""
        content = pattern.sub(rf"\1{between}{MASK}", content)
    return content


def without_form_tokens(content: str, found: set[str] | None) -> str:
    """The page without the tokens of its forms."""
    if found is not None:
        found.update(match[2] for match in _FORM_TOKEN.finditer(content))
    return _FORM_TOKEN.sub(rf"\1{MASK}", content)
