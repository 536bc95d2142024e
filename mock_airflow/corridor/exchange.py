"""One request and its answer on their way: what the corridor learns, for the journal."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.access.principals import read_from
from mock_airflow.answers import Answer, ApiProblem, Oops, Refusal
from mock_airflow.faults.passage import Passage
from mock_airflow.journal import redaction
from mock_airflow.journal.changes import BOOKKEEPING
from mock_airflow.journal.journal import Entry
from mock_airflow.journal.secrets import Mask
from mock_airflow.journal.unread import Unread
from mock_airflow.journal.why import Why
from mock_airflow.server.request_id import request_id
from mock_airflow.storage.tables import Change, singly

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from mock_airflow.access.routed import RoutedRequest
    from mock_airflow.api.dialect import Dialect
    from mock_airflow.deployment import Deployment
    from mock_airflow.rewinding import Mark

_READ_AGAIN = 16 << 20
_ROW = 500  # about how many bytes a row that was changed takes


class Sent(NamedTuple):
    """What a request held, as it may be told, and the secrets that were found in it."""

    credential: str
    headers: tuple[tuple[str, str], ...]
    query: str
    body: str
    found: frozenset[str]
    found_in_headers: frozenset[str]


class Exchange(Passage):
    """What is known of a request so far."""

    __slots__ = (
        "_home",
        "_sent",
        "behind_gate",
        "changes",
        "dialect",
        "harmless",
        "mark",
        "page",
        "started",
    )

    deployment: Deployment
    request: RoutedRequest

    def __init__(self, deployment: Deployment, request: RoutedRequest, started: float) -> None:
        super().__init__(deployment, request)
        self._home = deployment  # a stale read is answered by an earlier copy of it
        self.started = started
        self._sent: Sent | None = None
        self.dialect: Dialect | None = None
        self.behind_gate = False
        self.changes: tuple[Change, ...] = ()
        self.mark: Mark | None = None
        self.page: tuple[int, int] | None = None
        self.harmless = False

    def __enter__(self) -> Exchange:
        """Hold the deployment, and collect what changes until it is let go."""
        self.deployment.lock.acquire()
        self.deployment.collect()
        if self.mark is None and self._home.settings.journal_size:
            self.mark = self._home.history.mark()
        return self

    def __exit__(self, *_: object) -> None:
        self.collect()
        self.deployment.lock.release()

    def collect(self) -> None:
        """Take over what changed; of very much the first part."""
        shown = [change for change in self.deployment.collect() if change.table not in BOOKKEEPING]
        if shown:
            room = self.deployment.settings.journal_bytes // (4 * _ROW) - len(self.changes)
            self.changes += tuple(islice(singly(shown), max(room, 0)))
        self._home.history.roll_over()

    def refused(self, refusal: Refusal) -> Answer:
        """The answer of a refusal, noted."""
        if self.decision == "answered":
            self.decision = "refused"
        header = self.deployment.profile.credential_header(self.deployment.settings)
        self.why = refusal.why._replace(read_from=refusal.why.read_from or read_from(self.request, header))
        return refusal.answer

    def problem(self, problem: ApiProblem) -> Answer:
        """The answer of a problem, noted."""
        self.decision = "refused"
        self.why = problem.why
        return problem.answer(self.deployment.settings.airflow_version)

    def oops(self, oops: Oops, dialect: Dialect) -> Answer:
        """The answer of what makes a real Airflow fail: its page, or what excuses it without ``airflow_bugs``."""
        if not self.deployment.settings.airflow_bugs:
            return self.problem(dialect.excused(oops))
        self.decision = "failed"
        self.why = Why(f"A real Airflow fails here, so this does too (airflow_bugs). {oops.detail}")
        return dialect.failed(oops)

    def explain(self, response: Response) -> None:
        """Say the reason in a header, where that is asked for."""
        if self.deployment.settings.explain_header:
            reason = self._mask().hide_quoted(self.why.reason)
            response.headers["X-Mock-Airflow-Reason"] = reason.encode("ascii", "backslashreplace").decode()

    def without_secrets(self, text: str) -> str:
        """A text as a log may have it."""
        return self._mask().hide_quoted(redaction.text(text))

    def _mask(self) -> Mask:
        """What hides every secret that the deployment knows or that the request brought."""
        with self._home.lock:
            return self._home.secrets.mask(self._home.passwords, self.sent.found)

    @property
    def sent(self) -> Sent:
        """What the request held; looked at once."""
        if self._sent is None:
            self._sent = self._read()
        return self._sent

    def _read(self) -> Sent:
        environ, operation = self.request.environ, self.operation
        credential, headers, in_headers = self._home.secrets.headers(environ)
        found = set(in_headers)
        redaction.text(self.request.path, found)  # which an answer and its reason may quote
        query = ""
        if asked := environ.get("QUERY_STRING"):
            query, in_query = self._home.secrets.query(asked, operation.query if operation else ())
            found |= in_query
        body = ""
        if "CONTENT_LENGTH" in environ:
            data, kind = _body_of(self.request), environ.get("CONTENT_TYPE", "")
            declared = operation.body_fields if operation is not None else frozenset()
            body = redaction.request_body(data, kind, found, declared)
            if operation is not None and operation.confidential:
                redaction.all_that_looks_secret(data, found)
                body = redaction.names_alone(data, declared)
        return Sent(
            credential,
            headers,
            query,
            body,
            frozenset(found) if len(found) > len(in_headers) else in_headers,
            in_headers,
        )

    def _harmless(self, response: Response) -> bool:
        """Whether the answer holds no secret, by its fields or by a look before: nobody needs to look by name."""
        return (
            response.status_code == 200
            and not self.faults
            and self.operation is not None
            and (self.harmless or self.operation.answer_is_harmless)
        )

    def write(self, response: Response) -> None:
        """Put the finished exchange into the journal."""
        deployment, request, environ = self.deployment, self.request, self.request.environ
        silent = self.delivery is not None and not self.delivery.head
        operation, status = self.operation, 0 if silent else response.status_code
        if self.mark is None:  # nothing was touched
            with self:
                pass
        sent, mask = self.sent, self._mask()
        changes, data = self.changes, b"" if silent else b"".join(response.iter_encoded())
        peer = f"{environ['REMOTE_ADDR']}:{port}" if (port := environ.get("REMOTE_PORT")) else ""
        entry = Entry(  # in their order, as names would take twice the time
            deployment.journal.next_number(),
            deployment.airflow.now(),
            request.method,
            request.path,
            sent.query,
            operation.operation_id if operation else None,
            self.principal.name if self.principal else None,
            sent.credential,
            sent.headers,
            sent.body,
            status,
            () if silent else tuple(response.headers),
            "",  # the body, until somebody reads it
            self.decision,
            self.why,
            self.standing,
            changes,
            time.perf_counter() - self.started,
            self.faults,
            self.page,
            self.spoiled or status in deployment.provoked,
            request.root_path,
            self.mark,
            mask,
            self.started,
            peer,
            environ.get("HTTP_HOST", ""),
            request_id(environ),
        )
        confidential = operation is not None and operation.confidential
        held = request.content_length or 0 if changes and "CONTENT_LENGTH" in environ else 0
        unread = Unread(
            entry, data, harmless=self._harmless(response), confidential=confidential, rows=_ROW * len(changes) + held
        )
        self._home.history.weigh(unread.weight)
        deployment.journal.add(unread)
        knows_it = self.principal is not None and not self.principal.anonymous  # or it is a key's, or a token
        self._home.secrets.remember(sent.found - sent.found_in_headers if knows_it else sent.found)


def _body_of(request: RoutedRequest) -> bytes:
    length = request.content_length
    unread = getattr(request.environ["wsgi.input"], "pending", False)
    kept = min(_READ_AGAIN, request.max_content_length or _READ_AGAIN)
    data: bytes = request.get_data(cache=True) if length and length <= kept and not unread else b""
    return data
