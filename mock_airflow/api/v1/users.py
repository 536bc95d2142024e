"""Users."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mock_airflow.access.digests import digest
from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer, Oops
from mock_airflow.api.airflow2.parameters import ORDER_BY, PAGE, UPDATE_MASK
from mock_airflow.api.airflow2.problems import Problem, Words, bad_request
from mock_airflow.api.airflow2.schema import Field, Schema, as_read_only
from mock_airflow.api.fab import in_both
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain import users
from mock_airflow.domain.errors import EmailTakenError, UsernameTakenError, UserNotAddableError
from mock_airflow.domain.query import Order, paged
from mock_airflow.domain.records import User

operation = in_both(API, "User")


def _without_zone(name: str) -> Field:
    """A time of the user management's, which it keeps and tells without a zone (observed)."""

    def read(user: User) -> datetime | None:
        moment: datetime | None = getattr(user, name)
        return moment and moment.replace(tzinfo=None)

    return Field(name, of=read, nullable=True, format="datetime")


_ROLE = Schema("UserRole", Field("name", of=lambda name: name, max_length=64), demanded=("name",), nullable=True)
_FIELDS = (
    Field("first_name", max_length=256),
    Field("last_name", max_length=256),
    Field("username", min_length=1, max_length=512),
    Field("email", min_length=1, max_length=512),
    *as_read_only(
        Field("active", "boolean", nullable=True),
        _without_zone("last_login"),
        Field("login_count", "integer", nullable=True),
        # Airflow's document says failed_, its answers say fail_ (observed)
        Field("failed_login_count", "integer", of="fail_login_count", nullable=True, answered=False),
        Field("fail_login_count", "integer", nullable=True, documented=False, loadable=False),
    ),
    Field("roles", "array", items=Field("", "object", schema=_ROLE, nullable=True, load_none=False)),
    *as_read_only(_without_zone("created_on"), _without_zone("changed_on")),
)
USER_ITEM = Schema("UserCollectionItem", *_FIELDS)
USER = Schema(
    "User",
    *_FIELDS,
    Field("password", write_only=True, max_length=256),
    demanded=("first_name", "last_name", "username", "email"),
)

_ORDERS = ("id", "first_name", "last_name", "email")
_BROKEN_ORDERS = ("user_name", "is_active", "role")
_ON_POST = {
    UsernameTakenError: Words("Conflict", "Username `{username}` already exists. Use PATCH to update."),
    EmailTakenError: Words("Conflict", "The email `{email}` is already taken."),
}
_ON_PATCH = {
    UsernameTakenError: Words("Conflict", "The username `{username}` already exists"),
    EmailTakenError: Words("Conflict", "The email `{email}` already exists"),
}


@operation("GET", "/users", access=on("GET", "Users"), query=(*PAGE, ORDER_BY), answer=USER_ITEM, listed="users")
def get_users(call: Call) -> Answer:
    """List users."""
    limit = call.limit
    order = call.query.get("order_by", "id")
    if order in _BROKEN_ORDERS:
        raise Oops(f"Users have no attribute {order!r} to sort by, though Airflow allows it.")
    if order not in _ORDERS:
        raise bad_request(f"Ordering with '{order}' is disallowed or the attribute does not exist on the model")
    rows = sorted(call.airflow.users, key=lambda user: user.id)  # as they were made where the order has them alike
    return call.collection("users", USER_ITEM, paged(rows, order=Order(order), offset=call.offset, limit=limit))


@operation("POST", "/users", access=on("POST", "Users"), body=USER, answer=USER, words=_ON_POST, conflicts=True)
def post_user(call: Call) -> Answer:
    """Make a user; one without roles gets that of the public."""
    form = _form(call)
    password, roles = form.pop("password", digest("")), form.pop("roles", [])
    public = call.settings.auth_role_public
    try:
        return call.one(
            USER, users.create(call.airflow, **form, password_digest=password, roles=roles, otherwise=public)
        )
    except UserNotAddableError as error:
        if not call.settings.airflow_bugs:
            raise
        raise Problem(500, "Internal Server Error", f"Failed to add user `{form['username']}`.") from error


@operation("GET", "/users/{username}", access=on("GET", "Users"), answer=USER_ITEM)
def get_user(call: Call) -> Answer:
    """Read a user."""
    return call.one(USER_ITEM, users.get(call.airflow, call.path["username"]))


@operation(
    "PATCH",
    "/users/{username}",
    access=on("PUT", "Users"),
    query=(UPDATE_MASK,),
    body=USER,
    answer=USER_ITEM,
    words=_ON_PATCH,
    conflicts=True,
)
def patch_user(call: Call) -> Answer:
    """Change a user; the body has to be whole even if ``update_mask`` names only a part of it."""
    mask = call.query.get("update_mask")
    only = None if mask is None else [name.strip() for name in mask]
    return call.one(USER_ITEM, users.change(call.airflow, call.path["username"], _form(call), only))


@operation("DELETE", "/users/{username}", access=on("DELETE", "Users"), success=204)
def delete_user(call: Call) -> None:
    """Delete a user, who cannot log in from then on."""
    users.delete(call.airflow, call.path["username"])


def _form(call: Call) -> dict[str, Any]:
    """The body, its roles as names and its password as a digest."""
    form = call.load()
    if "roles" in form:
        form["roles"] = [role["name"] for role in form["roles"]]
    if "password" in form:
        form["password"] = digest(form["password"])
    return form
