"""One line a request, for people or for programs; never with a secret in it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mock_airflow.errors import ServerError
from mock_airflow.server.watching import SeenRequest

FORMATS = ("human", "json", "none")
_log = logging.getLogger("mock_airflow.requests")
_lines = logging.getLogger("mock_airflow.live")


class AccessLog:
    """Writes to a file, which may be moved away at any time, or to stderr. Raises ServerError."""

    def __init__(self, form: str, file: Path | None) -> None:
        handler: logging.Handler
        try:
            # Each line is one write at the end of the file, so that several processes may share it.
            handler = logging.StreamHandler() if file is None else _LogFile(file, encoding="utf-8")
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


class _LogFile(WatchedFileHandler):
    """A file whose disk may be full and whose folder may go: lines are lost then, and never an answer."""

    _told = ""  # why the last line could not be written

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, to whatever file has the name now."""
        before, self._why = self._told, ""
        try:
            super().emit(record)
        except OSError as error:  # from opening it anew; what writing raises is handed to handleError()
            self._why = error.strerror or str(error)
        self._told = self._why
        if self._told and self._told != before:  # said once, however many lines are lost until it works again
            where = self.baseFilename
            _lines.warning("The log file %s cannot be written: %s. Lines of requests are lost.", where, self._told)

    def handleError(self, record: logging.LogRecord) -> None:
        """Note why the line could not be written. Raises what is no error of the file."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            raise
        self._why = error.strerror or str(error)


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
