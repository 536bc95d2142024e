"""The Flask app and the corridor that every request walks through.

    deployment chosen -> fault rules (before) -> (a vendor's gate) -> route and method -> shape -> authenticate
    -> rate limit -> authorise -> operation -> answer -> fault rules (after) -> journal

The order is observed on a real Airflow 2, which looks at body and query before it asks who is calling. An app is built
once per profile and process; which deployment a request belongs to travels in its WSGI environment.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from functools import cache, partial
from io import BytesIO
from typing import Any, NoReturn, cast

from flask import Flask, Request, Response, request
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import BaseConverter, RequestRedirect, Rule

from mock_airflow._version import __version__
from mock_airflow.access.principals import NOBODY, Refusal
from mock_airflow.api.airflow2 import pages
from mock_airflow.api.airflow2.body import read_body
from mock_airflow.api.airflow2.dialect import Manners, let_in
from mock_airflow.api.airflow2.parameters import read_query
from mock_airflow.api.airflow2.problems import Oops, Problem, bad_request
from mock_airflow.api.experimental import API as EXPERIMENTAL
from mock_airflow.api.fab import API as FAB
from mock_airflow.api.openapi import served
from mock_airflow.api.operation import HTML, Answer, Api, Call, Operation
from mock_airflow.api.ui import API as UI
from mock_airflow.api.v1 import API as V1
from mock_airflow.control.guard import refuse_strangers
from mock_airflow.control.operations import API as CONTROL
from mock_airflow.corridor.exchange import Exchange
from mock_airflow.domain.errors import DomainError
from mock_airflow.errors import MockAirflowError
from mock_airflow.journal.pattern import Route
from mock_airflow.limits.headers import limit_headers
from mock_airflow.limits.limits import Standing
from mock_airflow.profiles import base as profiles
from mock_airflow.profiles.base import Profile

log = logging.getLogger("mock_airflow")

View = Callable[..., Response]

MAXIMUM_BODY = 16 * 1024 * 1024
_NOT_FOUND = (
    "The requested URL was not found on the server. If you entered the URL manually please check your spelling and "
    "try again."
)
_NOT_ALLOWED = "The method is not allowed for the requested URL."
_SERVER = ("Server", f"mock-airflow/{__version__}")
_EVERYWHERE = {
    2: (("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex, nofollow"), _SERVER),
    3: (("Vary", "Accept-Encoding"), _SERVER),
}


def airflows(generation: int) -> tuple[Api, ...]:
    """The APIs that an Airflow of this generation has; those of 3 are imported only for one."""
    if generation == 3:
        from mock_airflow.api.fab3 import API as FAB3
        from mock_airflow.api.simple_auth import API as SIMPLE_AUTH
        from mock_airflow.api.v2 import API as V2

        return (V2, FAB3, SIMPLE_AUTH)
    return (V1, FAB, EXPERIMENTAL, UI)


_WHOLE = ("path", "anything")  # converters that take slashes


class _Anything(BaseConverter):
    """What names a thing that may hold slashes, or be empty."""

    regex = ".*?"
    part_isolating = False
    weight = 200


class _NoSession(SessionInterface):
    """Flask opens a session for every request; nothing here has one of Flask's."""

    _nothing = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        return self._nothing


def _no_url(*_: Any) -> NoReturn:
    raise NotImplementedError("Routes are matched here, and not built; nobody asks for the URL of an endpoint.")


