"""How a path is matched: among the routes of the collection that it is in, made when somebody asks for a path there.

An Airflow has more than a hundred routes, each with a module's worth of operations behind it. A test asks for a few.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from werkzeug.routing import BaseConverter, Map, MapAdapter, RequestRedirect, Rule

from mock_airflow.api.api import Api
from mock_airflow.api.dialect import Dialect
from mock_airflow.api.openapi import served
from mock_airflow.api.operation import Operation
from mock_airflow.control.api import API as CONTROL
from mock_airflow.corridor.routes import documented
from mock_airflow.corridor.views import View, control_view, document_view, view_of
from mock_airflow.profiles.base import Profile
from mock_airflow.profiles.calls import airflows

if TYPE_CHECKING:
    from mock_airflow.access.routed import RoutedRequest

    Place = tuple[Api, str] | None  # a collection of an API's; None for paths of no API that is described in parts

_BOUND_TO = (
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
    "HTTP_CONNECTION",
    "HTTP_UPGRADE",
)
_SLASHES = re.compile("/{2,}")
_KEPT_ADAPTERS, _KEPT_MATCHES = 64, 2048


class Anything(BaseConverter):
    """What names a thing that may hold slashes, or be empty."""

    regex = ".*?"
    part_isolating = False
    weight = 200


def _no_url(*_: Any) -> NoReturn:
    raise NotImplementedError("Routes are matched here, and not built; nobody asks for the URL of an endpoint.")


class MatchedRule(Rule):
    """A route that is only matched: to prepare for building its URL would take most of the time that an app takes."""

    provide_automatic_options = True

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _no_url


class Routes:
    """The routes of a profile, and what is known of each by its endpoint.

    ``start`` and ``console`` are the views of the control API's pages for people.
    """

    def __init__(self, profile: Profile, generation: int, start: View, console: View) -> None:
        self.generation, self._profile = generation, profile
        self.apis = (*airflows(generation), CONTROL)
        self._apart = [api for api in self.apis if api.is_apart]
        self._maps: dict[Place, Map] = {}
        self._start, self._console = start, console
        self.vendors: set[str] = set()  # endpoints of the vendor's own, which stand beside the gate
        self.views: dict[str, View] = {}
        self.operations: dict[str, Operation] = {}
        self.dialects: dict[str, Dialect] = {}  # only an API's own routes have any (observed)
        self._adapter = lru_cache(_KEPT_ADAPTERS)(self._adapter_for)
        self._matched = lru_cache(_KEPT_MATCHES)(self._match)

    def lead(self, current: RoutedRequest) -> None:
        """Find where the path leads. Raises HTTPException where that is nowhere."""
        environ = current.environ
        path = current.path if environ.get("PATH_INFO") else ""
        bound_to = (*map(environ.get, _BOUND_TO),)
        try:
            current.url_rule, current.view_args = self._matched(path, current.method, bound_to)
        except RequestRedirect:  # which is to lead to the query as well
            adapter = self._adapter(self._place_of(path), *bound_to)
            adapter.match(path, current.method, query_args=environ.get("QUERY_STRING"))

    def _match(self, path: str, method: str, bound_to: tuple[str | None, ...]) -> tuple[Rule, dict[str, Any]]:
        """The rule that a path leads to, and what it holds; found once for those who ask for the same."""
        rule, held = self._adapter(self._place_of(path), *bound_to).match(path, method, return_rule=True)
        return rule, dict(held)

    def methods_of(self, current: RoutedRequest) -> Iterable[str]:
        """What methods a path knows."""
        adapter = self._adapter(self._place_of(current.path), *map(current.environ.get, _BOUND_TO))
        return adapter.allowed_methods(current.path)

    def map_for(self, path: str) -> Map:
        """The routes among which a path is looked for."""
        return self._map_of(self._place_of(path))

    def _place_of(self, path: str) -> Place:
        path = _SLASHES.sub("/", path) if "//" in path else path
        for api in self._apart:
            if path.startswith(api.prefix):
                below = path.removeprefix(api.prefix)
                if not below or below.startswith("/"):
                    return api, api.collection_of(below)
        return None

    def _map_of(self, place: Place) -> Map:
        routes = self._maps.get(place)
        if routes is None:
            routes = self._maps[place] = self._made(  # whoever comes meanwhile makes an equal one
                lambda api: api.within(place[1]) if place and api is place[0] else () if api.is_apart else api,
                lambda path: self._place_of(path) == place,
            )
        return routes

    @cached_property
    def url_map(self) -> Map:
        """All of them; to make it imports every operation."""
        return self._made(lambda api: api, lambda path: True)

    def _adapter_for(self, place: Place, *bound_to: str | None) -> MapAdapter:
        """What matches paths at the server that was asked. Raises HTTPException for a Host that is none."""
        named = {name: value for name, value in zip(_BOUND_TO, bound_to, strict=True) if value is not None}
        return self._map_of(place).bind_to_environ({"REQUEST_METHOD": "GET", **named})

    def _made(self, described: Callable[[Api], Iterable[Operation]], is_wanted: Callable[[str], bool]) -> Map:
        """The routes of what is described of each API, on wanted paths."""
        routes = Map(converters={"anything": Anything}, merge_slashes=self.generation == 2)

        def add(path: str, endpoint: str, view: View, *methods: str, options: bool = True, head: bool = True) -> None:
            """Add one; with ``options`` it tells its methods, and with ``head`` a GET is asked by HEAD too."""
            rule = MatchedRule(path, endpoint=endpoint, methods=[*methods, *(["OPTIONS"] if options else [])])
            rule.provide_automatic_options = options
            if not head and rule.methods is not None:
                rule.methods.discard("HEAD")
            routes.add(rule)
            self.views[endpoint] = view

        for api in (*self.apis[:-1], *self._profile.apis, CONTROL):
            options = self.generation == 2 or api not in self.apis
            head = self.generation == 2 or api is CONTROL  # with Airflow 3 it is a 405 everywhere (observed)
            for operation in described(api):
                if is_wanted(f"{api.prefix}{operation.path}"):
                    endpoint = self._known(api, operation)
                    view = control_view(operation) if api.dialect is None else view_of(operation, api.dialect)
                    add(api.prefix + operation.rule(), endpoint, view, operation.method, options=options, head=head)
            for path, telling in served.PATHS.items() if api in documented(self.generation) else ():
                if is_wanted(f"{api.prefix}{path}"):
                    add(f"{api.prefix}{path}", f"{api.name}{path}", document_view(api, telling), "GET")
                    if api.dialect is not None:
                        self.dialects[f"{api.name}{path}"] = api.dialect
        if is_wanted(f"{CONTROL.prefix}/"):
            add(f"{CONTROL.prefix}/", "start", self._start, "GET")
            add(f"{CONTROL.prefix}/page/<anything:path>", "console", self._console, "GET", "POST")
        stable = self.apis[0]
        for path, telling in served.PATHS_3.items() if self.generation == 3 else ():
            if is_wanted(path):
                add(path, f"v2{path}", document_view(stable, telling), "GET", options=False)
        if self.generation == 2 and is_wanted("/health"):
            assert stable.dialect is not None
            (health,) = stable.within("health")
            add("/health", "health", view_of(health, stable.dialect), "GET")
        return routes

    def _known(self, api: Api, operation: Operation) -> str:
        """The endpoint of an operation, which is known from now on."""
        endpoint = f"{api.name}.{operation.operation_id}"
        self.operations[endpoint] = operation
        if api in self._profile.apis:
            self.vendors.add(endpoint)
        if api.dialect is not None:
            self.dialects[endpoint] = api.dialect
        return endpoint
