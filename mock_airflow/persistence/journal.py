"""The journal of a deployment that is kept in a database: it knows what of it is not yet written."""

from __future__ import annotations

from mock_airflow.journal.journal import Entry, Journal, Kept

_TIDIED_EVERY = 64  # writes
_FEWEST_KEPT = 256  # writes that are kept for others to read


class KeptJournal(Journal):
    """A journal whose new entries wait to be written, and can be taken back until then."""

    def __init__(self, size: int, bytes: int) -> None:
        super().__init__(size, bytes)
        self.unwritten: list[tuple[Entry, int]] = []
        self.emptied = False
        self.versions: dict[int, int] = {}  # in which write an entry came, by its number

    def add(self, kept: Kept) -> None:
        """Keep one more entry, and have it written."""
        super().add(kept)
        with self._lock:
            self.unwritten.append((kept.entry, kept.weight))

    def clear(self) -> None:
        """Forget all entries, and have it written."""
        super().clear()
        self.unwritten.clear()
        self.emptied = True

    def is_written_but(self, count: int) -> bool:
        """Whether there is nothing to write but so many entries."""
        return len(self.unwritten) == count and not self.emptied

    def written(self) -> None:
        """All of it is written now."""
        self.unwritten.clear()
        self.emptied = False

    def forgotten(self, version: int, before: int) -> int | None:
        """Up to which write those may go that nobody needs: for others to follow, for an entry, or the way back.

        It is looked for now and then: None says that nothing goes with the writes from ``before`` to ``version``.
        """
        if version // _TIDIED_EVERY == before // _TIDIED_EVERY:
            return None
        until = version - _FEWEST_KEPT
        with self._lock:
            oldest = self._entries[0].entry.number if self._entries else None
        if oldest is not None:
            until = min(until, self.versions.get(oldest, 0) - 2)
        self.versions = {number: at for number, at in self.versions.items() if at > until}
        return until

    def take_over(self, version: int, entries: list[tuple[Entry, int]], count: int, *, emptied: bool) -> None:
        """Add what another server wrote, in the write of that number."""
        if emptied:
            super().clear()
            self.versions.clear()
        for entry, weight in entries:
            super().add(Kept(entry, weight))
            self.versions[entry.number] = version
        self._count = count

    def take_back(self, count: int) -> None:
        """Forget the entries that were not written; ``count`` is the number of the last that was."""
        gone = {entry.identity for entry, _ in self.unwritten}
        with self._lock:
            kept = [each for each in self._entries if each.entry.identity not in gone]
            errors = [each for each in self._errors if each.entry.identity not in gone]
            self._entries.clear()
            self._entries.extend(kept)
            self._weight = sum(each.weight for each in kept)
            self._errors.clear()
            self._errors.extend(errors)
            self._count = count
        self.written()
