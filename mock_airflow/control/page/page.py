"""A page of the console: what it shows by path, what its forms do, and the visit of somebody who looks at it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.access.principals import NOBODY
from mock_airflow.answers import HTML, Answer
from mock_airflow.control.api import API, DEPLOYMENTS
from mock_airflow.control.call import ControlCall
from mock_airflow.control.page import notices
from mock_airflow.control.page.rendering import moment, render, time_of
from mock_airflow.control.reading import checked, read_query

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Request

    from mock_airflow.deployment import Deployment

Handler = Callable[..., Answer]


class PageRoute(NamedTuple):
    """What is done at a path below its page. One that is ``beside`` the deployment does not hold it meanwhile."""

    method: str
    path: str
    handler: Handler
    beside: bool


class ConsolePage:
    """One entry of the navigation, with every path below it.

    ``name`` is its first part of the path, ``title`` what people read. ``key`` is the letter that leads to it.
    """

    def __init__(self, name: str, title: str, key: str) -> None:
        self.name, self.title, self.key = name, title, key
        self.routes: list[PageRoute] = []

    def shows(self, path: str = "", *, beside: bool = False) -> Callable[[Handler], Handler]:
        """The decorator of what answers GET at a path below the page, in werkzeug's form, called with the visit."""
        return self._at("GET", path, beside)

    def does(self, path: str, *, beside: bool = False) -> Callable[[Handler], Handler]:
        """The decorator of what a form does; it ends with ``visit.back(...)``. What it raises is told on the page."""
        return self._at("POST", path, beside)

    def asks(self, path: str, operation_id: str, said: str, *, body: Any = None) -> None:
        """Have a form do what an operation of the control API does; ``said`` has names of the path and the answer."""

        def handler(visit: ConsoleVisit, **names: Any) -> Answer:
            told = visit.ask(operation_id, body=body, **names) or {}
            return visit.back(said=said.format(**{**names, **told}))

        self.does(path)(handler)

    def _at(self, method: str, path: str, beside: bool) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.routes.append(PageRoute(method, path, handler, beside))
            return handler

        return register


@dataclass(frozen=True)
class ConsoleVisit:
    """One request of somebody who looks at a page."""

    deployment: Deployment
    request: Request
    page: ConsolePage
    pages: tuple[ConsolePage, ...]  # of the navigation

    @property
    def root(self) -> str:
        """Where the control API is reached, for links: the deployment's own path in a hub stands before it."""
        return root_of(self.request)

    @property
    def home(self) -> str:
        """The path of the page."""
        return f"{self.root}/page/{self.page.name}"

    @property
    def form(self) -> MultiDict[str, str]:
        """What a form sent."""
        return self.request.form

    def given(self, *names: str) -> dict[str, str]:
        """Of what a form sent, the fields of these names that are filled in, without the blanks around."""
        return {name: text for name in names if (text := self.form.get(name, "").strip())}

    def ask(self, operation_id: str, *, query: Mapping[str, Any] | None = None, body: Any = None, **path: str) -> Any:
        """What the control API answers, parsed; ``path`` are the names in its path.

        Raises Problem or MockAirflowError where it refuses.
        """
        return _parsed(self.answer(operation_id, query=query, body=body, **path))

    def answer(
        self, operation_id: str, *, query: Mapping[str, Any] | None = None, body: Any = None, **path: str
    ) -> Answer:
        """What the control API answers, as it is; raises what ``ask`` does."""
        operation = API.operations[operation_id]
        read = read_query(operation.query, {name: [str(value)] for name, value in (query or {}).items()})
        sent = checked(operation.body, body) if operation.body is not None else None
        call = ControlCall(
            operation, self.deployment, NOBODY, path, read, sent, self.request.headers, sent=self.request
        )
        if operation.tag == DEPLOYMENTS:  # those are beside this one
            return operation.answered(call)
        with self.deployment.lock:
            return operation.answered(call)

    def show(self, template: str, status: int = 200, **values: Any) -> Answer:
        """The page, by a template beside the others; it knows ``visit`` besides."""
        return Answer(render(template, visit=self, **values), status, HTML, HEADERS)

    def back(self, path: str = "", said: str = "", *, problem: bool = False) -> Answer:
        """Lead to a path below the page, where ``said`` is told once."""
        headers = {**HEADERS, "Location": f"{self.home}{path}"}
        if said:
            headers["Set-Cookie"] = notices.kept(said, problem=problem, root=self.root, secure=self.request.is_secure)
        return Answer("", 303, HTML, headers)

    def machine_time(self, at: datetime | str) -> str:
        """What this machine's clock shows, or showed, at a moment of the deployment's."""
        setting, wanted = self.deployment.clock.setting, time_of(at)
        if setting.frozen and wanted != setting.at:
            return "The deployment's clock stands still, so this is no moment of this machine's."
        if wanted < setting.at:
            return "The deployment's clock was moved since, so this is no moment of this machine's."
        seconds = setting.wall + (wanted - setting.at).total_seconds() / setting.speed
        try:
            machine = datetime.fromtimestamp(seconds, timezone.utc)
        except (OverflowError, ValueError, OSError):
            return "This machine's clock will not get there."
        return f"{moment(machine)} UTC by this machine's clock"

    def called_at(self, began: float) -> str:
        """What this machine's clock showed when a call came, by the seconds of its own counting."""
        if self.deployment.replica is not None:  # another machine may have answered it
            return "By which machine's clock is not known, as several may answer."
        machine = self.deployment.clock.real() - timedelta(seconds=time.perf_counter() - began)
        return f"{moment(machine)} UTC by this machine's clock"

    @cached_property
    def notice(self) -> notices.Notice | None:
        """What is to be told once."""
        return notices.read(self.request)


# Nothing but what the installed package brings, and nothing written into a page, may run or style it.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def root_of(request: Request) -> str:
    """Where the control API is reached."""
    return f"{request.root_path.rstrip('/')}{API.prefix}"


def _parsed(answer: Answer) -> Any:
    return json.loads(answer.body) if answer.body else None
