"""What of a request and its answer may be kept: everything but the secrets, by where they stand.

Each function adds the secrets that it meets to ``found``, if given, so that they can be hidden wherever else they
stand (`secrets.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from mock_airflow.domain.masking import MASK
from mock_airflow.journal.secret_names import HARMLESS, hides, is_secret, looks_secret
from mock_airflow.storage.on_demand import on_demand

if TYPE_CHECKING:
    from mock_airflow.journal import texts
else:
    (texts,) = on_demand("mock_airflow.journal", "texts")

Found = set[str]

_WORDS = (  # in an answer none of these means that nobody needs to look closer
    b"passw",
    b"passphrase",
    b"passcode",
    b"pwd",
    b"secret",
    b"token",
    b"jwt",
    b"bearer",
    b"credential",
    b"cookie",
    b"api_key",
    b"apikey",
    b"access_key",
    b"accesskey",
    b"private_key",
    b"fernet_key",
    b"authorization",
    b'"extra"',
    b"prox",
    b"keyfile",
    b"service_account",
    b"://",
)
_FREE_FORM = frozenset({"extra", "value", "val", "conf", "rendered_fields", "content", "options"})
NAMING = ("key", "name")  # the member that says what `value` beside it is
_OF_NAMED = frozenset({"value", "val"})
_SCHEME = re.compile("(?i)earer|oken|asic")


def may_hold_secrets(names: Iterable[str]) -> bool:
    """Whether a body with fields of these names may hold a secret: by name, or in a field that holds anything."""
    return any(name in _FREE_FORM or is_secret(name) for name in names)


def request_body(data: bytes, content_type: str, found: Found | None = None, declared: Collection[str] = ()) -> str:
    """A request's body without what stands where secrets do. ``declared`` are names that are known to hold none."""
    if not data:
        return ""
    content = data.decode("utf-8", "replace")
    hidden = _without_secrets(content, content_type, found, declared)
    if hidden is None:
        hidden = MASK if sounds_secret(data) else text(content, found)
    return hidden


def all_that_looks_secret(data: bytes, found: Found) -> None:
    """Find every text in a request's body that might be a key, whatever it is called."""
    found.update(
        word for word in re.findall(r"[^\s\"'\\{}\[\],:;&=<>]+", data.decode("utf-8", "replace")) if looks_secret(word)
    )


def names_alone(data: bytes, declared: Collection[str]) -> str:
    """A request's body of which nothing may be told but which declared fields it has, and which of them are empty."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return MASK
    if not isinstance(body, dict):
        return MASK
    told = {name: value if value in (None, "") else MASK for name, value in body.items() if name in declared}
    return json.dumps(told) if told else MASK


def answer_body(data: bytes, content_type: str) -> str:
    """An answer's body likewise."""
    if not sounds_secret(data):
        return data.decode("utf-8", "replace")
    content = data.decode("utf-8", "replace")
    hidden = _without_secrets(content, content_type, None, ())
    if hidden is None:
        hidden = text(content) if content_type.startswith("text/") else MASK
    return hidden


def sounds_secret(data: bytes) -> bool:
    """Whether a secret's name may be in there: a quick look, which spares most bodies the slow one."""
    lowered = data.lower()
    for harmless in HARMLESS:
        lowered = lowered.replace(harmless.encode(), b"")
    return any(word in lowered for word in _WORDS)


def _without_secrets(content: str, content_type: str, found: Found | None, declared: Collection[str]) -> str | None:
    """The body by its form; None for one that has none that is known here."""
    if "urlencoded" in content_type:
        return query(content, found, declared)
    if content_type.startswith("text/html"):
        return text(texts.without_form_tokens(content, found), found)
    if "json" in content_type or content.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(without_secrets(json.loads(content), found, declared))
        except (ValueError, RecursionError):
            return None
    return None


def without_secrets(
    value: Any, found: Found | None = None, declared: Collection[str] = (), *, open_form: bool = False
) -> Any:
    """A JSON value with everything hidden that sounds secret, also in JSON inside of a text."""
    if isinstance(value, str):
        return text_value(value, found, open_form)
    if isinstance(value, dict):
        named = [value[name] for name in NAMING if isinstance(value.get(name), str)]
        secret = bool(named) and is_secret(named[0])
        return {
            key: _hidden(item, found)
            if (secret and key in _OF_NAMED) or hides(key, item, declared, open_form=open_form)
            else without_secrets(item, found, open_form=open_form or key == "extra")
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [without_secrets(item, found, declared, open_form=open_form) for item in value]
    return value


def _hidden(value: Any, found: Found | None) -> Any:
    """What is told of a secret; whether something is there, or on, is none."""
    if value is None or isinstance(value, bool):
        return value
    if found is not None:
        _leaves(value, found)
    return MASK


def _leaves(value: Any, found: Found) -> None:
    if isinstance(value, dict):
        found.update(key for key in value if looks_secret(str(key)))
        for item in value.values():
            _leaves(item, found)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _leaves(item, found)
    elif isinstance(value, str):
        found.add(value)
    elif value is not None and not isinstance(value, bool):
        found.update((repr(value), json.dumps(value)))


def text_value(value: str, found: Found | None = None, open_form: bool = False) -> str:
    """A text in a JSON value: JSON itself, as a connection's extra is, or words."""
    if value.lstrip()[:1] in ("{", "[", '"'):
        try:
            inside = json.loads(value)
            if isinstance(inside, (dict, list, str)):
                hidden = without_secrets(inside, found, open_form=open_form)
                return value if hidden == inside else json.dumps(hidden)
        except (ValueError, RecursionError):
            pass  # it only looks like JSON
    return text(value, found)


def text(content: str, found: Found | None = None) -> str:
    """A text without the passwords in its addresses, and without what it calls a password itself."""
    if "eyJ" in content:
        content = texts.without_signed(content, found)
    if "@" in content or "=" in content or _may_name_scheme(content):
        return texts.without_passwords(content, found)
    return content


def _may_name_scheme(content: str) -> bool:
    """Whether a word may be in there that a token follows; to look for it plainly takes a tenth of the time."""
    if not content.isascii():
        return _SCHEME.search(content) is not None  # with the letters that are i, k and s elsewhere
    lowered = content.lower()
    return "earer" in lowered or "oken" in lowered or "asic" in lowered


def query(content: str, found: Found | None = None, declared: Collection[str] = ()) -> str:
    """A query string, or a form, with the values of secret-sounding parameters hidden."""
    if not content:
        return ""
    told = []
    for part in content.split("&"):
        name, equals, value = part.partition("=")
        plain = unquote_plus(value)
        if equals and hides(unquote_plus(name), plain, declared, open_form=True):
            if found is not None:
                found.add(plain)
            value = MASK
        elif (inside := text_value(plain, found, False)) != plain:
            value = inside
        told.append(name + equals + value)
    return "&".join(told)
