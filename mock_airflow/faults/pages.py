"""Statuses in the words of whoever stands in front of Airflow, or in its own.

The pages of nginx and of Amazon's load balancer are short and the same everywhere; of Cloudflare's long page there is
the title, by which clients tell it, and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course

# Where these servers' words differ from the standard's.
_PHRASES = {
    408: "Request Time-out",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
_CLOUDFLARE = {
    520: "Web server is returning an unknown error",
    521: "Web server is down",
    522: "Connection timed out",
    523: "Origin is unreachable",
    524: "A timeout occurred",
    525: "SSL handshake failed",
    526: "Invalid SSL certificate",
}


def phrase(status: int) -> str:
    """The standard's words for a status; empty for one that it does not know."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _plain_page(status: int, foot: str) -> str:
    title = f"{status} {_PHRASES.get(status) or phrase(status)}".rstrip()
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n{foot}"
        "</body>\r\n</html>\r\n"
    )


def _nginx(status: int, course: Course) -> Response:
    return _page(status, _plain_page(status, "<hr><center>nginx</center>\r\n"), "text/html", {"Server": "nginx"})


def _load_balancer(status: int, course: Course) -> Response:
    return _page(status, _plain_page(status, ""), "text/html", {"Server": "awselb/2.0"})


def _cloudflare(status: int, course: Course) -> Response:
    title = _CLOUDFLARE.get(status) or phrase(status)
    ray = f"{course.number:016x}"
    page = (
        f'<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<title>{course.request.host} | {status}: {title}</title>\n'
        f'<meta charset="UTF-8" />\n</head>\n<body>\n<h1>{title} <span>Error code {status}</span></h1>\n'
        f"<p>Cloudflare Ray ID: {ray}</p>\n</body>\n</html>\n"
    )
    return _page(status, page, "text/html; charset=UTF-8", {"Server": "cloudflare", "CF-RAY": f"{ray}-AMS"})


def _own(status: int, course: Course) -> Response:
    """What the profile answers with such a status, dressed as each of its answers."""
    answer = course.deployment.profile.failure(status, course.deployment)
    response = _page(status, answer.body, answer.content_type, dict(answer.headers))
    return course.dress(response)


PAGES: dict[str, Callable[[int, Course], Response]] = {
    "api": _own,
    "nginx": _nginx,
    "alb": _load_balancer,
    "cloudflare": _cloudflare,
}


def page_of(status: int, page: str | None, course: Course) -> Response:
    """The answer with a status; unless a page is named, by whoever commonly sends that status."""
    if page is None:
        page = "nginx" if status in (502, 503, 504) else "cloudflare" if status in _CLOUDFLARE else "api"
    return PAGES[page](status, course)


def _page(status: int, body: str | bytes, content_type: str, headers: dict[str, str]) -> Response:
    response = Response(body, status, content_type=content_type)
    response.headers.update(headers)
    if not phrase(status):
        response.status = f"{status} {_CLOUDFLARE.get(status, 'Unknown')}"
    return response
