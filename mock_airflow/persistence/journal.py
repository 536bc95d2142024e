"""The journal of a deployment that is kept in a database: it knows what of it is not yet written."""

from __future__ import annotations

from mock_airflow.journal.journal import Entry, Journal, Kept


class KeptJournal(Journal):
    """A journal whose new entries wait to be written, and can be taken back until then."""

    def __init__(self, size: int, bytes: int) -> None:
        super().__init__(size, bytes)
        self.unwritten: list[tuple[Entry, int]] = []
        self.emptied = False

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

    @property
    def is_written(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.unwritten or self.emptied)

    def written(self) -> None:
        """All of it is written now."""
        self.unwritten.clear()
        self.emptied = False

    @property
    def oldest(self) -> int | None:
        """The number of the oldest entry."""
        with self._lock:
            return self._entries[0].entry.number if self._entries else None

    def take_over(self, entries: list[tuple[Entry, int]], count: int, *, emptied: bool) -> None:
        """Add what another server wrote."""
        if emptied:
            super().clear()
        for entry, weight in entries:
            super().add(Kept(entry, weight))
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
