"""Secrets are kept as digests and compared in constant time.

One round of SHA-256 is right for a mock: its secrets guard nothing, and a real Airflow spends nearly all of a request's
time on its password hash (measured), which nobody wants in a test.
"""

from __future__ import annotations

import hashlib
import hmac


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def matches(secret: str, kept: str) -> bool:
    """Whether the secret is the one whose digest is kept."""
    return hmac.compare_digest(digest(secret), kept)
