"""The failures by name: how each is arranged. A new one is a function with a decorator.

Each acts on the credential that the deployment handed out first, which is what a client under test holds, or on the
calls that it makes. Everything is undone by ``restore`` or ``reset``, as it is state and rules like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from mock_airflow.access.keys import Key
from mock_airflow.access.passwords import add_user
from mock_airflow.domain.records import User
from mock_airflow.errors import FailureError
from mock_airflow.profiles.base import Probe
from mock_airflow.settings.spelling import hint

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

Arrange = Callable[["Deployment"], Probe]
READ = Probe("GET", "/dags", api=True)


class Failure(NamedTuple):
    """One entry: its name, what it is in a sentence, how it is arranged, and what kind of thing it is.

    ``arrange`` gives the request in front of which it is met, and ``passing`` is how many like it pass before.
    """

    name: str
    title: str
    kind: str
    arrange: Arrange
    passing: int = 0


CATALOGUE: dict[str, Failure] = {}


def _entry(name: str, kind: str, passing: int = 0) -> Callable[[Arrange], Arrange]:
    def register(arrange: Arrange) -> Arrange:
        CATALOGUE[name] = Failure(name, (arrange.__doc__ or "").strip(), kind, arrange, passing)
        return arrange

    return register


def named(name: object) -> Failure:
    """The failure of this name. Raises FailureError."""
    if not isinstance(name, str) or name not in CATALOGUE:
        raise FailureError(f"There is no failure {name!r}; {hint(name, CATALOGUE, 'there are')}")
    return CATALOGUE[name]


def _key(deployment: Deployment) -> Key | None:
    """The key that the first credential holds; None for one that is a user's password."""
    for value in deployment.credentials.values():
        key = deployment.keys.by_public_id(value) or deployment.keys.find(value)
        if key is not None:
            return key
    return None


def _user(deployment: Deployment) -> User:
    """The user whose password the first credential is. Raises FailureError when it is nobody's any more."""
    user = deployment.airflow.users.get(deployment.credentials.get("username", ""))
    if user is None:
        raise FailureError(
            "The first credential is unknown already, so nothing else can become of it; `reset` or `restore` brings it"
            " back."
        )
    return user


def _not_here(deployment: Deployment, why: str) -> FailureError:
    return FailureError(f"The profile {deployment.profile.name!r} has no such failure: {why}.")


# ------------------------------------------------------------------------------------------- what the client sends


@_entry("no-credential", "credential")
def _no_credential(deployment: Deployment) -> Probe:
    """The request arrives without its credential."""
    deployment.faults.add("*", credential="none")
    return READ


@_entry("malformed-header", "credential")
def _malformed_header(deployment: Deployment) -> Probe:
    """The credential arrives cut off after its first letters."""
    deployment.faults.add("*", credential="malformed")
    return READ


@_entry("wrong-scheme", "credential")
def _wrong_scheme(deployment: Deployment) -> Probe:
    """The credential arrives under a scheme that the profile does not read."""
    deployment.faults.add("*", credential="wrong-scheme")
    return READ


# ---------------------------------------------------------------------------------------- what became of the credential


@_entry("unknown-key", "credential")
def _unknown_key(deployment: Deployment) -> Probe:
    """The key was deleted, so that nobody knows it any more; the user, where there are only users."""
    key, username = _key(deployment), deployment.credentials.get("username")
    if key is not None:
        deployment.keys.delete(key)
        deployment.tokens.revoke_of(key.public_id)
    elif username is not None:
        deployment.airflow.users.delete(username)
        return _signing_in(deployment, username)
    return deployment.profile.exchange(deployment.credentials, deployment.settings) or READ


def _signing_in(deployment: Deployment, username: str) -> Probe:
    """The request at which a user is missed: the sign-in, where tokens are signed in for, else any."""
    deployment.tokens.revoke_of(f"user:{username}")
    return deployment.profile.exchange(deployment.credentials, deployment.settings) or READ


@_entry("revoked", "credential")
def _revoked(deployment: Deployment) -> Probe:
    """The key was revoked, and the tokens that it was exchanged for with it; the user was made inactive."""
    key = _key(deployment)
    if key is None:
        user = _user(deployment)
        deployment.airflow.users.put(replace(user, active=False))
        return _signing_in(deployment, user.username)
    deployment.keys.revoke(key)
    deployment.tokens.revoke_of(key.public_id)
    return deployment.profile.exchange(deployment.credentials, deployment.settings) or READ


@_entry("expired", "credential")
def _expired(deployment: Deployment) -> Probe:
    """The key's time is over; where it is exchanged for tokens, the time of all of these."""
    if deployment.profile.exchange(deployment.credentials, deployment.settings) is not None:
        deployment.faults.add("GET *", times=1, expire_credential=True)
        return READ
    key = _key(deployment)
    if key is None:
        _user(deployment)
        raise _not_here(deployment, "a password has no end; expire a session by moving the clock 30 days")
    deployment.keys.expire(key)
    return READ


@_entry("expired-between-pages", "credential", passing=1)
def _expired_between_pages(deployment: Deployment) -> Probe:
    """One page is read, and at the next one the credential has expired; calls with a new one pass."""
    deployment.faults.add("GET *", after=1, times=1, expire_credential=True)
    return READ


@_entry("token-expires-mid-poll", "credential", passing=2)
def _token_expires_mid_poll(deployment: Deployment) -> Probe:
    """Two reads of a run pass, and at the third the credential has expired; calls with a new one pass."""
    deployment.faults.preset("token-expires-mid-poll")
    return Probe("GET", "/dags/any/dagRuns/any", api=True)


