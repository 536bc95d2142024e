"""Airflow's rule for what is secret: a value whose name sounds like one (code: secrets_masker)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

MASK = "***"
AIRFLOWS_LEVELS = 5
_SENSITIVE = (
    "access_token",
    "api_key",
    "apikey",
    "authorization",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "proxy",
    "proxies",
    "secret",
    "token",
    "keyfile_dict",
    "service_account",
)


_IN_3 = (
    *_SENSITIVE,
    *("access_key", "auth_header", "bearer", "connection_string", "dsn", "service_key", "webhook_url"),
)


def is_sensitive(name: object, words: tuple[str, ...] = _SENSITIVE) -> bool:
    """Whether a name's value has to be hidden; ``words`` are what names sound like."""
    return isinstance(name, str) and _sounds_like(name, words)


@lru_cache(4096)
def _sounds_like(name: str, words: tuple[str, ...]) -> bool:
    return any(part in name.strip().lower() for part in words)


def is_sensitive_in_3(name: object) -> bool:
    """The same in Airflow 3, which knows more such words (code)."""
    return is_sensitive(name, _IN_3)


def masked_in_3(value: Any, name: object = None) -> Any:
    """The value with everything hidden that a name marks as secret in Airflow 3."""
    return masked(value, name, words=_IN_3)


def masked(value: Any, name: object = None, *, levels: int | None = None, words: tuple[str, ...] = _SENSITIVE) -> Any:
    """The value with everything hidden that its own name, or a name inside of it, marks as secret.

    ``levels`` is how deep to look. Airflow itself looks at ``AIRFLOWS_LEVELS`` below the top: what lies deeper under a
    harmless name is shown, what lies deeper under a secret one is hidden whatever it is (observed).
    """
    if levels is not None and levels < 0:
        return value
    if is_sensitive(name, words):
        return _hidden(value, levels)
    below = None if levels is None else levels - 1
    if isinstance(value, dict):
        return {key: masked(item, key, levels=below, words=words) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item, levels=below, words=words) for item in value]
    return value


def _hidden(value: Any, levels: int | None) -> Any:
    if isinstance(value, str) or (levels is not None and levels < 0):
        return MASK
    below = None if levels is None else levels - 1
    if isinstance(value, dict):
        return {key: _hidden(item, below) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(item, below) for item in value]
    return value
