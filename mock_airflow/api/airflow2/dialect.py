"""The steps of a request in Airflow 2: what it asks, then who asks, then whether they may (observed)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access.admission import Admission
from mock_airflow.access.principals import NOBODY, read_from
from mock_airflow.answers import HTML, Answer, ApiProblem, Oops
from mock_airflow.api.airflow2 import pages
from mock_airflow.api.airflow2.audit import record_event
from mock_airflow.api.airflow2.body import read_body
from mock_airflow.api.airflow2.parameters import read_query
from mock_airflow.api.airflow2.problems import Problem, bad_request, worded
from mock_airflow.api.dialect import Dialect
from mock_airflow.api.operation import Call, Operation
from mock_airflow.domain.errors import DomainError
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request

    from mock_airflow.settings import Settings


class Dialect2(Dialect):
    """That of Airflow 2's stable API; its other APIs override what they do otherwise."""

    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call, once the request may come in: shape, then credentials, then permission (observed).

        Raises Problem, Oops or Refusal.
        """
        request = admission.request
        body = read_body(operation.body, request) if operation.body is not None else None
        query = self.query_of(operation, request, [])
        principal = admission.principal or NOBODY
        if operation.access is not None:
            principal = admission.principal or admission.let_in()
            dag_id = path.get("dag_id") or query.get("dag_id")  # a filter for one DAG counts as naming it (code)
            missing = operation.access.missing(principal.permissions, None if dag_id == "~" else dag_id or None)
            if missing is not None:
                who = principal.note or f"{principal.name!r} acts as {', '.join(principal.roles) or 'no role'}"
                rule = "no good credential" if principal.anonymous else "permission"
                site = admission.deployment
                where = read_from(request, site.profile.credential_header(site.settings))
                raise Problem(
                    403,
                    "Forbidden",
                    why=Why(f"{who.rstrip('.')}; {missing} is needed.", rule, where, f"a role with {missing}"),
                )
        call = Call(operation, admission.deployment, principal, path, query, body, request.headers)
        if operation.event is not None:
            if "limit" in query:
                _ = call.limit  # a negative one is refused before anything is written (observed)
            record_event(operation.event, call, request)
        return call

    def read_query(self, operation: Operation, sent: Mapping[str, list[str]], faults: list[Any]) -> Mapping[str, Any]:
        """The values of a query. Raises Problem for the first thing that is wrong."""
        return read_query(operation.query, operation.strict, sent)

    def longest_body(self, settings: Settings) -> int | None:
        """How many bytes of a body it takes; None for as many as anything here."""
        return int(settings.allowed_payload_size * 1024 * 1024)

    def worded(self, error: DomainError, call: Call) -> ApiProblem:
        """The answer for a refused verb."""
        return worded(error, call.operation.words)

    def excused(self, oops: Oops) -> ApiProblem:
        """The clean answer where a real Airflow fails, without ``airflow_bugs``."""
        return bad_request(oops.detail)

    def failed(self, oops: Oops) -> Answer:
        """The page that a real Airflow, or its web server, fails with."""
        if oops.bare:
            return Answer(pages.bare_page(), 500, "text/html")
        return Answer(pages.oops_page(), 500, HTML)

    def dress(self, headers: Headers, admission: Admission) -> None:
        """Add the headers of every answer of the API's own routes, and of those alone: cross-origin ones (observed)."""
        settings = admission.deployment.settings
        if settings.access_control_allow_origins or settings.access_control_allow_headers:
            _allow_origins(admission.request, headers, settings)


def _allow_origins(request: Request, headers: Headers, settings: Settings) -> None:
    """Airflow's cross-origin headers: the request's origin if listed, the first listed without one (observed)."""
    if settings.access_control_allow_headers:
        headers["Access-Control-Allow-Headers"] = settings.access_control_allow_headers
    if settings.access_control_allow_methods:
        headers["Access-Control-Allow-Methods"] = settings.access_control_allow_methods
    origins = settings.access_control_allow_origins
    origin = request.headers.get("Origin")
    if origins and (origin is None or origin in origins):
        headers["Access-Control-Allow-Origin"] = origin or origins[0]
