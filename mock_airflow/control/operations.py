"""The operations of the control API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mock_airflow._version import __version__
from mock_airflow.access.keys import Issued, Key, KeyProblem
from mock_airflow.access.principals import ROLE_OF_SCOPE
from mock_airflow.answers import NO_CONTENT, Answer
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.airflow2.schema import Field, Schema
from mock_airflow.api.api import Api
from mock_airflow.api.operation import json_answer
from mock_airflow.control import answers
from mock_airflow.control.call import ControlCall
from mock_airflow.control.reading import values_of

API = Api("control", "/__mock__", "Mock Airflow control API")
operation = API.tagged("Control")

_CLOCK = Schema("Clock", Field("now", format="date-time"), Field("frozen", "boolean"), Field("speed", "number"))
_ADVANCE = Schema("Advance", Field("seconds", "number", minimum=0), required=("seconds",))
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


@operation("GET", "/health", "health", access=None, answer=answers.HEALTH)
def health(call: ControlCall) -> Answer:
    """Tell that the server is up, and what it imitates."""
    return json_answer({"status": "ok", "version": __version__, "profile": call.settings.profile})


@operation("POST", "/reset", "reset", access=None, success=204)
def reset(call: ControlCall) -> Answer:
    """Go back to the starting state and empty the journal."""
    call.deployment.reset()
    return NO_CONTENT


def _clock(call: ControlCall) -> Answer:
    clock = call.deployment.clock
    return json_answer({"now": clock.now(), "frozen": clock.frozen, "speed": clock.speed})


@operation("GET", "/clock", "get_clock", access=None, answer=_CLOCK)
def get_clock(call: ControlCall) -> Answer:
    """Tell the clock's moment, whether it stands still, and its speed."""
    return _clock(call)


@operation("PUT", "/clock", "put_clock", access=None, body=_CLOCK, answer=_CLOCK)
def put_clock(call: ControlCall) -> Answer:
    """Set any of the clock's moment, stillness and speed."""
    values: dict[str, Any] = values_of(call)
    clock = call.deployment.clock
    now: datetime | None = values.get("now")
    if now is not None:
        clock.set(now)
    if "speed" in values:
        clock.speed = values["speed"]
    if values.get("frozen") is True:
        clock.freeze()
    elif values.get("frozen") is False:
        clock.unfreeze()
    return _clock(call)


@operation("POST", "/clock/advance", "advance_clock", access=None, body=_ADVANCE, answer=_CLOCK)
def advance_clock(call: ControlCall) -> Answer:
    """Move the clock forward."""
    call.deployment.clock.advance(values_of(call)["seconds"])
    return _clock(call)


def _told(key: Key, call: ControlCall) -> dict[str, Any]:
    """What may be told of a key again and again: all but its value."""
    return {
        "id": key.id,
        "public_id": key.public_id,
        "name": key.name,
        "description": key.description,
        "prefix": key.prefix,
        "suffix": key.suffix,
        "scope": key.scope,
        "tier": key.tier,
        "owner": key.owner,
        "details": key.details,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
        "works": key.ended(call.airflow.now()) is None,
    }


def _issued(issued: Issued, call: ControlCall) -> Answer:
    return json_answer({**_told(issued.key, call), "secret": issued.secret})


def _named(call: ControlCall) -> Key:
    """The key that the path names, by its number, its first characters or the vendor's own id."""
    which: str = call.path["id"]
    try:
        return call.deployment.keys.get(int(which) if which.isdecimal() and len(which) < 8 else which)
    except KeyProblem as problem:
        raise Problem(404, "Not Found", str(problem), linked=False) from None


@operation("GET", "/keys", "list_keys", access=None, answer=answers.KEY, listed="keys")
def list_keys(call: ControlCall) -> Answer:
    """List the keys, revoked ones included, oldest first; never their values."""
    found = [_told(key, call) for key in call.deployment.keys.list()]
    return json_answer({"keys": found, "total_entries": len(found)})


@operation("POST", "/keys", "create_key", access=None, answer=answers.ISSUED_KEY, body=_NEW_KEY)
def create_key(call: ControlCall) -> Answer:
    """Make a key and tell its value this once."""
    values = values_of(call)
    try:
        return _issued(call.deployment.keys.create(**values), call)
    except (OverflowError, ValueError):
        raise KeyProblem(f"A key cannot expire in {values['expires_in']} seconds; that is beyond all dates.") from None


@operation("DELETE", "/keys", "revoke_keys", access=None, success=204)
def revoke_keys(call: ControlCall) -> Answer:
    """Have all keys open nothing from now on."""
    for key in call.deployment.keys.list():
        if key.revoked_at is None:
            call.deployment.keys.revoke(key)
    return NO_CONTENT


@operation("DELETE", "/keys/{id}", "revoke_key", access=None, answer=answers.KEY)
def revoke_key(call: ControlCall) -> Answer:
    """Have a key open nothing from now on."""
    return json_answer(_told(call.deployment.keys.revoke(_named(call)), call))


@operation("GET", "/keys/{id}", "get_key", access=None, answer=answers.KEY)
def get_key(call: ControlCall) -> Answer:
    """Tell one key, by its number, its first characters or the vendor's own id; never its value."""
    return json_answer(_told(_named(call), call))


@operation("POST", "/keys/{id}/expire", "expire_key", access=None, answer=answers.KEY)
def expire_key(call: ControlCall) -> Answer:
    """Have a key's life end now."""
    return json_answer(_told(call.deployment.keys.expire(_named(call)), call))


@operation("POST", "/keys/{id}/rotate", "rotate_key", access=None, answer=answers.ISSUED_KEY)
def rotate_key(call: ControlCall) -> Answer:
    """Give a key a new value, and tell it this once; the old one opens nothing from now on."""
    return _issued(call.deployment.profile.rotate(call.deployment, _named(call)), call)


@operation("GET", "/tokens", "list_tokens", access=None, answer=answers.TOKEN, listed="tokens")
def list_tokens(call: ControlCall) -> Answer:
    """List the tokens that were handed out, oldest first; never their text."""
    now = call.airflow.now()
    told = [
        {
            "number": token.number,
            "kind": token.kind,
            "subject": token.subject,
            "credential": token.credential,
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "ended_at": token.ended_at,
            "works": token.ended_at is None and token.expires_at > now,
        }
        for token in call.deployment.tokens
    ]
    return json_answer({"tokens": told, "total_entries": len(told)})


@operation("POST", "/tokens/expire", "expire_tokens", access=None, answer=answers.EXPIRED)
def expire_tokens(call: ControlCall) -> Answer:
    """Have all tokens of now count as expired; tells how many did count."""
    return json_answer({"expired": call.deployment.tokens.expire_all()})
