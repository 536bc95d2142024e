"""Regular expressions as RE2 reads them, which Airflow has for its ignore files, in the words of Python's ``re``.

The two differ in what they know (RE2 has no look-around, no back-references, no ``\\Z``; it has ``\\z``, ``\\pL``,
``[[:alpha:]]``, ``\\Q...\\E``) and in what the same words mean (``$`` is the end of the text and nothing else, ``\\w``
is ASCII, a flag counts until its group ends). So an expression is taken apart by RE2's rules and put together again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from mock_airflow.dag_files.parsing.re2_classes import NAMED, PERL, Ranges, inverted, of_unicode, simplified

_ESCAPES = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_EMPTY = {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)|\A\Z"}
_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP = re.compile(r"\(\?(?:P?<(?P<name>[^>]*)>|(?P<on>[imsU]*)(?P<off>-[imsU]+)?(?P<end>[:)]))")
_MOST = 1000  # repetitions, also of what is repeated itself


class Unknown(ValueError):
    """An expression that RE2 does not know."""


def compiled(text: str) -> re.Pattern[str]:
    """The expression, for ``search``. Raises Unknown."""
    return re.compile(_Reading(text).whole())


@dataclass
class _Group:
    """A group that is open: what stands in it, with which flags it goes on after it, and how often things repeat."""

    flags_after: frozenset[str] = frozenset()
    parts: list[str] = field(default_factory=list)
    repeated: int = 1  # the most that anything in it is
    just_repeated: bool = False  # whether that is what was read last
    last: int = 1  # how often the last part itself repeats what is in it


class _Reading:
    """One expression that is being read."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.flags: frozenset[str] = frozenset()
        self.names: set[str] = set()
        self.open = [_Group()]

    def whole(self) -> str:
        """The expression in the words of ``re``."""
        while self.at < len(self.text):
            self._next()
        if len(self.open) > 1:
            raise Unknown("missing )")
        return "".join(self.open[0].parts)

    def _next(self) -> None:
        letter = self.text[self.at]
        if letter == "\\":
            self._escape()
        elif letter == "(":
            self._begin()
        elif letter == ")":
            self._end()
        elif letter in "*+?":
            self.at += 1
            self._repeat(letter, 1)
        elif letter == "{" and (found := _REPEAT.match(self.text, self.at)) is not None:
            self._count(found)
        elif letter == "[":
            self._atom(self._class())
        else:
            self.at += 1
            if letter == "|":
                self.open[-1].parts.append("|")
                self.open[-1].just_repeated = False
            elif letter == ".":
                self._atom("(?s:.)" if "s" in self.flags else ".")
            elif letter in "^$":
                many = "m" in self.flags
                self._atom(f"(?m:{letter})" if many else {"^": r"(?:\A)", "$": r"(?:\Z)"}[letter])
            else:
                self._literal(ord(letter))

    def _atom(self, written: str, repeated: int = 1) -> None:
        group = self.open[-1]
        group.parts.append(f"(?i:{written})" if "i" in self.flags else written)
        group.just_repeated, group.last = False, repeated
        group.repeated = max(group.repeated, repeated)

    def _literal(self, code: int) -> None:
        self._atom(_written([(code, code)]))

    def _escape(self) -> None:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter == "Q":
            literal, found, _ = self.text[self.at + 2 :].partition("\\E")
            self.at += 2 + len(literal) + (2 if found else 0)
            for each in literal:
                self._literal(ord(each))
        elif letter in _EMPTY:
            self.at += 2
            self._atom(f"(?:{_EMPTY[letter]})")
        elif letter == "C":
            self.at += 2
            self._atom("(?s:.)")
        elif (short := self._shorthand()) is not None:
            self._atom(_written(*short))
        else:
            self._literal(self._character())

    def _shorthand(self) -> tuple[Ranges, bool] | None:
        r"""The class that stands here as one escape, such as ``\d`` or ``\PL``, and whether all others are meant."""
        letter = self.text[self.at + 1 : self.at + 2]
        if letter.lower() in PERL:
            self.at += 2
            return PERL[letter.lower()], letter not in PERL
        if letter not in ("p", "P"):
            return None
        found = re.compile(r"\{(\^?)([^}]*)\}|(\w)").match(self.text, self.at + 2)
        ranges = of_unicode(found[2] or found[3] or "") if found else None
        if found is None or ranges is None:
            raise Unknown(f"invalid character class range: {self.text[self.at :]}")
        self.at = found.end()
        return ranges, (letter == "P") != bool(found[1])

    def _character(self) -> int:
        """The character that an escape here stands for."""
        letter = self.text[self.at + 1 : self.at + 2]
        rest = self.text[self.at + 1 :]
        found = re.match(r"0[0-7]{0,2}|[1-7][0-7]{1,2}", rest)
        if found:
            code = int(found[0], 8)
        elif found := re.match(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))", rest):
            code = int(found[1] or found[2], 16)
        elif letter in _ESCAPES:
            self.at += 2
            return _ESCAPES[letter]
        elif letter and (ord(letter) < 128 and not letter.isalnum()):
            self.at += 2
            return ord(letter)
        else:
            raise Unknown(f"invalid escape sequence: \\{letter}" if letter else "trailing \\")
        if code > sys.maxunicode:
            raise Unknown(f"invalid escape sequence: \\{found[0]}")
        self.at += 1 + found.end()
        return code

    def _class(self) -> str:
        """The class in brackets that begins here."""
        begins = self.at
        self.at += 1
        negated = self.text[self.at : self.at + 1] == "^"
        self.at += negated
        ranges: Ranges = []
        first = True
        while first or self.text[self.at : self.at + 1] != "]":
            first = False
            if self.at >= len(self.text):
                raise Unknown(f"missing ]: {self.text[begins:]}")
            named = re.compile(r"\[:(\^?)([^:\]]*):\]").match(self.text, self.at)
            if named:
                if named[2] not in NAMED:
                    raise Unknown(f"invalid character class range: {named[0]}")
                self.at = named.end()
                ranges += inverted(NAMED[named[2]]) if named[1] else NAMED[named[2]]
            elif self.text[self.at] == "\\" and (short := self._shorthand()) is not None:
                ranges += inverted(short[0]) if short[1] else short[0]
            else:
                ranges.append(self._range())
        self.at += 1
        return _written(simplified(ranges), negated)

    def _range(self) -> tuple[int, int]:
        begins = self.at
        low = high = self._of_class()
        after = self.text[self.at + 1 : self.at + 2]
        if self.text[self.at : self.at + 1] == "-" and after not in ("", "]"):
            self.at += 1
            high = self._of_class()
        if high < low:
            raise Unknown(f"invalid character class range: {self.text[begins : self.at]}")
        return low, high

    def _of_class(self) -> int:
        if self.text[self.at] == "\\":
            return self._character()
        self.at += 1
        return ord(self.text[self.at - 1])

    def _begin(self) -> None:
        if not self.text.startswith("(?", self.at):
            self.at += 1
            self.open.append(_Group(self.flags))
            return
        found = _GROUP.match(self.text, self.at)
        if found is None:
            raise Unknown(f"invalid perl operator: {self.text[self.at : self.at + 4]}")
        if found["name"] is not None:
            if not re.fullmatch(r"\w+", found["name"]) or found["name"] in self.names:
                raise Unknown(f"invalid named capture group: {found[0]}")
            self.names.add(found["name"])
            self.open.append(_Group(self.flags))
        else:
            after = (self.flags | set(found["on"])) - set((found["off"] or "")[1:])
            if found["end"] == ":":
                self.open.append(_Group(self.flags))
            self.flags = after
            if found["end"] == ")":
                self.open[-1].just_repeated = False
        self.at = found.end()

    def _end(self) -> None:
        if len(self.open) == 1:
            raise Unknown(f"unexpected ): {self.text}")
        self.at += 1
        group = self.open.pop()
        self.flags = frozenset()  # which its parts have in themselves
        self._atom(f"(?:{''.join(group.parts)})", group.repeated)
        self.flags = group.flags_after

    def _count(self, found: re.Match[str]) -> None:
        low = int(found[1])
        high = low if found[2] is None else int(found[3]) if found[3] else None
        if low > _MOST or (high is not None and (high > _MOST or high < low)):
            raise Unknown(f"invalid repetition size: {found[0]}")
        self.at = found.end()
        self._repeat(found[0], max(low, high or 1))

    def _repeat(self, written: str, times: int) -> None:
        group = self.open[-1]
        if not group.parts or group.parts[-1] == "|":
            raise Unknown(f"no argument for repetition operator: {written}")
        if group.just_repeated:
            raise Unknown(f"bad repetition operator: {written}")
        if times * group.last > _MOST:
            raise Unknown(f"invalid repetition size: {written}")
        if self.text[self.at : self.at + 1] == "?":  # as few as possible, which is of no matter to whether it is found
            self.at += 1
        group.parts[-1] = f"(?:{group.parts[-1]}){written}"
        group.last *= times
        group.repeated = max(group.repeated, group.last)
        group.just_repeated = True


def _written(ranges: Iterable[tuple[int, int]], negated: bool = False) -> str:
    """A class in the words of ``re``, where letters count in both cases before it is negated, as in RE2."""
    parts = [_code(low) if low == high else f"{_code(low)}-{_code(high)}" for low, high in ranges]
    return f"[{'^' if negated else ''}{''.join(parts)}]"


def _code(code: int) -> str:
    letter = chr(code)
    return letter if letter.isascii() and letter.isalnum() else f"\\U{code:08x}"
