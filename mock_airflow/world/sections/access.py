"""Users, roles, keys, limits and faults of a world file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mock_airflow.access.digests import digest
from mock_airflow.access.principals import ROLE_OF_SCOPE
from mock_airflow.domain import roles
from mock_airflow.domain.installation.default_roles import ROLES
from mock_airflow.domain.records import Permission, Role, User, folded
from mock_airflow.errors import FaultError
from mock_airflow.limits.limits import Limits, Usage
from mock_airflow.limits.rules import LimitRule, Tier, tier_named
from mock_airflow.storage.singletons import Singleton
from mock_airflow.storage.tables import Table
from mock_airflow.world.entry import WorldEntry, attempt, complain, nearest
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, entries, section

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

_NO_PASSWORD = "no password was given, so none fits"


@section("roles")
def _roles(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        name = entry.text("name")
        actions = []
        for action in entry.children("actions"):
            verb, resource = action.child("action"), action.child("resource")
            actions.append(Permission(verb.text("name"), resource.text("name")))
            for part in (verb, resource, action):
                part.done()
        entry.done()
        # a list of roles tells permissions in another order than that in which Airflow's own roles got them
        usual = {permission: place for place, permission in enumerate(ROLES.get(name, ()))}
        actions.sort(key=lambda permission: usual.get(permission, len(usual)))
        draft.put("roles", Role(id=draft.id_of("roles", name), name=name, actions=tuple(actions)))
        draft.later(partial(_make, actions=actions))


def _make(deployment: Deployment, actions: list[Permission]) -> None:
    for permission in actions:
        roles.note(deployment.airflow, permission)


@section("permissions")
def _permissions(draft: Draft, content: Any, place: str) -> None:
    """The names of actions, as Airflow answers them; those that every Airflow has need not stand here."""
    for entry in entries(content, place):
        draft.put("actions", entry.text("name"))
        entry.done()


@section("users")
def _users(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        username = entry.text("username")
        held = []
        simple = entry.text("role", None)  # of Airflow 3's Simple auth manager
        for role in [WorldEntry({"name": simple.capitalize()}, entry.place)] if simple else entry.children("roles"):
            name = role.text("name")
            role.done()
            if draft.get("roles", name) is None:
                known = [row.name for row in (*draft.all("roles"), *draft.airflow.roles)]
                complain(role.place, f"there is no role {name!r}.{nearest(name, known)}")
            held.append(name)
        password = entry.text("password", None)
        email = entry.text("email", f"{username}@example.com")
        for other in (*draft.all("users"), *draft.airflow.users):
            if other.username != username and (folded(other.username) == folded(username) or other.email == email):
                complain(entry.place, f"the user {other.username!r} has this name or this email address already.")
        created = entry.moment("created_on", draft.airflow.now())
        usual = {"first_name": username, "email": email, "changed_on": created}
        draft.put(
            "users",
            record(
                entry,
                User,
                usual,
                id=draft.next_id("users"),
                username=username,
                password_digest=digest(password) if password else _NO_PASSWORD,
                roles=tuple(held),
                created_on=created,
            ),
        )
        entry.done()
        if password:
            draft.later(partial(_remember_password, username=username, password=password))


def _remember_password(deployment: Deployment, username: str, password: str) -> None:
    deployment.passwords = {**deployment.passwords, username: password}


def _issue(deployment: Deployment, values: dict[str, Any]) -> None:
    deployment.keys.issue(**values)


@section("keys")
def _keys(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        scope = entry.text("scope", "admin")
        if scope not in ROLE_OF_SCOPE:
            complain(f"{entry.place}.scope", f"there is no scope {scope!r}.{nearest(scope, ROLE_OF_SCOPE)}")
        tier = entry.text("tier", None)
        values = {
            "secret": entry.text("secret"),
            "name": entry.text("name", ""),
            "description": entry.text("description", ""),
            "tier": tier and attempt(partial(tier_named, tier, draft.tiers), f"{entry.place}.tier"),
            "scope": scope,
            "owner": entry.text("owner", "admin"),
            "expires_in": entry.number("expires_in", None),
        }
        entry.done()
        if len(values["secret"]) <= 8:
            complain(f"{entry.place}.secret", "a key's value needs more than 8 characters, as the first ones name it.")
        draft.later(partial(_issue, values=values))


_RULES = ("limit", "burst", "concurrency")


@section("limits")
def _limits(draft: Draft, content: Any, place: str) -> None:
    """``limits.set``'s arguments, and besides ``tier``, a tier's name, and ``tiers``, further ones by name."""
    entry = WorldEntry(content, place)
    texts = ("limit", "burst", "per", "algorithm", "headers", "retry_after")
    values: dict[str, Any] = {name: entry.text(name) for name in texts if entry.has(name)}
    if entry.has("concurrency"):
        values["concurrency"] = entry.whole("concurrency")
    tier, tiers = entry.text("tier", None), _tiers(entry)
    entry.ignore(*texts, "concurrency")
    entry.done()

    if tier is not None and any(name in values for name in _RULES):
        complain(f"{place}.tier", "a tier brings its own limit and burst; leave out either the tier or those.")
    for name in ("limit", "burst"):
        if name in values:
            attempt(partial(LimitRule.of, values[name]), f"{place}.{name}")
    draft.tiers = {**draft.tiers, **tiers}

    def apply(limits: Limits) -> None:
        for name, each in tiers.items():
            limits.add_tier(name, each)
        if any(name in values for name in _RULES):
            limits.set(**{"limit": None, **values})
        elif values:
            limits.style(values.get("headers"), values.get("retry_after"))
        if tier is not None:
            limits.set_tier(tier)

    accounts: Table[str, Usage] = Table("limits", lambda account: account.who, [])
    singletons: Table[str, Singleton] = Table("singletons", lambda row: row.name, [])
    attempt(lambda: apply(Limits(accounts, singletons, draft.tiers)), place)
    draft.later(lambda deployment: apply(deployment.limits))


def _tiers(entry: WorldEntry) -> dict[str, Tier]:
    if not entry.has("tiers"):
        return {}
    found = {}
    for name in (tiers := entry.child("tiers")).value:
        each = tiers.child(name)
        values = each.text("limit", None), each.text("burst", None), each.whole("keys", None)
        each.done()
        found[str(name)] = attempt(partial(Tier.of, *values), each.place)
    return found


@section("faults")
def _faults(draft: Draft, content: Any, place: str) -> None:
    """Objects with the arguments of ``faults.add``, or with the name of a preset."""
    for entry in entries(content, place):
        draft.check(partial(_check_fault, given=dict(entry.value), place=entry.place))
        draft.later(partial(_add_fault, given=dict(entry.value)))


def _check_fault(deployment: Deployment, given: dict[str, Any], place: str) -> None:
    try:
        deployment.faults.check(given)
    except FaultError as error:
        complain(place, str(error))


def _add_fault(deployment: Deployment, given: dict[str, Any]) -> None:
    deployment.faults.add_given(given)
