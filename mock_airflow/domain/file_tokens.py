"""The token that stands for a DAG's file in Airflow's answers: URL-safe JSON of its path, and a signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

_KEY = b"mock-airflow"  # a real Airflow signs with [webserver] secret_key; nobody but its server checks it


def file_token(fileloc: str) -> str:
    """The token for a path, in the form that itsdangerous gives it (observed)."""
    payload = _text(json.dumps(fileloc).encode())
    return f"{payload}.{_text(hmac.new(_KEY, payload.encode(), hashlib.sha1).digest())}"


def path_of(token: str) -> str | None:
    """The path that a token of ours stands for; None for any other text."""
    try:
        payload = token.partition(".")[0]
        path = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return None
    return path if isinstance(path, str) and hmac.compare_digest(file_token(path).encode(), token.encode()) else None


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
