"""Airflow's rule for what is secret: a value whose name sounds like one (code: secrets_masker)."""

from __future__ import annotations

from typing import Any

MASK = "***"
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


def is_sensitive(name: object) -> bool:
    """Whether a name's value has to be hidden."""
    return isinstance(name, str) and any(part in name.strip().lower() for part in _SENSITIVE)


def masked(value: Any, name: object = None) -> Any:
    """The value with everything hidden that its own name, or a name inside of it, marks as secret."""
    if is_sensitive(name):
        return _hidden(value)
    if isinstance(value, dict):
        return {key: masked(item, key) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item) for item in value]
    return value


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return MASK if value else value
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(item) for item in value]
    return value
