"""Who a request is, and why one was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.access.permissions import Permissions
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.installation.role_wording import actions_in
from mock_airflow.domain.records import Role

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

ROLE_OF_SCOPE = {"read-only": "Viewer", "read-write": "User", "admin": "Admin"}
SCOPE_OF_ROLE = {role: scope for scope, role in ROLE_OF_SCOPE.items()}


class Principal(NamedTuple):
    """Who a request is: a name, the roles it acts with and the credential it showed.

    ``note`` tells of an anonymous one why the credential it may have shown was not taken.
    """

    name: str
    roles: tuple[str, ...]
    permissions: Permissions
    credential_id: str
    scope: str | None = None
    tier: str | None = None
    anonymous: bool = False
    note: str = ""


NOBODY = Principal(name="anonymous", roles=(), permissions=frozenset(), credential_id="anonymous", anonymous=True)


def permissions_of(airflow: Airflow, roles: Sequence[str], generation: int) -> Permissions:
    """Everything that the named roles allow together, in the names of that generation; unknown roles allow nothing."""
    if len(roles) == 1:
        role = airflow.roles.get(roles[0])
        return frozenset() if role is None else _of_role(role, generation)
    return frozenset().union(
        *(_of_role(role, generation) for name in roles if (role := airflow.roles.get(name)) is not None)
    )


def behind_gate(
    airflow: Airflow, owner: str, scope: str, generation: int, *, credential_id: str, tier: str | None = None
) -> Principal:
    """Who a vendor's credential acts as in the Airflow behind the gate.

    One with the scope admin may do what its owner's roles allow, if that is a user here; any other acts with the role
    that its scope maps to.
    """
    user = airflow.users.get(owner)
    roles: tuple[str, ...] = (ROLE_OF_SCOPE[scope],)
    if user is not None and user.active and scope == "admin":
        roles = user.roles
    return Principal(
        name=owner,
        roles=roles,
        permissions=permissions_of(airflow, roles, generation),
        credential_id=credential_id,
        scope=scope,
        tier=tier,
    )


_known: dict[tuple[int, int], tuple[Role, Permissions]] = {}


def _of_role(role: Role, generation: int) -> Permissions:
    kept = _known.get((id(role), generation))
    if kept is not None and kept[0] is role:
        return kept[1]
    permissions = frozenset(actions_in(role, generation))
    if len(_known) > 512:
        _known.clear()
    _known[id(role), generation] = (role, permissions)
    return permissions


def read_from(request: Request, header: str) -> str:
    """Where the credential of a request would be read, in that header or a cookie; in words, for explanations."""
    if header in request.headers:
        return f"the {header} header"
    return "the session cookie" if "session" in request.cookies else "nowhere: none was sent"


def scheme_seen(header: str) -> str:
    """What may be told of an Authorization header that was not taken: its scheme, and never what may be a key."""
    scheme, space, _ = header.strip().partition(" ")
    return f"the scheme {scheme[:20]!r}" if space and scheme.isalpha() else "no scheme"
