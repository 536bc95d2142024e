"""Texts held against patterns: the ``*`` of fault rules, assertions and filters, the ``%`` and ``_`` of SQL's LIKE.

Patterns come with requests, so none may take long. What stands between two signs for any text is looked for once, from
left to right, and never again: a text is walked through a single time, however many such signs the pattern has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache


@lru_cache(maxsize=512)
def matcher(pattern: str, any_text: str = "*", any_character: str | None = None) -> Callable[[str], bool]:
    """A function that tells whether the whole of a text fits ``pattern``; line breaks are characters as others are.

    ``any_text`` is the sign that stands for any characters or none, ``any_character`` the one for exactly one.
    """
    parts = [_Part(part, any_character) for part in pattern.split(any_text)]
    first, *between, last = parts if len(parts) > 1 else (parts[0], _Part("", None))
    between = [part for part in between if part.length]
    shortest = sum(part.length for part in parts)
    whole = len(parts) == 1

    def fits(text: str) -> bool:
        length = len(text)
        if length < shortest or (whole and length > shortest):
            return False
        end = length - last.length
        if first.find(text, 0, first.length) < 0 or last.find(text, end, length) < 0:
            return False
        place = first.length
        for part in between:
            found = part.find(text, place, end)
            if found < 0:
                return False
            place = found + part.length
        return True

    return fits


class _Part:
    """What a pattern has between two signs for any text."""

    def __init__(self, signs: str, any_character: str | None) -> None:
        self.length = len(signs)
        self._signs = signs
        self._accepted: dict[str, int] | None = None
        if any_character is None or any_character not in signs:
            return
        # One bit for each place in the part: where any character may stand, and where each of the others may.
        self._anywhere = sum(1 << place for place, sign in enumerate(signs) if sign == any_character)
        self._accepted = dict.fromkeys(signs, self._anywhere)
        for place, sign in enumerate(signs):
            self._accepted[sign] |= 1 << place

    def find(self, text: str, start: int, end: int) -> int:
        """Where the part first stands between two places of a text; -1 where it does not."""
        if self._accepted is None:
            return text.find(self._signs, start, end)
        begun, complete = 0, 1 << (self.length - 1)  # one bit for each beginning of the part that ends here
        for place in range(start, end):
            begun = (begun << 1 | 1) & self._accepted.get(text[place], self._anywhere)
            if begun & complete:
                return place + 1 - self.length
        return -1