# -------------------------------------------------------------------------------------------------- what it is good for


@_entry("wrong-deployment", "permission")
def _wrong_deployment(deployment: Deployment) -> Probe:
    """The credential is good, but for another deployment; where keys know no deployment, it is unknown here."""
    key = _key(deployment)
    if key is None:
        return _unknown_key(deployment)
    elsewhere = deployment.profile.bound_elsewhere(key)
    if elsewhere is None:
        return _unknown_key(deployment)
    deployment.keys.change(key, details=elsewhere)
    deployment.tokens.revoke_of(key.public_id)
    return READ._replace(renewed=True)


@_entry("missing-scope", "permission")
def _missing_scope(deployment: Deployment) -> Probe:
    """The credential may read and nothing else: its scope is read-only, or its user a Viewer."""
    key = _key(deployment)
    if key is None:
        _act_as(deployment, _user(deployment), "Viewer")
    else:
        deployment.keys.change(key, scope="read-only", details=deployment.profile.with_role(key, "Viewer"))
        deployment.tokens.revoke_of(key.public_id)
    return Probe("POST", "/pools", {"name": "probe", "slots": 1}, renewed=True, api=True)


@_entry("missing-role", "permission")
def _missing_role(deployment: Deployment) -> Probe:
    """The credential opens the door, but its user has the role Public, which may do nothing in Airflow."""
    if deployment.generation == 3 and not deployment.settings.fab_auth_manager:
        raise _not_here(deployment, "every role of its auth manager may read")
    key = _key(deployment)
    if key is None:
        _act_as(deployment, _user(deployment), "Public")
        return READ
    name = "nobody-special"
    if deployment.airflow.users.get(name) is None:
        add_user(deployment, name, deployment.airflow.ids.hex(16), "Public")
    deployment.keys.change(
        key, owner=name, owner_is_user=True, scope="admin", details=deployment.profile.with_role(key, "Public")
    )
    deployment.tokens.revoke_of(key.public_id)
    return READ._replace(renewed=True)


def _act_as(deployment: Deployment, user: User, role: str) -> None:
    deployment.airflow.users.put(replace(user, roles=(role,)))


@_entry("number-of-keys", "permission")
def _number_of_keys(deployment: Deployment) -> Probe:
    """There are as many keys as may be, so that no further one is made."""
    most = deployment.profile.most_keys(deployment)
    probe = deployment.profile.new_key(deployment.settings)
    if most is None or probe is None:
        raise _not_here(deployment, "it has no bound on the number of keys")
    key = _key(deployment)
    owner = key.owner if key is not None else _user(deployment).username
    while sum(each.revoked_at is None for each in deployment.keys.list()) < most:
        deployment.keys.issue(name=f"key {len(deployment.keys.list())}", owner=owner)
    return probe


@_entry("wrong-audience", "exchange")
def _wrong_audience(deployment: Deployment) -> Probe:
    """The exchange asks for a token for somebody else."""
    probe = deployment.profile.exchange(deployment.credentials, deployment.settings)
    if probe is None or "audience" not in (probe.json or {}):
        raise _not_here(deployment, "nothing is exchanged for a token with an audience")
    deployment.faults.add(f"{probe.method} {probe.path}", send={"audience": "https://somebody.else.example"})
    return probe


@_entry("wrong-grant", "exchange")
def _wrong_grant(deployment: Deployment) -> Probe:
    """The exchange asks with a grant that is not allowed."""
    probe = deployment.profile.exchange(deployment.credentials, deployment.settings)
    if probe is None or probe.json is None or "username" in probe.json:
        raise _not_here(deployment, "nothing is exchanged for a token by a grant")
    deployment.faults.add(f"{probe.method} {probe.path}", send={"grant_type": "password"})
    return probe


# ----------------------------------------------------------------------------------------------------- time and limits


@_entry("clock-skew", "time")
def _clock_skew(deployment: Deployment) -> Probe:
    """Answers say that it is ten minutes later than it is, as by a server whose clock goes wrong."""
    deployment.faults.add("*", date_skew=600)
    return READ


@_entry("429-burst", "limit")
def _burst(deployment: Deployment) -> Probe:
    """The burst of a second is used up: one request more is refused, and one a second later passes."""
    deployment.limits.set(None, burst="1/second")
    deployment.limits.exhaust()
    return READ


@_entry("429-minute", "limit")
def _minute(deployment: Deployment) -> Probe:
    """The limit of a minute is used up."""
    deployment.limits.set("1/minute")
    deployment.limits.exhaust()
    return READ


@_entry("429-date", "limit")
def _date(deployment: Deployment) -> Probe:
    """The limit of a minute is used up, and Retry-After is a date."""
    deployment.limits.set("1/minute", retry_after="date")
    deployment.limits.exhaust()
    return READ


# ------------------------------------------------------------------------------------------------------------- gateways


@_entry("503-retry-after", "gateway")
def _unavailable(deployment: Deployment) -> Probe:
    """The gateway holds calls off for half a minute (503 with Retry-After)."""
    deployment.faults.add("*", until=30, status=503, retry_after=30)
    return READ


@_entry("gateway-page", "gateway")
def _gateway_page(deployment: Deployment) -> Probe:
    """The gateway answers with its own page, since nobody behind it did (502)."""
    deployment.faults.add("*", status=502)
    return READ


@_entry("airflow-restarting", "gateway")
def _restarting(deployment: Deployment) -> Probe:
    """Airflow restarts: a reset, then 502 pages, then 503 with Retry-After, then slow answers."""
    deployment.faults.preset("airflow-restarting")
    return READ
