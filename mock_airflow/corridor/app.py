"""The corridor that every request walks through.

    deployment chosen -> fault rules (before) -> (a vendor's gate) -> route and method -> the dialect's steps
    -> operation -> answer -> fault rules (after) -> journal

The steps of a dialect stand in its ``take_in``: a real Airflow 2 looks at body and query before it asks who is calling,
an Airflow 3 afterwards (observed). An app is built once per profile, generation and process; which deployment a request
belongs to travels in its WSGI environment.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from functools import cache, partial
from typing import TYPE_CHECKING

from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from mock_airflow.access.admission import INSIDE
from mock_airflow.access.routed import RoutedRequest
from mock_airflow.answers import HTML, Answer, Refusal
from mock_airflow.api.airflow2 import pages
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.openapi import served
from mock_airflow.control.api import API as CONTROL
from mock_airflow.control.guard import asks_for_a_page, refuse_strangers
from mock_airflow.corridor.answers import dressed, response_of, too_large, unexpected
from mock_airflow.corridor.exchange import Exchange
from mock_airflow.corridor.matching import Routes
from mock_airflow.corridor.streaming import may_be_streamed, written_when_over
from mock_airflow.corridor.views import take_body
from mock_airflow.journal.why import Why
from mock_airflow.profiles import base as profiles
from mock_airflow.profiles.base import Profile
from mock_airflow.storage.on_demand import on_demand

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from mock_airflow.api.airflow3 import cross_origin
else:
    (cross_origin,) = on_demand("mock_airflow.api.airflow3", "cross_origin")

log = logging.getLogger("mock_airflow")

_BESIDE = f"{CONTROL.prefix}/deployments", f"{CONTROL.prefix}/page/deployments"  # a hub's, for none of them
_NOT_FOUND = (
    "The requested URL was not found on the server. If you entered the URL manually please check your spelling and "
    "try again."
)
_NOT_ALLOWED = "The method is not allowed for the requested URL."


class Corridor:
    """The WSGI application of a profile. Its map of routes matches the path; the walk of a request is written out here.

    Flask's hooks would scatter it over functions that find each other through the request, at a cost on every request.
    Its contexts would cost as much again, and hold what here is handed from step to step.
    """

    def __init__(self, profile: Profile, generation: int) -> None:
        self.generation = generation
        self.profile = profile
        self.routes = Routes(profile, generation, self.start_page, self.console)
        self.apis = self.routes.apis
        self.switched = [api for api in self.apis if api.switch]

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request and its answer, whatever happens on the way."""
        current = RoutedRequest(environ)
        try:
            self.routes.lead(current)
        except HTTPException as error:  # told when it is that one's turn
            current.routing_exception = error
        try:
            kept = environ["mock_airflow.deployment"].replica is not None
            response = self._walked_in_turn(current) if kept else self.walk(current)
        except Exception:  # a fault of ours beside the answer itself, such as in writing it down
            log.exception("A request failed inside of mock-airflow, and is not in the journal.")
            return InternalServerError()(environ, start_response)
        return response(environ, start_response)

    def _walked_in_turn(self, current: RoutedRequest) -> Response:
        if INSIDE in current.environ or current.path.startswith(_BESIDE):  # of the turn of another request, or of none
            return self.walk(current)
        from mock_airflow.corridor.shared import walk_in_turn

        return walk_in_turn(current, self.walk)

    def walk(self, current: RoutedRequest) -> Response:
        """The walk of one request, and its entry in the journal."""
        exchange = Exchange(current.environ["mock_airflow.deployment"], current, time.perf_counter())
        current.environ["mock_airflow.exchange"] = exchange  # what `serve --verbose` logs from
        if current.url_rule is not None:
            exchange.operation = self.routes.operations.get(current.url_rule.endpoint)
        ours = current.path.startswith(CONTROL.prefix)
        if exchange.deployment.faults.rules and not ours:
            from mock_airflow.faults.course import run

            response = run(exchange, lambda: self._answered(exchange), dressed)
        else:
            response = self._answered(exchange)
        if not ours and response.is_streamed:
            written_when_over(exchange, response)
        elif not ours:
            exchange.write(response)
        if exchange.place is not None:
            exchange.give_place_up()
        if exchange.standing is not None and exchange.standing.held:  # in flight until the answer has gone out
            response.call_on_close(partial(exchange.deployment.limits.release, exchange.standing.who))
        return response

    def _answered(self, exchange: Exchange) -> Response:
        """The answer, as it would go out if nothing went wrong on its way."""
        try:
            response = self._gate(exchange) or self._routed(exchange)
        except HTTPException as error:
            response = self._routing_problem(exchange, error)
        except Exception as error:
            response = unexpected(exchange, error)
        if response.is_streamed and not may_be_streamed(exchange):
            response.make_sequence()
        return dressed(exchange, response)

    def _gate(self, exchange: Exchange) -> Response | None:
        """Before the route is looked at: strangers at the control API, and a vendor's gate."""
        if exchange.request.path.startswith(CONTROL.prefix):
            refused = refuse_strangers(exchange.request, exchange.deployment.settings)
            return response_of(refused) if refused else None
        mount, gateway = exchange.deployment.mount, self.profile.gateway
        if (mount or gateway) and not self._is_vendors(exchange.request):
            unmounted = self._beside_the_mount(exchange) if mount else None
            if unmounted is not None:
                return response_of(unmounted)
            if not gateway:
                return None
            with exchange:
                try:
                    exchange.let_in()
                    exchange.behind_gate = True
                except Refusal as refusal:
                    return response_of(exchange.refused(refusal))
        return None

    def _is_vendors(self, request: RoutedRequest) -> bool:
        rule = request.url_rule
        own = rule is not None and rule.endpoint in self.routes.vendors
        return own and not request.environ.get("mock_airflow.mounted")  # below its mount everything is Airflow's

    def _beside_the_mount(self, exchange: Exchange) -> Answer | None:
        """The answer for a path that is not below where Airflow is mounted, if that is somewhere."""
        if exchange.request.environ.get("mock_airflow.mounted"):
            return None
        with exchange:
            try:
                answer = self.profile.unmounted(exchange.request, exchange.deployment)
            except Refusal as refusal:
                return exchange.refused(refusal)
        if answer is not None:
            exchange.decision = "refused"
            exchange.why = Why(f"Airflow's paths begin with {exchange.deployment.mount} here.")
        return answer

    def _routed(self, exchange: Exchange) -> Response:
        """The answer of the view that the path and the method lead to. Raises HTTPException where none does."""
        current, settings = exchange.request, exchange.deployment.settings
        if self.generation == 3 and cross_origin.is_on(settings):
            asked_beforehand = cross_origin.preflight(current, settings)
            if asked_beforehand is not None and not current.path.startswith(CONTROL.prefix):
                return response_of(asked_beforehand)
        for api in self.switched:
            if current.path.startswith(api.prefix) and not api.served(settings):
                raise NotFound
        if current.routing_exception is not None:
            raise current.routing_exception
        assert current.url_rule is not None
        if exchange.behind_gate and current.url_rule.endpoint in self.routes.vendors:
            raise NotFound
        exchange.dialect = self.routes.dialects.get(current.url_rule.endpoint)
        if current.method == "OPTIONS" and getattr(current.url_rule, "provide_automatic_options", False):
            return self._options(current)
        if "CONTENT_LENGTH" in current.environ:
            take_body(exchange)
        return self.routes.views[current.url_rule.endpoint](exchange, **(current.view_args or {}))

    def _options(self, current: RoutedRequest) -> Response:
        """What methods a path knows."""
        response = Response(mimetype="text/html")
        response.allow.update(self.routes.methods_of(current))
        return response

    @property
    def reference(self) -> str:
        """The path of the page that shows the API's reference to people."""
        return "/docs" if self.generation == 3 else "/api/v1/ui/"

    def start_page(self, exchange: Exchange) -> Response:
        """What whoever comes by is told; who looks by a browser is led to the console."""
        from mock_airflow.control.page.start_page import start_page

        if asks_for_a_page(exchange.request):
            return self.console(exchange, "")
        request = exchange.request
        root = f"{request.root_path.rstrip('/')}{CONTROL.prefix}"
        return response_of(start_page(exchange.deployment, request.host_url.rstrip("/"), root, self.reference))

    def console(self, exchange: Exchange, path: str) -> Response:
        """The pages for people."""
        from mock_airflow.control.page.entry import enter

        return response_of(enter(exchange.deployment, exchange.request, path))

    def _routing_problem(self, exchange: Exchange, error: HTTPException) -> Response:
        """What Airflow answers to a wrong path or method: a problem below its API, a page elsewhere (observed)."""
        request = exchange.request
        if isinstance(error, RequestRedirect):
            location = {"Location": error.new_url}
            return response_of(Answer(error.get_body(request.environ), error.code, HTML, location))
        status = error.code or 500
        if isinstance(error, RequestEntityTooLarge):
            return too_large(exchange, error)
        settings = exchange.deployment.settings
        if self.generation == 3 and not request.path.startswith(CONTROL.prefix):
            from mock_airflow.api.airflow3.routing import unrouted

            return response_of(unrouted(exchange, self.apis, served.PATHS_3, lambda: self._hint(exchange)))
        if CONTROL.covers(request.path):
            return response_of(exchange.problem(Problem(status, error.name, self._hint(exchange), linked=False)))
        if any(api.covers(request.path) and api.served(settings) for api in self.apis):
            title, detail = "Not Found", _NOT_FOUND
            if isinstance(error, MethodNotAllowed):
                title, detail = "Method Not Allowed", _NOT_ALLOWED
            problem = Problem(
                status, title, detail, linked=False, headers={"Vary": "Cookie"}, why=Why(self._hint(exchange))
            )
            return response_of(exchange.problem(problem))
        exchange.why = Why(self._hint(exchange))
        return response_of(Answer(pages.error_page(status), status, HTML, {"Vary": "Cookie"}))

    def _hint(self, exchange: Exchange) -> str:
        """Why no route fits: the API is off, or of another generation, or else the nearest route that exists."""
        from mock_airflow.corridor.hints import in_airflow_3, nearest

        if self.generation == 3 and (moved := in_airflow_3(exchange.request)):
            return moved
        path, settings = exchange.request.path, exchange.deployment.settings
        for api in self.apis:
            if path.startswith(api.prefix) and not api.served(settings):
                return f"{api.prefix} is off, as it is out of the box; the setting {api.switch} turns it on."
        return nearest(exchange.request.method, path, [api for api in self.apis if api.served(settings)])


@cache
def create_app(profile_name: str = "airflow2", generation: int = 2) -> Corridor:
    """The application of a profile, shared by all of its deployments; call it through ``Deployment.wsgi``."""
    return Corridor(profiles.by_name(profile_name), generation)
