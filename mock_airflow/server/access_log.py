"""One line a request, for people or for programs; never with a secret in it."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mock_airflow.errors import ServerError
from mock_airflow.server.watching import SeenRequest

FORMATS = ("human", "json", "none")
_log = logging.getLogger("mock_airflow.requests")


class AccessLog:
    """Writes to a file, which may be moved away at any time, or to stderr. Raises ServerError."""

    def __init__(self, form: str, file: Path | None) -> None:
        handler: logging.Handler
        try:
            # Each line is one write at the end of the file, so that several processes may share it.
            handler = logging.StreamHandler() if file is None else _handler(file)
        except OSError as error:
            raise ServerError(f"The log file {file} cannot be written: {error.strerror}.") from None
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s" if form == "human" else None))
        self._line = _human if form == "human" else _json
        _log.propagate = False
        _log.setLevel(logging.INFO)
        _log.handlers[:] = [handler]

    def __call__(self, seen: SeenRequest) -> None:
        """Write the line of a request."""
        _log.info("%s", self._line(seen))


def _handler(file: Path) -> logging.Handler:
    from logging.handlers import WatchedFileHandler

    return WatchedFileHandler(file, encoding="utf-8")


def _human(seen: SeenRequest) -> str:
    path = quote(seen.path, safe="/~:@!$&'()*+,;=")
    where = f"/d/{seen.hosted}" if seen.hosted is not None else ""
    line = f"{seen.method} {where}{path} {seen.status or '-'} {seen.principal or '-'} {seen.seconds * 1000:.1f} ms"
    return f"[{seen.request_id}] {line}  {seen.reason}".rstrip()


def _json(seen: SeenRequest) -> str:
    deployment = seen.deployment
    told: dict[str, Any] = {
        "at": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        "request_id": seen.request_id,
        "deployment": seen.hosted,
        "profile": deployment.settings.profile if deployment is not None else None,
        "method": seen.method,
        "path": seen.path,
        "operation_id": seen.operation,
        "status": seen.status,
        "decision": seen.decision,
        "reason": seen.reason,
        "principal": seen.principal,
        "milliseconds": round(seen.seconds * 1000, 3),
        "peer": seen.environ.get("REMOTE_ADDR"),
        "user_agent": seen.user_agent,
    }
    return json.dumps(told, ensure_ascii=False)
