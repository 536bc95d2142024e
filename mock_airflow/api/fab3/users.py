"""Users of the FAB auth manager. Their dates have no zone (observed)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec.structs import replace
from pydantic import Field, SecretStr

from mock_airflow.access.digests import digest
from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.body import Body, LooseBody
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.fab3.api import API
from mock_airflow.api.fab3.lists import UPDATE_MASK, page_by, told
from mock_airflow.api.operation import Call
from mock_airflow.domain import users
from mock_airflow.domain.errors import EmailTakenError, RolesUnknownError, UsernameTakenError, UserNotFoundError
from mock_airflow.domain.records import User

operation = API.tagged("FabAuthManager")

Text = Annotated[str, Field(min_length=1)]
_WORDS: Any = {
    UserNotFoundError: "The User with username `{username}` was not found",
}
_FIELDS = ("username", "email", "first_name", "last_name", "roles", "password")
_KEYS: Any = {name: (lambda user, name=name: getattr(user, name)) for name in (*_FIELDS[:4], "id", "active")}
_KEYS["user_id"] = lambda user: user.id


class RoleName(LooseBody):
    """A role by its name; more keys are passed over."""

    name: str


class NewUser(Body):
    """A user to be made."""

    username: Text
    email: Text
    first_name: Text
    last_name: Text
    roles: list[RoleName] | None = None
    password: SecretStr


class UserChange(Body):
    """What of a user changes; null changes nothing."""

    username: Text | None = None
    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    roles: list[RoleName] | None = None
    password: SecretStr | None = None


def _view(user: User) -> dict[str, Any]:
    """A user as just written: the roles as they were given."""
    return {
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "roles": [{"name": name} for name in user.roles],
        "active": user.active,
        "last_login": _without_zone(user.last_login),
        "login_count": user.login_count,
        "fail_login_count": user.fail_login_count,
        "created_on": _without_zone(user.created_on),
        "changed_on": _without_zone(user.changed_on),
    }


def _kept(call: Call, user: User) -> dict[str, Any]:
    """A user as read: the roles as they were made."""
    made = {role.name: role.id for role in call.airflow.roles}
    return _view(replace(user, roles=tuple(sorted(user.roles, key=lambda name: made.get(name, 0)))))


def _without_zone(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=None).isoformat()


def _roles(given: list[RoleName] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role.name for role in given or ()))


@operation(
    "POST", "/users", access=on("POST", "Users"), answer="UserResponse", refuses=(409,), body=NewUser, confidential=True
)
def create_user(call: Call) -> Answer:
    """Make a user."""
    body = call.body
    if users.named(call.airflow, body.username) is not None:
        raise Detail(409, f"Username `{body.username}` already exists. Use PATCH to update.")
    if call.airflow.users.lookup("email", body.email) is not None:
        raise Detail(409, f"The email `{body.email}` is already taken.")
    names = _roles(body.roles)
    _see_known(call, names)
    if not names:
        raise Detail(500, "Default registration role is not configured or not found.")
    made = users.create(
        call.airflow,
        username=body.username,
        email=body.email,
        first_name=body.first_name,
        last_name=body.last_name,
        password_digest=digest(body.password.get_secret_value()),
        roles=names,
        otherwise=None,
    )
    return answer(_view(made))


def _see_known(call: Call, names: tuple[str, ...]) -> None:
    unknown = [repr(name) for name in names if name not in call.airflow.roles]
    if unknown:
        raise Detail(400, f"Unknown roles: {', '.join(unknown)}")


@operation("GET", "/users", access=on("GET", "Users"), answer="UserCollectionResponse", query=page_by("id"))
def get_users(call: Call) -> Answer:
    """List users."""
    return told(
        call, "users", sorted(call.airflow.users, key=lambda user: user.id), _KEYS, lambda user: _kept(call, user)
    )


@operation("GET", "/users/{username}", access=on("GET", "Users"), answer="UserResponse", words=_WORDS)
def get_user(call: Call) -> Answer:
    """Read a user."""
    return answer(_kept(call, users.get(call.airflow, call.path["username"])))


@operation(
    "PATCH",
    "/users/{username}",
    access=on("PUT", "Users"),
    answer="UserResponse",
    refuses=(404, 409),
    query=(UPDATE_MASK,),
    body=UserChange,
    words=_WORDS,
    confidential=True,
)
def update_user(call: Call) -> Answer:
    """Change what of a user was sent, and is in the mask if there is one."""
    body, user = call.body, users.get(call.airflow, call.path["username"])
    mask = call.query["update_mask"]
    chosen = _FIELDS if mask is None else tuple(part.strip() for part in mask.split(",") if part.strip())
    sent: dict[str, Any] = {name: getattr(body, name) for name in _FIELDS if getattr(body, name) is not None}
    if "roles" in sent:
        sent["roles"] = _roles(body.roles)
    if "password" in sent:
        sent["password"] = digest(body.password.get_secret_value())
    try:
        unknown = [repr(name) for name in chosen if name not in _FIELDS]
        values = {"username": call.path["username"], "email": user.email, **sent}
        only = [name for name in chosen if name in values and name in sent]
        changed = users.change(call.airflow, call.path["username"], values, only if not unknown else ())
    except (UsernameTakenError, EmailTakenError, RolesUnknownError) as error:
        raise _taken(error, body) from None
    if unknown:
        raise Detail(400, f"Unknown update masks: {', '.join(unknown)}")
    return answer(_view(changed))


def _taken(error: Exception, body: UserChange) -> Detail:
    if isinstance(error, UsernameTakenError):
        return Detail(409, f"The username `{body.username}` already exists")
    if isinstance(error, EmailTakenError):
        return Detail(409, f"The email `{body.email}` already exists")
    assert isinstance(error, RolesUnknownError)
    return Detail(400, f"Unknown roles: {error.names['listed']}")


@operation("DELETE", "/users/{username}", access=on("DELETE", "Users"), words=_WORDS, success=204)
def delete_user(call: Call) -> None:
    """Delete a user."""
    users.delete(call.airflow, call.path["username"])
