"""What Airflow 3 answers to a path or a method that it does not have (observed)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mock_airflow.access.admission import Admission
from mock_airflow.answers import HTML, Answer
from mock_airflow.api.airflow2.pages import NOTICE
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Operation
from mock_airflow.journal.why import Why

_REMOVED = "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead."
_MOVED = "Moved in Airflow 3. Please change config to check `/api/v2/monitor/health`"
_PAGE = (
    "<!doctype html>\n<html lang='en'><head><title>Airflow</title></head>"
    f"<body><div id='root'>{NOTICE}</div></body></html>\n"
)
NO_PAGE = Answer(
    "<!DOCTYPE html>\n<html lang='en'><head><title>Airflow 404</title></head><body><p>Airflow 404</p></body></html>\n",
    404,
    HTML,
)  # of the FAB auth manager


def unrouted(admission: Admission, apis: Iterable[Api], hint: Callable[[], str]) -> Answer:
    """The answer where no operation fits: 404 for GET, else 405 with the first method that the path has."""
    request = admission.request
    path, method = request.path, request.method
    if method == "GET":
        if path.startswith("/api/v1"):
            return _refused(admission, Detail(404, _REMOVED, key="error", why=Why(hint())))
        if path == "/health":
            return _refused(admission, Detail(404, _MOVED, key="error"))
        if path.startswith("/auth/") and admission.deployment.settings.fab_auth_manager:
            return Answer(_PAGE, 200, HTML) if path in ("/auth/login", "/auth/login/") else NO_PAGE
        if not path.startswith("/api/"):
            return Answer(_PAGE, 200, HTML)  # the front end, which finds its own way
        return _refused(admission, Detail(404, "API route not found", key="error", why=Why(hint())))
    known = next((each.method for each in _there(path, apis)), "GET")
    return _refused(admission, Detail(405, "Method Not Allowed", headers={"Allow": known}, why=Why(hint())))


def _refused(admission: Admission, problem: Detail) -> Answer:
    admission.decision, admission.why = "refused", problem.why
    return problem.answer("")


def _there(path: str, apis: Iterable[Api]) -> Iterable[Operation]:
    """The operations whose path fits, in the order of their declaration."""
    return (op for api in apis for op in api if op.fits(path.removeprefix(api.prefix)) and path.startswith(api.prefix))
