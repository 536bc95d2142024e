"""Everything that looks random, drawn from the deployment's seed: the same seed and calls give the same values."""

from __future__ import annotations

import hashlib
from datetime import datetime


class Ids:
    """A stream of reproducible values.

    The whole state is one counter, so that a snapshot of it costs nothing; each draw hashes the seed with the counter.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.drawn = 0

    def _draw(self, purpose: str) -> bytes:
        self.drawn += 1
        return hashlib.sha256(f"{self.seed}/{purpose}/{self.drawn}".encode()).digest()

    def hex(self, length: int, purpose: str = "token") -> str:
        """``length`` hexadecimal digits (up to 64)."""
        return self._draw(purpose).hex()[:length]

    def uuid(self, purpose: str = "uuid") -> str:
        """A random UUID (version 4) in its usual form."""
        from uuid import UUID

        return str(UUID(bytes=self._draw(purpose)[:16], version=4))

    def time_ordered_uuid(self, at: datetime, purpose: str = "uuid") -> str:
        """A UUID of version 7, which begins with a moment."""
        drawn = self._draw(purpose).hex()
        moment = f"{int(at.timestamp() * 1000):012x}"
        return f"{moment[:8]}-{moment[8:]}-7{drawn[:3]}-{'89ab'[int(drawn[3], 16) % 4]}{drawn[4:7]}-{drawn[7:19]}"

    def text(self, length: int, alphabet: str, purpose: str = "text") -> str:
        """``length`` characters of an alphabet."""
        number, drawn = 0, 0
        characters = []
        for _ in range(length):
            if drawn < len(alphabet):
                number, drawn = int.from_bytes(self._draw(purpose), "big"), 1 << 256
            number, index = divmod(number, len(alphabet))
            drawn //= len(alphabet)
            characters.append(alphabet[index])
        return "".join(characters)

    def fraction(self, purpose: str = "chance") -> float:
        """A number from 0 up to, not including, 1."""
        return int.from_bytes(self._draw(purpose)[:7], "big") / (1 << 56)

    def between(self, low: float, high: float, purpose: str = "chance") -> float:
        """A number from ``low`` up to ``high``."""
        return low + (high - low) * self.fraction(purpose)
