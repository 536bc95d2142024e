"""One request and its answer on their way: what the corridor learns, for the journal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mock_airflow.access.principals import Principal, Refusal
from mock_airflow.access.profile import refusal_answer
from mock_airflow.api import pages
from mock_airflow.api.operation import HTML, Answer
from mock_airflow.api.problems import PROBLEM_JSON, Oops, Problem, bad_request
from mock_airflow.journal import redaction
from mock_airflow.storage.tables import Change

if TYPE_CHECKING:
    from flask import Request, Response

    from mock_airflow.deployment import Deployment

_TOLD_HEADERS = ("Authorization", "Content-Type", "Accept", "User-Agent", "Origin", "Cookie", "X-Api-Key")
_TOLD_BACK = ("Content-Type", "Location", "Retry-After", "WWW-Authenticate", "Allow", "Set-Cookie")


class Exchange:
    """What is known of a request so far."""

    __slots__ = (
        "changes",
        "decision",
        "deployment",
        "operation_id",
        "principal",
        "reason",
        "remaining",
        "started",
        "would_pass",
    )

    def __init__(self, deployment: Deployment, started: float) -> None:
        self.deployment = deployment
        self.started = started
        self.operation_id: str | None = None
        self.principal: Principal | None = None
        self.decision = "answered"
        self.reason = ""
        self.would_pass = ""
        self.remaining: int | None = None
        self.changes: tuple[Change, ...] = ()

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Collect what changes inside of the block."""
        changes = self.deployment.airflow.changes
        changes.clear()
        try:
            yield
        finally:
            self.changes += tuple(changes)
            changes.clear()

    def refused(self, refusal: Refusal) -> Answer:
        """The answer of a refusal, noted."""
        if self.decision == "answered":
            self.decision = "refused"
        self.reason, self.would_pass = refusal.reason, refusal.would_pass
        return refusal_answer(refusal)

    def problem(self, problem: Problem) -> Answer:
        """The answer of a problem, noted."""
        self.decision = "refused"
        self.reason = problem.reason or problem.detail or problem.title or ""
        body = problem.body(self.deployment.settings.airflow_version)
        return Answer(body, problem.status, PROBLEM_JSON, problem.headers)

    def oops(self, oops: Oops) -> Answer:
        """The answer of what makes a real Airflow fail: its page, or a clean 400 without ``airflow_bugs``."""
        if not self.deployment.settings.airflow_bugs:
            return self.problem(bad_request(oops.detail))
        self.decision = "failed"
        self.reason = f"A real Airflow fails here, so this does too (airflow_bugs). {oops.detail}"
        return Answer(pages.bare_page() if oops.bare else pages.oops_page(), 500, "text/html" if oops.bare else HTML)

    def write(self, request: Request, response: Response) -> None:
        """Put the finished exchange into the journal."""
        deployment = self.deployment
        sent = request.headers
        authorization = sent.get("Authorization")
        deployment.journal.add(
            at=deployment.airflow.now(),
            method=request.method,
            path=request.path,
            query=redaction.query(request.query_string.decode("latin-1")),
            operation_id=self.operation_id,
            principal=self.principal.name if self.principal else None,
            credential=redaction.authorization(authorization) if authorization else "",
            request_headers=tuple(
                (name, redaction.header(name, value)) for name in _TOLD_HEADERS if (value := sent.get(name)) is not None
            ),
            request_body=redaction.body(_body_of(request), sent.get("Content-Type", "")),
            status=response.status_code,
            response_headers=tuple(
                (name, redaction.header(name, value))
                for name in _TOLD_BACK
                if (value := response.headers.get(name)) is not None
            ),
            response_body=redaction.body(response.get_data(), response.content_type or ""),
            decision=self.decision,
            reason=self.reason,
            would_pass=self.would_pass,
            remaining=self.remaining,
            changes=self.changes,
            duration=time.perf_counter() - self.started,
        )


def _body_of(request: Request) -> bytes:
    if not request.content_length:
        return b""
    data: bytes = request.get_data(cache=True) if (request.content_length or 0) <= 1 << 20 else b""
    return data
