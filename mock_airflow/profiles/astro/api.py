"""What Astro's API has in common: its prefixes, its errors, who may call, pages of lists, and what it tells of whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mock_airflow.access.principals import Principal
from mock_airflow.answers import JSON, Answer, Refusal, Unidentified, compact
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call, Handler
from mock_airflow.journal.why import UNSAID, Why
from mock_airflow.profiles.astro.identity import AstroActor, identify
from mock_airflow.profiles.base import acting
from mock_airflow.profiles.dialect import SIGNED_IN, VendorDialect

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.profiles.astro.estate import AstroEstate

# The same resources by the versions that are in use: the public API of now, its parts before, and the command line's.
V1, PLATFORM, IAM, ALPHA = "/v1", "/platform/v1beta1", "/iam/v1beta1", "/v1alpha1"
_HIGHEST_LIMIT = 1000
_NAMES = {401: "no identity", 403: "permission", 404: "not found", 400: "bad request"}


def refused(deployment: Site, status: int, message: str, why: Why = UNSAID) -> Refusal:
    """The API's form of an error (code)."""
    body = {"message": message, "requestId": deployment.airflow.ids.uuid("request"), "statusCode": status}
    return Refusal(
        status=status,
        body=compact(body),
        content_type=JSON,
        why=why._replace(
            reason=why.reason or message, rule=why.rule or _NAMES[status], read_from="the Authorization header"
        ),
    )


def not_found(call: Call, what: str, id: str) -> Refusal:
    """That something does not exist, or belongs to somebody else (assumed: its words)."""
    return refused(call.deployment, 404, f"{what} not found", Why(f"There is no {what} {id!r}."))


def bad_request(call: Call, message: str) -> Refusal:
    """That the request makes no sense (assumed: its words)."""
    return refused(call.deployment, 400, f"Invalid request: {message}")


class ApiDialect(VendorDialect):
    """A bearer token first, whosever it is; each operation then looks at its roles."""

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whoever Astro knows, whatever that may do. Raises Refusal."""
        try:
            actor = identify(request, deployment)
        except Unidentified as nobody:
            raise refused(
                deployment,
                401,
                "Invalid authorization token",
                nobody.why._replace(would_pass="Authorization: Bearer <an API token, or what a key was exchanged for>"),
            ) from None
        roles = actor.airflow_roles(deployment.vendor.main_id, deployment.vendor)
        return principal_of(actor, roles, deployment)

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """The API's answer to a body that is not JSON (assumed)."""
        return refused(deployment, 400, "Invalid request: the body is not valid JSON", Why(rule="malformed body"))


def principal_of(actor: AstroActor, roles: tuple[str, ...], deployment: Site) -> Principal:
    """An actor with these roles of Airflow's."""
    name = actor.user.username if actor.user is not None else actor.name or actor.id
    return acting(deployment, name, roles, actor.credential_id, actor.key)


API = Api("astro", "", "Astro API", dialect=ApiDialect())


def at(tag: str, prefixes: Sequence[str], method: str, path: str, operation_id: str) -> Callable[[Handler], Handler]:
    """Describe an operation of an organization that stands below each of these prefixes."""

    def register(handler: Handler) -> Handler:
        for prefix in prefixes:
            version = prefix.strip("/").replace("/", "_")
            describe = API.tagged(tag)
            describe(method, f"{prefix}/organizations{path}", f"{operation_id}_{version}", access=SIGNED_IN)(handler)
        return handler

    return register


def actor_of(call: Call) -> AstroActor:
    """Who calls; the dialect has asked already, so it is somebody."""
    return identify(call.request, call.deployment)


def of_organization(call: Call) -> AstroEstate:
    """The organization that the path names, for whoever has to do with it. Raises Refusal."""
    estate: AstroEstate = call.deployment.vendor
    if call.path["organization_id"] != estate.organization_id:
        raise refused(
            call.deployment,
            403,
            "User does not have permission to access this organization",
            Why(
                f"{call.principal.name!r} has nothing to do with the organization {call.path['organization_id']!r}.",
                would_pass=f"the organization {estate.organization_id}",
            ),
        )
    return estate


def demand(call: Call, allowed: bool, needed: str) -> None:
    """Refuse an actor who may not. Raises Refusal."""
    if not allowed:
        raise refused(
            call.deployment,
            403,
            "User does not have the required permissions for this operation",
            Why(f"{call.principal.name!r} may not; {needed} is needed.", would_pass=needed),
        )


def fields(call: Call) -> Mapping[str, Any]:
    """The body, which has to be an object. Raises Refusal."""
    if not isinstance(call.body, Mapping):
        raise bad_request(call, "a JSON object is expected")
    return call.body


def text(call: Call, name: str, *, required: bool = True) -> str:
    """A text of the body; empty where it is left out and need not be there. Raises Refusal."""
    value = fields(call).get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise bad_request(call, f"{name} is required" if value in (None, "") else f"{name} is a text")
    return value


def page(call: Call, name: str, rows: Iterable[Mapping[str, Any]]) -> Answer:
    """A page of a list, by ``offset`` and ``limit``. Raises Refusal."""
    every = list(rows)
    offset, limit = _whole(call, "offset", 0, 0), _whole(call, "limit", 20, 1)
    shown = every[offset : offset + limit]
    return told({name: shown, "offset": offset, "limit": limit, "totalCount": len(every)})


def _whole(call: Call, name: str, default: int, least: int) -> int:
    given = call.query.get(name, str(default))
    if not given.isdecimal() or not least <= int(given) <= (_HIGHEST_LIMIT if name == "limit" else 10**9):
        raise bad_request(call, f"{name} is out of range")
    return int(given)


def several(call: Call, name: str) -> list[str]:
    """All values of a parameter that may stand in the query more than once, or with commas between."""
    return [part for value in call.request.args.getlist(name) for part in value.split(",") if part]


def told(value: Any) -> Answer:
    """An answer as the API lays it out."""
    return Answer(compact(value))


def moment(at: datetime | None) -> str | None:
    """A time as the API tells it."""
    return None if at is None else at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def subject(actor: AstroActor) -> dict[str, str]:
    """Who did something, as the API tells it."""
    if actor.user is None:
        return {"id": actor.id, "subjectType": "SERVICEKEY", "apiTokenName": actor.name}
    return {"id": actor.id, "subjectType": "USER", "fullName": actor.name, "username": actor.user.username}