class _Route(Rule):
    """A route that is only matched: to prepare for building its URL would take most of the time that an app takes."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _no_url


class _BoundedRequest(Request):
    """A request whose route says how large a body it takes."""

    _longest: int | None = MAXIMUM_BODY

    @property
    def max_content_length(self) -> int | None:
        """The most bytes that are read of a body."""
        return self._longest

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._longest = value


class Corridor(Flask):
    """The Flask app of a profile. Flask matches the path; the walk from there on is written out here.

    Flask's hooks would scatter it over functions that find each other through the request, at a cost on every request.
    """

    session_interface = _NoSession()
    request_class = _BoundedRequest
    url_rule_class = _Route

    def __init__(self, profile: Profile, generation: int) -> None:
        super().__init__("mock_airflow", static_folder=None, template_folder=None)
        self.generation = generation
        self.apis = (*airflows(generation), CONTROL)
        self.switched = [api for api in self.apis if api.switch]
        self.url_map.converters["anything"] = _Anything
        self.url_map.merge_slashes = generation == 2
        self.profile = profile
        self.vendors: set[str] = set()  # endpoints of the vendor's own, which stand beside the gate
        self.operations: dict[str, Operation] = {}  # by endpoint
        self.manners: dict[str, Manners] = {}  # by endpoint; only an API's own routes have any (observed)

    def full_dispatch_request(self, *_: Any) -> Response:
        """One request and its answer, whatever happens on the way."""
        current: Request = cast("Any", request)._get_current_object()  # spares a look-up at each later use
        exchange = Exchange(current.environ["mock_airflow.deployment"], current, time.perf_counter())
        current.environ["mock_airflow.corridor.exchange"] = exchange  # what `serve --verbose` logs from
        if current.url_rule is not None:
            exchange.operation = self.operations.get(current.url_rule.endpoint)
        ours = current.path.startswith(CONTROL.prefix)
        if exchange.deployment.faults.rules and not ours:
            from mock_airflow.faults.course import run

            response = run(exchange, lambda: self._answered(exchange), _dressed)
        else:
            response = self._answered(exchange)
        if not ours:
            exchange.write(response)
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
            response = _unexpected(exchange, error)
        return _dressed(exchange, response)

    def _gate(self, exchange: Exchange) -> Response | None:
        """Before the route is looked at: strangers at the control API, and a vendor's gate."""
        if exchange.request.path.startswith(CONTROL.prefix):
            refused = refuse_strangers(exchange.request, exchange.deployment.settings)
            return _response(refused) if refused else None
        if not self._is_vendors(exchange.request):
            unmounted = self._beside_the_mount(exchange)
            if unmounted is not None:
                return _response(unmounted)
            if not self.profile.gateway:
                return None
            with exchange:
                try:
                    let_in(exchange, self.profile, self.profile.authenticate)
                    exchange.behind_gate = True
                except Refusal as refusal:
                    return _response(exchange.refused(refusal))
        return None

    def _is_vendors(self, request: Request) -> bool:
        rule = request.url_rule
        if rule is None or rule.endpoint not in self.vendors:
            return False
        return not request.environ.get("mock_airflow.mounted")  # below its mount everything is Airflow's

    def _beside_the_mount(self, exchange: Exchange) -> Answer | None:
        """The answer for a path that is not below where Airflow is mounted, if that is somewhere."""
        if not exchange.deployment.mount or exchange.request.environ.get("mock_airflow.mounted"):
            return None
        with exchange:
            try:
                answer = self.profile.unmounted(exchange.request, exchange.deployment)
            except Refusal as refusal:
                return exchange.refused(refusal)
        if answer is not None:
            exchange.decision = "refused"
            exchange.reason = f"Airflow's paths begin with {exchange.deployment.mount} here."
        return answer

    def _routed(self, exchange: Exchange) -> Response:
        """The answer of the view that the path and the method lead to. Raises HTTPException where none does."""
        current = exchange.request
        for api in self.switched:
            if current.path.startswith(api.prefix) and not api.served(exchange.deployment.settings):
                raise NotFound
        if current.routing_exception is not None:
            raise current.routing_exception
        assert current.url_rule is not None
        if exchange.behind_gate and current.url_rule.endpoint in self.vendors:
            raise NotFound
        exchange.manners = self.manners.get(current.url_rule.endpoint)
        if current.method == "OPTIONS" and getattr(current.url_rule, "provide_automatic_options", False):
            return self.make_default_options_response()
        if "CONTENT_LENGTH" in current.environ:
            _take_body(exchange)
        view = cast("View", self.view_functions[current.url_rule.endpoint])
        return view(exchange, **(current.view_args or {}))

    def forget_heads(self) -> None:
        """Have HEAD asked of no route: with Airflow 3 it is a 405 everywhere (observed)."""
        for rule in self.url_map.iter_rules():
            if not rule.rule.startswith(CONTROL.prefix) and rule.methods is not None:
                rule.methods.discard("HEAD")

    def _routing_problem(self, exchange: Exchange, error: HTTPException) -> Response:
        """What Airflow answers to a wrong path or method: a problem below its API, a page elsewhere (observed)."""
        request = exchange.request
        if isinstance(error, RequestRedirect):
            location = {"Location": error.new_url}
            return _response(Answer(error.get_body(request.environ), error.code, HTML, location))
        status = error.code or 500
        if isinstance(error, RequestEntityTooLarge):
            return _too_large(exchange, error)
        settings = exchange.deployment.settings
        if self.generation == 3 and not request.path.startswith(CONTROL.prefix):
            from mock_airflow.api.airflow3.routing import unrouted

            return _response(unrouted(exchange, self.apis, lambda: self._hint(exchange)))
        if any(api.covers(request.path) and api.served(settings) for api in self.apis):
            title, detail = "Not Found", _NOT_FOUND
            if isinstance(error, MethodNotAllowed):
                title, detail = "Method Not Allowed", _NOT_ALLOWED
            problem = Problem(
                status, title, detail, linked=False, headers={"Vary": "Cookie"}, reason=self._hint(exchange)
            )
            return _response(exchange.problem(problem))
        exchange.reason = self._hint(exchange)
        return _response(Answer(pages.error_page(status), status, HTML, {"Vary": "Cookie"}))

    def _hint(self, exchange: Exchange) -> str:
        """Why no route fits: the API is off, or else the nearest route that exists."""
        from mock_airflow.corridor.hints import nearest

        path, settings = exchange.request.path, exchange.deployment.settings
        for api in self.apis:
            if path.startswith(api.prefix) and not api.served(settings):
                return f"{api.prefix} is off, as it is out of the box; the setting {api.switch} turns it on."
        return nearest(exchange.request.method, path, [api for api in self.apis if api.served(settings)])


