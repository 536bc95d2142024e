"""Hiding secrets by what they are: wherever a value stands that is known to be one, it is told as ``***``.

Known are those that a deployment keeps (keys, passwords, connections, variables whose name sounds secret), those that
the request brought, and for a while those that earlier requests brought. A value that is
also somebody's or something's name is not hidden by value: with the user admin and the password admin the whole journal
would be stars.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, quote_plus

from mock_airflow.domain.masking import MASK
from mock_airflow.journal import redaction
from mock_airflow.journal.headers import RequestHeaders, ToldHeaders
from mock_airflow.journal.redaction import without_secrets
from mock_airflow.journal.secret_names import is_secret, looks_secret

if TYPE_CHECKING:
    from mock_airflow.domain.airflow import Airflow

_SHORTEST = 4  # shorter ones are hidden where a sentence quotes them, and nowhere else
_LONG = 8  # from here on also inside of a word
_REMEMBERED = 64
_SPELT_OUT = 1024  # characters of a value that is looked for in every spelling
_MOST_FOUND = 200  # values of one request; of one that brings more nothing is told
_KEPT_MASKS = 64
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
_WORDS = frozenset(
    "airflow default password secret token true false null none string object array admin public".split()
)
_NAMES = ("users", "roles", "dags", "pools")  # tables whose keys are no secrets

_InRows = dict[tuple[str, str], tuple[Any, frozenset[str]]]


def spellings(value: str) -> set[str]:
    """A value as it may stand in a text: as it is, in JSON, in an address, in Python and in HTML."""
    if _PLAIN.fullmatch(value):
        return {value}
    value = value.encode("utf-8", "replace").decode()
    if len(value) > _SPELT_OUT:
        return {value, json.dumps(value)[1:-1], repr(value)[1:-1]}
    encoded = {quote(value), quote(value, safe=""), quote_plus(value)}
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        *encoded,
        *(re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), each) for each in encoded),
    }


class Mask(NamedTuple):
    """Values that are hidden.

    ``long`` ones are hidden anywhere, ``words`` as whole words, ``short`` ones where a sentence quotes
    them. The longest come first, so that no rest of one is left when a shorter one is its beginning.
    """

    long: tuple[str, ...] = ()
    words: re.Pattern[str] | None = None
    short: re.Pattern[str] | None = None

    @staticmethod
    def of(values: Iterable[str], base: Mask | None = None) -> Mask:
        """What hides these values, and those that ``base`` hides."""
        long: set[str] = set(base.long if base else ())
        words: set[str] = set()
        short: set[str] = set()
        for value in values:
            if not value.strip("*"):
                continue
            kind = (
                short
                if len(value) < _SHORTEST
                else words
                if len(value) < _LONG or (value.isalpha() and len(value) < 64)
                else long
            )
            kind.update(spellings(value))
        kept = base.words.pattern if base is not None and base.words is not None else ""
        return Mask(
            tuple(sorted(long, key=len, reverse=True)),
            _between(words, kept),
            _quoted(short),
        )

    @property
    def lasting(self) -> Mask:
        """What is kept with an entry: without the very long values, which would take as much room as what they hide."""
        if not self.long or len(self.long[0]) <= _SPELT_OUT * 4:
            return self
        return self._replace(long=tuple(value for value in self.long if len(value) <= _SPELT_OUT * 4))

    def hide(self, text: str) -> str:
        """The text without the values."""
        for value in self.long:
            if value in text:
                text = text.replace(value, MASK)
        return text if self.words is None else self.words.sub(MASK, text)

    def hide_quoted(self, sentence: str) -> str:
        """A sentence without the values, however short they are."""
        sentence = self.hide(sentence)
        return sentence if self.short is None else self.short.sub(MASK, sentence)

    def hide_inside(self, value: Any) -> Any:
        """A JSON value whose texts lack the values."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, dict):
            return {name: self.hide_inside(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hide_inside(item) for item in value]
        return MASK if isinstance(value, int) and self.hide(str(value)) == MASK else value

    def cut(self, text: str, length: int) -> str:
        """The first characters of a text without the values, of which none is cut in two."""
        margin = length + (len(self.long[0]) if self.long else 0) + _LONG * 6
        start = text[:margin]
        hidden = self.hide(start)
        if len(text) > margin and hidden != start:
            hidden = self.hide(text)
        return hidden if len(hidden) <= length else hidden[:length] + "..."


NOTHING = Mask()
_EVERYTHING = Mask(words=re.compile(r"(?s).+"))


def _between(words: Collection[str], kept: str = "") -> re.Pattern[str] | None:
    parts = [re.escape(word) for word in sorted(words, key=len, reverse=True)]
    pattern = "|".join([*([rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)"] if parts else []), *([kept] if kept else [])])
    return re.compile(pattern) if pattern else None


def _quoted(short: Collection[str]) -> re.Pattern[str] | None:
    """What hides short values: numbers of their own, and what stands in quotes."""
    parts = [
        rf"(?<![\w.]){re.escape(value)}(?![\w.])" if value.isdecimal() else rf"(?<=['\"]){re.escape(value)}(?=['\"])"
        for value in short
    ]
    return re.compile("|".join(parts)) if parts else None


class Secrets:
    """The secrets of one deployment, kept up to date when they are asked for; ``keys`` are its keys' by digest.

    ``read`` is the header that it reads credentials from.
    """

    def __init__(
        self, airflow: Airflow, keys: Mapping[str, str], given: Iterable[str] = (), read: str = "Authorization"
    ) -> None:
        self._airflow, self._keys, self._given = airflow, keys, tuple(given)
        self._request_headers = RequestHeaders.of(read)
        self._rows_of_keys = airflow.tables["keys"]
        self._remembered: dict[str, None] = {}
        self._state: tuple[Any, ...] = ()
        self._mask = NOTHING
        self._masks: dict[frozenset[str], Mask] = {}  # with what a request brought, as most bring the same
        self._headers: dict[tuple[Any, ...], ToldHeaders] = {}
        self._queries: dict[tuple[str, int], tuple[Collection[str], str, frozenset[str]]] = {}  # by identity, kept too
        self._in_row: _InRows = {}

    def mask(self, passwords: Mapping[str, str], found: Iterable[str] = ()) -> Mask:
        """What hides all that is known, the users' passwords among it, and what was just found."""
        airflow = self._airflow
        state = (passwords, self._who(), airflow.connections.version, airflow.variables.version)
        if state != self._state:
            known = {*self._given, *passwords.values(), *self._of_rows(), *self._remembered}
            self._mask = Mask.of(self._no_names(known, _SHORTEST))
            self._state = state
            self._masks.clear()
        brought = frozenset(found)
        if brought not in self._masks:
            if len(brought) > _MOST_FOUND:
                return _EVERYTHING
            if len(self._masks) > _KEPT_MASKS:
                self._masks.clear()
            new = self._no_names(brought, 1)
            if any(len(value) > _SPELT_OUT for value in new):
                return Mask.of(new, self._mask)
            self._masks[brought] = Mask.of(new, self._mask) if new else self._mask
        return self._masks[brought]

    def headers(self, environ: Mapping[str, Any]) -> ToldHeaders:
        """A request's headers as they may be told; kept, as a client sends the same again and again."""
        values = self._request_headers.values(environ)
        key = values, self._who()
        if (kept := self._headers.get(key)) is None:
            if len(self._headers) > _KEPT_MASKS:
                self._headers.clear()
            kept = self._headers[key] = self._request_headers.told(values, self.is_name)
        return kept

    def query(self, asked: str, declared: Collection[str]) -> tuple[str, frozenset[str]]:
        """A query string likewise."""
        key = asked, id(declared)
        if (kept := self._queries.get(key)) is None:
            found: set[str] = set()
            told = redaction.query(asked, found, declared)
            if len(self._queries) > _KEPT_MASKS:
                self._queries.clear()
            kept = self._queries[key] = (declared, told, frozenset(found))
        return kept[1], kept[2]

    def _who(self) -> tuple[int, ...]:
        """What changes when users and keys come and go; not with each use of one, which is noted in its row too."""
        return len(self._airflow.users), len(self._rows_of_keys), len(self._keys)

    def remember(self, found: Iterable[str]) -> None:
        """Hide from now on what a request brought, if it looks like a secret; the oldest gives way."""
        for value in found:
            if value not in self._remembered and len(value) < _SPELT_OUT and looks_secret(value):
                self._remembered[value] = None
                self._state = ()
        while len(self._remembered) > _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]

    def is_name(self, name: str) -> bool:
        """Whether it is a user's name, or what a vendor calls one of its keys by."""
        tables = self._airflow.tables
        return name in tables["users"] or tables["keys"].lookup("public_id", name) is not None

    def _no_names(self, values: Iterable[str], shortest: int) -> set[str]:
        tables = [self._airflow.tables[name] for name in _NAMES]
        return {
            value
            for value in values
            if len(value) >= shortest
            and value.lower() not in _WORDS
            and not any(value in table for table in tables)
            and self._airflow.tables["keys"].lookup("public_id", value) is None
        }

    def _of_rows(self) -> Iterator[str]:
        for key in self._airflow.tables["keys"]:
            yield self._keys.get(key.digest, "")
        before, self._in_row = self._in_row, {}
        for variable in self._airflow.variables:
            if variable.value and is_secret(variable.key):
                yield from self._inside(("variable", variable.key), variable, {"password": variable.value}, before)
        for connection in self._airflow.connections:
            if connection.password or connection.extra or connection.host:
                told = {"password": connection.password, "extra": connection.extra, "host": connection.host}
                yield from self._inside(("connection", connection.connection_id), connection, told, before)

    def _inside(self, name: tuple[str, str], row: Any, told: dict[str, Any], before: _InRows) -> frozenset[str]:
        """The secrets of a row, which are looked for once, as it never changes."""
        kept = before.get(name)
        if kept is None or kept[0] is not row:
            found: set[str] = set()
            without_secrets(told, found)
            kept = (row, frozenset(found))
        self._in_row[name] = kept
        return kept[1]
