"""What a setting's value may be, and how it is read from a text or from a Python value.

Each reader raises ValueError with what is expected, as the end of a sentence.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_airflow.settings.spelling import nearest

_UNBOUNDED = (1 << 63) - 1  # what is counted never gets there


def text(value: Any) -> str:
    """A text; a number is taken as one."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("a text is expected")
    return str(value)


def matching(pattern: str, expected: str, read: Callable[[Any], str] = text) -> Callable[[Any], str]:
    """A reader of texts of this form; ``expected`` says what is, as the end of a sentence."""

    def parse(value: Any) -> str:
        found = read(value)
        if not re.fullmatch(pattern, found):
            raise ValueError(expected)
        return found

    return parse


# A version of Airflow 2 or 3, whatever a vendor writes behind it.
airflow_release = matching(r"[23](\.[0-9]\S*)?", "a version of Airflow 2 or 3, such as 2.11.2 or 3.3.2, is expected")


def header_text(value: Any) -> str:
    """A text that can be a header's value."""
    found = text(value)
    if not (found.isascii() and (found.isprintable() or not found)):
        raise ValueError("one line of ASCII is expected, as it becomes a header's value")
    return found


def header_texts(value: Any) -> tuple[str, ...]:
    """Several of them."""
    return tuple(map(header_text, several(value)))


def yes_or_no(value: Any) -> bool:
    """True or false, also as the usual words."""
    if isinstance(value, bool):
        return value
    found = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    if isinstance(value, str) and value.strip().lower() in found:
        return found[value.strip().lower()]
    raise ValueError("true or false is expected")


def whole(low: int, high: int = _UNBOUNDED) -> Callable[[Any], int]:
    """A whole number within bounds."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValueError("a whole number is expected")
        try:
            number = int(value)
        except ValueError:
            raise ValueError("a whole number is expected") from None
        if not low <= number <= high:
            raise ValueError(f"a number from {low}{f' to {high}' if high < _UNBOUNDED else ' on'} is expected")
        return number

    return parse


def positive(value: Any) -> float:
    """A number above 0."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError("a number above 0 is expected") from None
    if not 0 < number <= 1e9:
        raise ValueError("a number above 0, up to 1e9, is expected")
    return number


# A URL with a host, as Airflow demands it.
web_address = matching(
    r"https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?",
    "a URL such as http://localhost:8080/team-a, without a slash at its end, is expected",
)
# The name of a release in a platform: a part of a host name that is not a number.
release_name = matching(
    r"(?![0-9]+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
    "up to 63 small letters, digits and dashes, not digits alone, are expected",
)


class OneOf:
    """One of these ``words``; ``read`` makes a text of the value."""

    def __init__(self, words: tuple[str, ...], read: Callable[[Any], str] = text) -> None:
        self.words, self._read = words, read

    def __call__(self, value: Any) -> str:
        """The word that a value is."""
        word = self._read(value)
        if word not in self.words:
            near = nearest(word, self.words)
            hint = f" (did you mean {near!r}?)" if near is not None else ""
            raise ValueError(f"one of {', '.join(self.words)} is expected{hint}")
        return word


def one_of(*words: str) -> OneOf:
    """One of these words."""
    return OneOf(words)


def choice(*words: str) -> OneOf:
    """One of Airflow's own words, in any case, as Airflow takes them; true and false are taken as words too."""
    known = {word.lower(): word for word in words}

    def read(value: Any) -> str:
        word = str(value) if isinstance(value, bool) else text(value)
        return known.get(word.strip().lower(), word)

    return OneOf(words, read)


def or_none(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What ``parse`` reads, or None for nothing."""
    return partial(_or_none, parse)


def _or_none(parse: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None or value == "" else parse(value)


def words_of(parse: Callable[[Any], Any]) -> tuple[str, ...]:
    """The words that a reader takes, where it takes nothing else, for a shell to offer."""
    if isinstance(parse, partial):
        parse = parse.args[0]
    if parse is yes_or_no:
        return ("true", "false")
    return parse.words if isinstance(parse, OneOf) else ()


def several(value: Any) -> tuple[str, ...]:
    """Texts, as a list or with commas between."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("a list of texts, or a text with commas, is expected")


def folder(value: Any) -> str:
    """A path."""
    return os.fspath(value) if isinstance(value, os.PathLike) else text(value)


def files(value: Any) -> tuple[str, ...]:
    """Paths, as texts or path objects."""
    parts = [value] if isinstance(value, os.PathLike) else value
    if isinstance(parts, (list, tuple)):
        parts = [os.fspath(part) if isinstance(part, os.PathLike) else part for part in parts]
    return several(parts)


def moment(value: Any) -> datetime:
    """A time; one without a zone is UTC."""
    if isinstance(value, datetime):
        at = value
    else:
        try:
            at = datetime.fromisoformat(text(value).replace("Z", "+00:00"))
        except ValueError:
            raise ValueError("a time such as 2025-01-01T06:00:00Z is expected") from None
    return at.replace(tzinfo=timezone.utc) if at.tzinfo is None else at


if TYPE_CHECKING:  # to a type checker a part is an ordinary dataclass
    from typing_extensions import dataclass_transform

    @dataclass_transform(frozen_default=True, kw_only_default=True)
    def settings_part(kind: type) -> type: ...
else:
    # The whole record has methods of its own, so that none is written out for nearly two hundred fields.
    settings_part = dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)


def option(default: Any, parse: Callable[[Any], Any], help: str, **more: Any) -> Any:
    """A field of the settings: its default, how a value from outside is read, and what it is for.

    ``more`` may hold ``metavar``, ``secret`` (its value is never told), ``unsaved`` (it is of this start alone, and not
    saved with a deployment) and ``example``, another value than the default where no plain word or number is one.
    ``rare`` is for one that few need: the help of ``serve`` has it only where all are asked for.
    """
    return field(default=default, metadata={"parse": parse, "help": help, **more})