@cache
def create_app(profile_name: str = "airflow2", generation: int = 2) -> Corridor:
    """The Flask app of a profile, shared by all of its deployments; call it through ``Deployment.wsgi``."""
    profile = profiles.by_name(profile_name)
    app = Corridor(profile, generation)
    for api, operation in routes(profile, generation):
        endpoint = f"{api.name}.{operation.operation_id}"
        if api in profile.apis:
            app.vendors.add(endpoint)
        app.operations[endpoint] = operation
        view = _control_view(operation)
        if api.manners is not None:
            view = _view(operation, profile, api.manners)
            app.manners[endpoint] = api.manners
        own = {"provide_automatic_options": False} if generation == 3 and api in app.apis else {}
        app.add_url_rule(api.prefix + operation.rule(), endpoint, view, methods=[operation.method], **own)
    if generation == 3:
        app.forget_heads()
    for api in (V1, FAB, CONTROL) if generation == 2 else (CONTROL,):
        for path, telling in served.PATHS.items():
            endpoint = f"{api.name}{path}"
            app.add_url_rule(api.prefix + path, endpoint, _document_view(api, telling), methods=["GET"])
            if api.manners is not None:
                app.manners[endpoint] = api.manners
    if generation == 2:
        health = _view(V1.operations["get_health"], profile, Manners())
        app.add_url_rule("/health", "health", health, methods=["GET"])
    return app


def _document_view(api: Api, telling: served.Telling) -> View:
    """The view of what an API tells of itself."""
    return lambda exchange: _response(telling(api, exchange))


def _view(operation: Operation, profile: Profile, manners: Manners) -> View:
    """The view of an operation of Airflow's."""

    def view(exchange: Exchange, **path: Any) -> Response:
        exchange.operation = operation
        if exchange.deployment.dag_folder is not None:
            exchange.deployment.dag_folder.catch_up(exchange.deployment)
        with exchange:
            exchange.deployment.settle_in_slices(exchange.collect)
            try:
                answer = _carry_out(manners.take_in(operation, profile, exchange, path), manners)
                exchange.page = answer.page
                if answer.refusal is not None:
                    exchange.refused(answer.refusal)
            except Refusal as refusal:
                answer = exchange.refused(refusal)
            except Problem as problem:
                answer = exchange.problem(problem)
            except Oops as oops:
                answer = exchange.oops(oops, manners)
            except RecursionError:
                answer = exchange.oops(Oops("A value is nested too deep to be worked on."), manners)
        return _response(answer)

    return view


def _take_body(exchange: Exchange) -> None:
    """Read the body, before anything is locked, as its client may take its time. Raises RequestEntityTooLarge.

    One that came in chunks is not refused but cut, since nothing announced its length (observed).
    """
    request, environ = exchange.request, exchange.request.environ
    longest = exchange.manners.longest_body(exchange.deployment.settings) if exchange.manners else None
    if longest is not None:
        request.max_content_length = longest
        if environ.get("mock_airflow.chunked") and int(environ["CONTENT_LENGTH"]) > longest:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(longest))
            environ["CONTENT_LENGTH"] = str(longest)
    request.get_data(cache=True)


