"""How an API takes a request in and words what it refuses.

One object an API carries, so that the walk of a request is written once and an API says only what it does differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access.admission import let_in
from mock_airflow.access.principals import NOBODY, read_from
from mock_airflow.api.airflow2 import pages
from mock_airflow.api.airflow2.audit import record_event
from mock_airflow.api.airflow2.body import read_body
from mock_airflow.api.airflow2.parameters import read_query
from mock_airflow.api.airflow2.problems import Oops, Problem, bad_request, worded
from mock_airflow.api.operation import HTML, Answer, Call, Operation
from mock_airflow.domain.errors import DomainError
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request

    from mock_airflow.corridor.exchange import Exchange
    from mock_airflow.profiles.base import Profile
    from mock_airflow.settings import Settings


class Dialect:
    """Those of Airflow 2's stable API; another API overrides what it does otherwise."""

    def take_in(self, operation: Operation, profile: Profile, exchange: Exchange, path: Mapping[str, Any]) -> Call:
        """The call, once the request may come in: shape, then credentials, then permission (observed).

        Raises Problem, Oops or Refusal.
        """
        request = exchange.request
        body = read_body(operation.body, request) if operation.body is not None else None
        query = read_query(operation.query, operation.strict, request.args.to_dict(flat=False))
        principal = exchange.principal or NOBODY
        if operation.access is not None:
            principal = exchange.principal or let_in(exchange, profile, profile.authenticate)
            dag_id = path.get("dag_id") or query.get("dag_id")  # a filter for one DAG counts as naming it (code)
            missing = operation.access.missing(principal.permissions, None if dag_id == "~" else dag_id or None)
            if missing is not None:
                who = principal.note or f"{principal.name!r} acts as {', '.join(principal.roles) or 'no role'}"
                rule = "no good credential" if principal.anonymous else "permission"
                raise Problem(
                    403,
                    "Forbidden",
                    why=Why(
                        f"{who.rstrip('.')}; {missing} is needed.", rule, read_from(request), f"a role with {missing}"
                    ),
                )
        call = Call(operation, exchange.deployment, principal, path, query, body, request.headers)
        if operation.event is not None:
            if "limit" in query:
                _ = call.limit  # a negative one is refused before anything is written (observed)
            record_event(operation.event, call, request)
        return call

    def longest_body(self, settings: Settings) -> int | None:
        """How many bytes of a body it takes; None for as many as anything here."""
        return int(settings.allowed_payload_size * 1024 * 1024)

    def worded(self, error: DomainError, call: Call) -> Problem:
        """The answer for a refused verb."""
        return worded(error, call.operation.words)

    def excused(self, oops: Oops) -> Problem:
        """The clean answer where a real Airflow fails, without ``airflow_bugs``."""
        return bad_request(oops.detail)

    def failed(self, oops: Oops) -> Answer:
        """The page that a real Airflow, or its web server, fails with."""
        if oops.bare:
            return Answer(pages.bare_page(), 500, "text/html")
        return Answer(pages.oops_page(), 500, HTML)

    def dress(self, headers: Headers, exchange: Exchange) -> None:
        """Add the headers of every answer of the API's own routes, and of those alone: cross-origin ones (observed)."""
        settings = exchange.deployment.settings
        if settings.access_control_allow_origins or settings.access_control_allow_headers:
            _allow_origins(exchange.request, headers, settings)


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
