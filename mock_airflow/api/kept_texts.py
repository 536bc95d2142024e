"""Texts of rows, kept for the next time: rows are immutable, so what was written of one stays true."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_KEPT_ROWS = 4096
_KEPT_PAGES = 16
_LONGEST_KEPT = 20_000  # characters of a row's text; thousands of longer ones would fill the memory
_LONGEST_PAGE = 100_000


class KeptTexts(Generic[T]):
    """What was written of the rows that were read last; ``form`` tells different writings of one row apart."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], tuple[Any, T]] = OrderedDict()

    def find(self, row: Any, form: int = 0) -> T | None:
        """What was kept of this very row; None when nothing is."""
        kept = self._kept.get((id(row), form))
        return kept[1] if kept is not None and kept[0] is row else None

    def keep(self, row: Any, written: T, characters: int, form: int = 0) -> None:
        """Keep what was written, unless it is too long."""
        if characters > _LONGEST_KEPT:
            return
        self._kept[id(row), form] = row, written
        if len(self._kept) > _KEPT_ROWS:
            with suppress(KeyError):  # another thread took the last one
                self._kept.popitem(last=False)


class KeptPages(Generic[T]):
    """What was written of whole pages, as who polls asks for the same rows again; ``form`` tells writings apart."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[tuple[Any, ...], T]] = OrderedDict()

    def find(self, rows: Sequence[Any], *form: object) -> T | None:
        """What was kept of these very rows, in this order; None when nothing is."""
        kept = self._kept.get((*form, *map(id, rows)))  # which hold for as long as the rows are kept
        return kept[1] if kept is not None else None

    def keep(self, rows: Sequence[Any], written: T, characters: int, *form: object) -> None:
        """Keep what was written, unless it is too long."""
        if characters > _LONGEST_PAGE:
            return
        key = (*form, *map(id, rows))
        self._kept[key] = tuple(rows), written  # whose ids are nobody else's as long as it is kept
        if len(self._kept) > _KEPT_PAGES:
            with suppress(KeyError):  # another thread took the last one
                self._kept.popitem(last=False)
