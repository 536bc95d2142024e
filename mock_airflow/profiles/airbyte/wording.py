"""The words of Airbyte's refusals, by edition.

Code: the kinds of bodies and which case gets which (airbyte-platform). Assumed: the body of a refused bearer token, and
the answer to one request too many; settings of the profile choose among what was seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_airflow.answers import JSON, Answer, Refusal, compact
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from mock_airflow.access.site import Site

_ERRORS = "https://reference.airbyte.com/reference/errors#"
_STATUSES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


def written(value: Any, status: int = 200) -> Answer:
    """A value as Airbyte's server writes it."""
    return Answer(compact(value), status)


def hal(path: str, message: str, status: int) -> str:
    """An error in Micronaut's own form."""
    return compact(
        {
            "message": _STATUSES[status],
            "_links": {"self": {"href": path, "templated": False}},
            "_embedded": {"errors": [{"message": message, "_links": {}, "_embedded": {}}]},
        }
    )


def error_id(deployment: Site) -> str:
    """An error of which only the server's log tells more."""
    return compact({"errorId": deployment.airflow.ids.uuid("error")})


def problem(status: int, title: str, detail: str, data: dict[str, Any]) -> str:
    """An error of the public API; its content type is that of any JSON (code)."""
    kind = f"{_ERRORS}{title}"
    return compact(
        {"status": status, "type": kind, "title": title, "detail": detail, "documentationUrl": None, "data": data}
    )


def _refused(status: int, title: str, detail: str, data: dict[str, Any], why: Why) -> Refusal:
    return Refusal(status=status, body=problem(status, title, detail, data), content_type=JSON, why=why)


def unauthorized(deployment: Site, path: str, why: Why) -> Refusal:
    """The refusal of a bearer token, or of none."""
    bodies = {
        "hal": hal(path, "Unauthorized", 401),
        "empty": "",
        "problem": problem(401, "invalid-api-key", "The API key is invalid.", {"message": "Invalid API key"}),
    }
    return Refusal(
        status=401,
        body=bodies[deployment.settings.airbyte_unauthorized_body],
        content_type=JSON,
        why=why._replace(
            read_from="the Authorization header",
            would_pass="an access token of an application, as Authorization: Bearer <token>",
        ),
    )


def forbidden(reason: str, would_pass: str) -> Refusal:
    """What the public API answers to somebody known who may not do that."""
    data = {"message": "User does not have the required permissions."}
    why = Why(reason, rule="scope", read_from="the Authorization header", would_pass=would_pass)
    return _refused(403, "forbidden", "The request is forbidden.", data, why)


def bad_request(message: str) -> Refusal:
    """What the public API answers to a parameter or field that cannot be."""
    why = Why(message, rule="request shape", would_pass="the same request with values that the public API takes")
    return _refused(400, "bad-request", "The request could not be processed.", {"message": message}, why)


def not_found(kind: str, name: str) -> Refusal:
    """What the public API answers for something that does not exist."""
    data = {"resourceType": kind, "resourceId": name}
    why = Why(f"There is no {kind} {name!r}.", rule="existence")
    return _refused(404, "resource-not-found", "The requested resource was not found.", data, why)


def throttled(message: str, why: Why) -> Refusal:
    """What the public API answers to one request too many, with a title that no page tells (assumed)."""
    return _refused(429, "too-many-requests", "Too many requests were made.", {"message": message}, why)


def failed(deployment: Site, status: int, reason: str, rule: str = "request shape") -> Refusal:
    """An error of which a client gets to know no more than a number."""
    return Refusal(status=status, body=error_id(deployment), content_type=JSON, why=Why(reason, rule=rule))
