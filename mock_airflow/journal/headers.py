"""Headers as they may be told: which carry a credential, and what of it is no secret."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from mock_airflow.domain.masking import MASK
from mock_airflow.journal.redaction import Found, text
from mock_airflow.journal.secret_names import may_be_secret

CREDENTIAL_HEADERS = ("Authorization", "X-Api-Key", "Cookie")  # they carry one, whoever reads it
_SECRET_HEADERS = frozenset({"set-cookie", "proxy-authorization", *map(str.lower, CREDENTIAL_HEADERS)})
_OTHERS = ("Content-Type", "Accept", "User-Agent", "Origin")  # of a request's, that are told too
_LONGEST_SCHEME = 16  # what is longer may be a key with something behind it
_LONGEST_NAME = 16  # what is longer and nobody's name may be a key
_NAME = re.compile(r"[A-Za-z][A-Za-z._-]*|[\w.+-]+@[\w.-]+")


def credential_headers(read: str) -> tuple[str, ...]:
    """The headers that carry credentials where ``read`` is the one that a deployment reads."""
    known = read.lower() in map(str.lower, CREDENTIAL_HEADERS)
    return CREDENTIAL_HEADERS if known else (*CREDENTIAL_HEADERS, read)


def told_header(
    name: str,
    value: str,
    found: Found | None = None,
    is_name: Callable[[str], bool] = lambda name: False,
    read: str = "Authorization",
) -> str:
    """A header's value without its secret; the user's name and the first letters of a long key stay.

    ``read`` is the header that the deployment reads credentials from; where that is not known, one whose name sounds
    like a secret's is hidden whole.
    """
    lowered = name.lower()
    if lowered == "authorization" or (lowered == read.lower() and lowered != "cookie"):
        return authorization(value, found, is_name)
    if lowered in _SECRET_HEADERS or may_be_secret(lowered):
        if found is not None:
            first = value.partition(";")[0] if lowered == "set-cookie" else value  # the rest are its attributes
            parts = first.split(";") if "cookie" in lowered else value.split(" ")[-1:]
            found.update(part.strip().partition("=")[2].strip('"') if "cookie" in lowered else part for part in parts)
        return MASK
    return text(value, found)


def authorization(value: str, found: Found | None = None, is_name: Callable[[str], bool] = lambda name: False) -> str:
    """An Authorization header as it may be told: ``Basic admin:***``, ``Token 7f3a91c2***``.

    ``is_name`` tells whether somebody has this name. Any other is told as well, unless it may be a key that stands in
    its place: one without a password, or one that is long or has digits.
    """
    found = set() if found is None else found
    scheme, space, rest = value.partition(" ")
    if not space or not scheme.isalpha() or len(scheme) > _LONGEST_SCHEME:
        found.update(part for part in value.split() if part)
        return _shortened(value)
    found.add(rest.strip())
    if scheme.lower() == "basic":
        try:
            name, colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return f"{scheme} {MASK}"
        if password != name:
            found.add(password)
        if colon and (is_name(name) or (password and len(name) <= _LONGEST_NAME and _NAME.fullmatch(name))):
            return f"{scheme} {name}:{MASK}"
        found.add(name)
        return f"{scheme} {MASK}:{MASK}" if colon else f"{scheme} {MASK}"
    return f"{scheme} {_shortened(rest)}"


def _shortened(secret: str) -> str:
    return secret[:8] + MASK if len(secret) >= 24 else MASK


class ToldHeaders(NamedTuple):
    """A request's headers as they may be told, the credential among them, and the secrets that were in them."""

    credential: str
    headers: tuple[tuple[str, str], ...]
    found: frozenset[str]


class RequestHeaders:
    """What is told of the headers of requests, where ``read`` is the one that credentials are read from."""

    def __init__(self, read: str) -> None:
        self._read = read
        carriers = credential_headers(read)
        known = {name.lower() for name in carriers}
        self._names = (*carriers, *(name for name in _OTHERS if name.lower() not in known))
        self._variables = tuple(map(_variable, self._names))

    @classmethod
    @cache
    def of(cls, read: str) -> RequestHeaders:
        """Those that all deployments share which read the same."""
        return cls(read)

    def values(self, environ: Mapping[str, Any]) -> tuple[str | None, ...]:
        """Those of a WSGI environment, as they were sent."""
        return tuple(map(environ.get, self._variables))

    def told(self, values: tuple[str | None, ...], is_name: Callable[[str], bool]) -> ToldHeaders:
        """What may be told of ``values``; ``is_name`` tells whether somebody has this name."""
        found: set[str] = set()
        told = tuple(
            (name, told_header(name, value, found, is_name, self._read))
            for name, value in zip(self._names, values, strict=True)
            if value
        )
        by_name = {name.lower(): value for name, value in told if name != "Cookie"}
        credential = by_name.get(self._read.lower(), by_name.get("authorization", ""))
        return ToldHeaders(credential, told, frozenset(found - {""}))


def _variable(header: str) -> str:
    """Where a WSGI environment has a header."""
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_TYPE" else f"HTTP_{name}"