def _too_large(exchange: Exchange, error: RequestEntityTooLarge) -> Response:
    """What is answered to a body that is not read: the framework's page, where Airflow bounds it (observed)."""
    request, settings = exchange.request, exchange.deployment.settings
    if exchange.manners is None or exchange.manners.longest_body(settings) is None:
        return _response(exchange.problem(Problem(413, "Payload Too Large", error.description, linked=False)))
    exchange.decision = "refused"
    exchange.reason = (
        f"The body has {request.content_length} bytes, and the setting allowed_payload_size lets in"
        f" {request.max_content_length}."
    )
    return _response(Answer(pages.too_large_page(), 413, HTML))


def _carry_out(call: Call, manners: Manners) -> Answer:
    """The handler's answer. What it changed is taken back when it refuses or fails."""
    airflow = call.airflow
    mark = len(airflow.changes)
    try:
        return call.operation.handler(call)
    except BaseException as error:
        if isinstance(error, Refusal) and error.changes_stay:
            raise
        airflow.undo(airflow.changes[mark:])
        del airflow.changes[mark:]
        if isinstance(error, DomainError):
            raise manners.worded(error, call) from None
        raise


def _control_view(operation: Operation) -> View:
    """The view of an operation of our own."""

    def view(exchange: Exchange, **path: Any) -> Response:
        deployment, request = exchange.deployment, exchange.request
        try:
            body = read_body(operation.body, request) if operation.body is not None else None
            query = read_query(operation.query, True, request.args.to_dict(flat=False))
            call = Call(operation, deployment, NOBODY, path, query, body, request.headers)
            with deployment.lock:
                return _response(operation.handler(call))
        except MockAirflowError as error:
            return _response(exchange.problem(bad_request(str(error))))
        except Problem as problem:
            return _response(exchange.problem(problem))
        except Oops as oops:
            return _response(exchange.problem(bad_request(oops.detail)))

    return view


def _unexpected(exchange: Exchange, error: Exception) -> Response:
    """A fault of ours: told in the log with its traceback, to the client as a page."""
    path, trace = exchange.without_secrets(exchange.request.path), exchange.without_secrets(traceback.format_exc())
    log.error("The request %s %s failed inside of mock-airflow.\n%s", exchange.request.method, path, trace)
    exchange.decision, exchange.reason = "failed", f"mock-airflow itself failed with {type(error).__name__}."
    return _response(Answer(pages.oops_page(), 500, HTML))


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, content_type=answer.content_type)
    if answer.status == 204 and answer.content_type:
        response.headers["Content-Type"] = answer.content_type
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response


def _dressed(exchange: Exchange, response: Response) -> Response:
    """The answer with the headers that every answer of Airflow carries."""
    headers = response.headers
    for name, value in _EVERYWHERE[exchange.deployment.generation]:
        headers.add(name, value)
    if exchange.manners is not None:
        exchange.manners.dress(headers, exchange)
    if exchange.behind_gate:
        deployment = exchange.deployment
        response = cast("Response", deployment.profile.sent(exchange.request, response, deployment))
    if exchange.standing is not None:
        _tell_limits(exchange, exchange.standing, response)
    if exchange.reason:
        exchange.explain(response)
    return response


def _tell_limits(exchange: Exchange, standing: Standing, response: Response) -> None:
    """Add the headers that tell of the limits."""
    deployment = exchange.deployment
    style = deployment.limits.terms.headers or deployment.profile.limit_headers
    response.headers.update(limit_headers(style, standing, deployment.airflow.now()))


@cache
def known_calls(profile: Profile, generation: int = 2) -> tuple[Route, ...]:
    """What clients of a profile may ask for, documents included; the control API is not theirs."""
    found = [
        Route(
            operation.method,
            api.prefix,
            operation.path,
            operation.operation_id,
            frozenset(name for name, converter in operation.converters.items() if converter in _WHOLE),
        )
        for api, operation in routes(profile, generation)
        if api is not CONTROL
    ]
    if generation == 2:
        found += [Route("GET", api.prefix, path) for api in (V1, FAB) for path in served.PATHS]
        found.append(Route("GET", "", "/health"))
    return tuple(found)


def routes(profile: Profile, generation: int = 2) -> list[tuple[Api, Operation]]:
    """Every operation that a profile's deployments serve, with its API."""
    return [(api, operation) for api in (*airflows(generation), *profile.apis, CONTROL) for operation in api]
