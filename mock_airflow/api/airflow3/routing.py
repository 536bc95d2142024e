"""What Airflow 3 answers to a path or a method that it does not have (observed)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mock_airflow.access.admission import Admission
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.pages import FRONT_END
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Operation
from mock_airflow.journal.why import Why

_REMOVED = "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead."
_MOVED = "Moved in Airflow 3. Please change config to check `/api/v2/monitor/health`"
_DECLARED_FIRST = ("bulk_dag_runs",)  # a real one knows it before the list of runs (observed)


def unrouted(admission: Admission, apis: Iterable[Api], pages: Iterable[str], hint: Callable[[], str]) -> Answer:
    """The answer where no operation fits: 404 for GET, else 405 with the first method that the path has.

    ``pages`` are the paths of the documents, which take HEAD besides GET.
    """
    settings = admission.deployment.settings
    path, method = admission.request.path, admission.request.method
    if path.startswith("/auth/") and settings.fab_auth_manager:
        from mock_airflow.api.fab3.pages import page

        return page(admission)
    if path.startswith("/execution/"):  # what workers talk to, and nobody else
        return _refused(admission, Detail(404, "Not Found", why=Why(hint())))
    if method == "GET":
        if path.startswith("/api/v1/"):
            return _refused(admission, Detail(404, _REMOVED, key="error", why=Why(hint())))
        if path == "/health":
            return _refused(admission, Detail(404, _MOVED, key="error"))
        if path.startswith(("/static/", "/auth/static/")):
            return _refused(admission, Detail(404, "Not Found", why=Why(hint())))
        if not path.startswith("/api/"):
            return FRONT_END  # the front end, which finds its own way
        return _refused(admission, Detail(404, "API route not found", key="error", why=Why(hint())))
    served = (each for each in apis if each.served(settings))
    known = "GET, HEAD" if path in pages else next((each.method for each in _there(path, served)), "GET")
    return _refused(admission, Detail(405, "Method Not Allowed", headers={"Allow": known}, why=Why(hint())))


def _refused(admission: Admission, problem: Detail) -> Answer:
    admission.decision, admission.why = "refused", problem.why
    return problem.answer("")


def _there(path: str, apis: Iterable[Api]) -> Iterable[Operation]:
    """The operations whose path fits, in the order of their declaration."""
    found = [op for api in apis for op in api if path.startswith(api.prefix) and op.fits(path.removeprefix(api.prefix))]
    return sorted(found, key=lambda op: op.operation_id not in _DECLARED_FIRST)
