"""RE2's classes of characters, as ranges of codes."""

from __future__ import annotations

import functools
import sys
import unicodedata
from collections.abc import Callable, Iterable

Ranges = list[tuple[int, int]]

_DIGIT: Ranges = [(48, 57)]
_UPPER: Ranges = [(65, 90)]
_LOWER: Ranges = [(97, 122)]
PERL: dict[str, Ranges] = {
    "d": _DIGIT,
    "w": [*_DIGIT, *_UPPER, (95, 95), *_LOWER],
    "s": [(9, 10), (12, 13), (32, 32)],
}
NAMED: dict[str, Ranges] = {
    "alnum": [*_DIGIT, *_UPPER, *_LOWER],
    "alpha": [*_UPPER, *_LOWER],
    "ascii": [(0, 127)],
    "blank": [(9, 9), (32, 32)],
    "cntrl": [(0, 31), (127, 127)],
    "digit": _DIGIT,
    "graph": [(33, 126)],
    "lower": _LOWER,
    "print": [(32, 126)],
    "punct": [(33, 47), (58, 64), (91, 96), (123, 126)],
    "space": [(9, 13), (32, 32)],
    "upper": _UPPER,
    "word": PERL["w"],
    "xdigit": [*_DIGIT, (65, 70), (97, 102)],
}
# The scripts that are read, by the words that the names of their characters begin with.
_SCRIPTS = (
    "Arabic Armenian Balinese Bengali Bopomofo Braille Buginese Canadian_Aboriginal Cherokee Coptic Cyrillic Deseret"
    " Devanagari Ethiopic Georgian Glagolitic Gothic Greek Gujarati Gurmukhi Hangul Hanunoo Hebrew Hiragana Javanese"
    " Kannada Katakana Khmer Lao Latin Limbu Malayalam Mongolian Myanmar Ogham Old_Italic Oriya Osmanya Phoenician"
    " Runic Sinhala Sundanese Syriac Tagalog Tai_Le Tamil Telugu Thaana Thai Tibetan Tifinagh Vai Yi"
)
_NAMES = {name: name.replace("_", " ").upper() + " " for name in _SCRIPTS.split()}
_NAMES |= {"Han": "CJK UNIFIED IDEOGRAPH-", "Canadian_Aboriginal": "CANADIAN SYLLABICS "}
_CATEGORIES = frozenset(
    "C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split()
)


@functools.cache
def of_unicode(name: str) -> Ranges | None:
    r"""The characters of a category, or of a script, as ``\p{...}`` names it; None for a name that is not known."""
    if name == "Any":
        return [(0, sys.maxunicode)]
    if name == "C":  # what has no meaning at all is in no category of RE2's
        return _all(lambda letter: unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs"))
    if name in _CATEGORIES:
        return _all(lambda letter: unicodedata.category(letter).startswith(name))
    if name in _NAMES:
        return _all(lambda letter: unicodedata.name(letter, "").startswith(_NAMES[name]))
    return None


def _all(belongs: Callable[[str], bool]) -> Ranges:
    return simplified((code, code) for code in range(sys.maxunicode + 1) if belongs(chr(code)))


def simplified(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same characters in as few ranges as can be, in order."""
    found: Ranges = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found


def inverted(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """All other characters."""
    found: Ranges = []
    begins = 0
    for low, high in simplified(ranges):
        if low > begins:
            found.append((begins, low - 1))
        begins = high + 1
    if begins <= sys.maxunicode:
        found.append((begins, sys.maxunicode))
    return found
