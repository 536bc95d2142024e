"""The keys in the control API."""

from __future__ import annotations

from typing import Any

from mock_airflow.access.keys import Issued, Key
from mock_airflow.access.principals import ROLE_OF_SCOPE
from mock_airflow.answers import Answer
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.operation import json_answer
from mock_airflow.control import answers
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import not_found, values_of
from mock_airflow.errors import AccessKeyError

_NEW_KEY = Schema(
    "NewKey",
    Field("name"),
    Field("description"),
    Field("scope", enum=tuple(ROLE_OF_SCOPE)),
    Field("tier", nullable=True),
    Field("owner"),
    Field("expires_in", "number", nullable=True, minimum=0),
    Field("secret"),
)


def _told(key: Key, call: ControlCall) -> dict[str, Any]:
    """What may be told of a key again and again: all but its value."""
    return answers.told(answers.KEY, key, works=key.ended(call.airflow.now()) is None)


def _issued(issued: Issued, call: ControlCall) -> Answer:
    return json_answer({**_told(issued.key, call), "secret": issued.secret})


def _named(call: ControlCall) -> Key:
    """The key that the path names, by its number, its first characters or the vendor's own id."""
    which: str = call.path["id"]
    try:
        return call.deployment.keys.get(int(which) if which.isdecimal() and len(which) < 8 else which)
    except AccessKeyError as problem:
        raise not_found(problem) from None


@operation("GET", "/keys", access=None, answer=answers.KEY, listed="keys")
def list_keys(call: ControlCall) -> Answer:
    """List the keys, revoked ones included, oldest first; never their values."""
    return answers.listing("keys", [_told(key, call) for key in call.deployment.keys.list()])


@operation("POST", "/keys", access=None, answer=answers.ISSUED_KEY, body=_NEW_KEY)
def create_key(call: ControlCall) -> Answer:
    """Make a key and tell its value this once."""
    values = values_of(call)
    try:
        return _issued(call.deployment.keys.create(**values), call)
    except (OverflowError, ValueError):
        raise AccessKeyError(
            f"A key cannot expire in {values['expires_in']} seconds; that is beyond all dates."
        ) from None


@operation("DELETE", "/keys", access=None, success=204)
def revoke_keys(call: ControlCall) -> None:
    """Have all keys open nothing from now on."""
    for key in call.deployment.keys.list():
        if key.revoked_at is None:
            call.deployment.keys.revoke(key)


@operation("DELETE", "/keys/{id}", access=None, answer=answers.KEY)
def revoke_key(call: ControlCall) -> Answer:
    """Have a key open nothing from now on."""
    return json_answer(_told(call.deployment.keys.revoke(_named(call)), call))


@operation("GET", "/keys/{id}", access=None, answer=answers.KEY)
def get_key(call: ControlCall) -> Answer:
    """Tell one key, by its number, its first characters or the vendor's own id; never its value."""
    return json_answer(_told(_named(call), call))


@operation("POST", "/keys/{id}/expire", access=None, answer=answers.KEY)
def expire_key(call: ControlCall) -> Answer:
    """Have a key's life end now."""
    return json_answer(_told(call.deployment.keys.expire(_named(call)), call))


@operation("POST", "/keys/{id}/rotate", access=None, answer=answers.ISSUED_KEY)
def rotate_key(call: ControlCall) -> Answer:
    """Give a key a new value, and tell it this once; the old one opens nothing from now on."""
    return _issued(call.deployment.profile.rotate(call.deployment, _named(call)), call)
