"""Where every request to the console comes in: which page is meant, and what is answered where it is none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from mock_airflow.answers import HTML, Answer, ApiProblem, Oops
from mock_airflow.control.guard import refuse_change
from mock_airflow.control.page import login, notices
from mock_airflow.control.page.page import HEADERS, ConsolePage, ConsoleVisit, PageRoute, root_of
from mock_airflow.control.page.pages import PAGES
from mock_airflow.errors import MockAirflowError

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.deployment import Deployment

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


def enter(deployment: Deployment, request: Request, path: str) -> Answer:
    """The answer of the console to a request for a path below it."""
    if path.startswith("assets/"):
        return _asset(path.removeprefix("assets/"))
    if path in login.PATHS:
        return login.answer(deployment, request, path)
    if not path:
        return Answer("", 303, HTML, {**HEADERS, "Location": f"{root_of(request)}/page/{PAGES[0].name}"})
    try:
        (page, route), values = _map().bind("", path_info=f"/{path}").match(method=_method(request))
    except (NotFound, MethodNotAllowed):
        visit = ConsoleVisit(deployment, request, PAGES[0], PAGES)
        return visit.show("lost.html", 404, path=path)
    visit = ConsoleVisit(deployment, request, page, PAGES)
    if not route.beside:
        if deployment.dag_folder is not None:
            deployment.dag_folder.catch_up(deployment)
        deployment.settle()
    with nullcontext() if route.beside else deployment.lock:
        answer = _carried_out(visit, route, values)
    if visit.notice is not None and answer.status == 200:
        forgotten = notices.told(visit.root, request.is_secure)
        answer = Answer(answer.body, answer.status, HTML, {**answer.headers, "Set-Cookie": forgotten})
    return answer


def _method(request: Request) -> str:
    return "GET" if request.method == "HEAD" else request.method


def _carried_out(visit: ConsoleVisit, route: PageRoute, values: Mapping[str, str]) -> Answer:
    """What the route answers. What it raises is told where its form stands, or else on a page of its own."""
    try:
        if route.method != "GET" and visit.deployment.settings.read_only:
            raise refuse_change("This form would change something")
        return route.handler(visit, **values)
    except MockAirflowError as error:
        sentence, status = str(error), 400
    except ApiProblem as problem:
        sentence, status = problem.detail or problem.title or "", problem.status
    except Oops as oops:
        sentence, status = oops.detail, 400
    if route.method == "GET":
        return visit.show("problem.html", status, sentence=sentence)
    return visit.back(_where_from(visit), sentence, problem=True)


def _where_from(visit: ConsoleVisit) -> str:
    """The path below the page on which a form stood, by what the browser tells."""
    came = urlsplit(visit.request.headers.get("Referer", ""))
    below = came.path.removeprefix(visit.home)
    if came.netloc != visit.request.host or below == came.path or below[:1] not in ("", "/"):
        return ""
    return below + (f"?{came.query}" if came.query else "")


@cache
def _map() -> Map:
    found = Map(merge_slashes=False, strict_slashes=False)
    for page in PAGES:
        for route in page.routes:
            found.add(_Placed(page, route))
    return found


class _Placed(Rule):
    """A rule that leads to a page's route."""

    def __init__(self, page: ConsolePage, route: PageRoute) -> None:
        super().__init__(f"/{page.name}{route.path}", endpoint=(page, route), methods=[route.method])


@cache
def _assets() -> dict[str, bytes]:
    folder = files("mock_airflow.control.page").joinpath("assets")
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name.rpartition(".")[2] in _TYPES}


def _asset(name: str) -> Answer:
    found = _assets().get(name)
    if found is None:
        return Answer("There is no such file.\n", 404, "text/plain; charset=utf-8", HEADERS)
    return Answer(found, 200, _TYPES[name.rpartition(".")[2]], HEADERS)
