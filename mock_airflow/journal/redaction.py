"""What of a request and its answer may be kept: everything but the secrets."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from typing import Any

from mock_airflow.domain.masking import MASK, is_sensitive, masked

_SECRET_HEADERS = frozenset({"cookie", "set-cookie", "proxy-authorization", "x-api-key"})
_WORDS = (
    b"passw",
    b"passphrase",
    b"secret",
    b"token",
    b"api_key",
    b"apikey",
    b"private_key",
    b"authorization",
    b'"extra"',
    b"prox",
    b"keyfile",
    b"service_account",
)
_SECRET_PARAMETER = re.compile("|".join(word.decode() for word in _WORDS), re.IGNORECASE)
_HARMLESS = (b"file_token", b"continuation_token", b"token_type")  # they name a place or a kind, and open nothing
_FORM_TOKEN = re.compile(r'(name="csrf_token"[^>]{0,200}value=")[^"]*')  # not the whole rest: many may begin
_FREE_FORM = frozenset({"extra", "value", "val", "conf", "rendered_fields", "content", "options"})
_KEPT_BODY = 4000
_LONGEST_SCHEME = 16  # what is longer may be a key with something behind it


def header(name: str, value: str) -> str:
    """A header's value without its secret; the user's name and the first letters of a long key stay."""
    lowered = name.lower()
    if lowered == "authorization":
        return authorization(value)
    return MASK if lowered in _SECRET_HEADERS else value


def authorization(value: str) -> str:
    """An Authorization header as it may be told: ``Basic admin:***``, ``Token 7f3a91c2***``."""
    scheme, space, rest = value.partition(" ")
    if not space or not scheme.isalpha() or len(scheme) > _LONGEST_SCHEME:
        return _shortened(value)
    if scheme.lower() == "basic":
        try:
            name, colon, _ = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return f"{scheme} {MASK}"
        return f"{scheme} {name}:{MASK}" if colon else f"{scheme} {MASK}"
    return f"{scheme} {_shortened(rest)}"


def _shortened(secret: str) -> str:
    return secret[:8] + MASK if len(secret) >= 24 else MASK


def may_hold_secrets(names: Iterable[str]) -> bool:
    """Whether a body with fields of these names may hold a secret: by name, or in a field that holds anything."""
    return any(name in _FREE_FORM or (is_sensitive(name) and name.encode() not in _HARMLESS) for name in names)


def body(data: bytes, content_type: str, *, harmless: bool = False) -> str:
    """A body as it may be told: cut, and with everything hidden that sounds secret; a harmless one is only cut."""
    if not data:
        return ""
    if not harmless and _sounds_secret(data):
        text = _without_secrets(data.decode("utf-8", "replace"), content_type)
    else:
        text = data[: _KEPT_BODY + 1].decode("utf-8", "replace")
    return text if len(text) <= _KEPT_BODY else text[:_KEPT_BODY] + "..."


def _sounds_secret(data: bytes) -> bool:
    """Whether a secret's name may be in there: a quick look, which spares most bodies the slow one."""
    lowered = data.lower()
    for harmless in _HARMLESS:
        lowered = lowered.replace(harmless, b"")
    return any(word in lowered for word in _WORDS)


def _without_secrets(text: str, content_type: str) -> str:
    if "json" in content_type:
        try:
            return json.dumps(without_secrets(json.loads(text)))
        except ValueError:
            return MASK
    if "urlencoded" in content_type:
        return query(text)
    return _FORM_TOKEN.sub(rf"\1{MASK}", text) if content_type.startswith("text/html") else MASK


def without_secrets(value: Any) -> Any:
    """A JSON value with everything hidden that sounds secret."""
    value = masked(value)
    if isinstance(value, dict):
        value = {key: _extra(item) if key == "extra" else item for key, item in value.items()}
        named = value.get("key") or value.get("name")
        return {
            key: MASK if key in ("value", "val") and (is_sensitive(named) or named == "fernet_key") else item
            for key, item in value.items()
        }
    return value


def _extra(value: Any) -> Any:
    """A connection's extra is JSON inside of a text."""
    if not isinstance(value, str):
        return value
    try:
        return json.dumps(masked(json.loads(value)))
    except ValueError:
        return MASK if value else value


def query(text: str) -> str:
    """A query string with the values of secret-sounding parameters hidden."""
    if _SECRET_PARAMETER.search(text) is None:
        return text
    parts = (part.partition("=") for part in text.split("&"))
    return "&".join(
        f"{name}={MASK}" if is_sensitive(name) and equals else name + equals + value for name, equals, value in parts
    )
