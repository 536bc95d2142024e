"""What would pass: whether somebody would be let in to an operation, tried on a copy of the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace
from werkzeug.test import EnvironBuilder

from mock_airflow.access.admission import Admission
from mock_airflow.access.digests import digest
from mock_airflow.access.routed import RoutedRequest
from mock_airflow.access.simple_roles import ROLES as SIMPLE
from mock_airflow.answers import ApiProblem, RaisedAnswer, Refusal
from mock_airflow.api.airflow3.dialect import demanded
from mock_airflow.api.operation import Operation
from mock_airflow.deployment import Deployment
from mock_airflow.errors import AccessKeyError, MockAirflowError, PatternError
from mock_airflow.journal.why import Why
from mock_airflow.profiles.calls import airflows
from mock_airflow.settings.spelling import hint

FIRST, NOBODY = "the first credential", "nobody"
_MOST = 200  # users and keys that may be chosen


class Verdict(NamedTuple):
    """Whether one would pass, as whom, and why not; ``status`` is what it would be refused with."""

    passes: bool
    who: str
    status: int | None
    why: Why


def operations(deployment: Deployment) -> dict[str, Operation]:
    """What there is to ask for: operations of Airflow's and of the vendor's, by method and path."""
    apis = (*airflows(deployment.generation), *deployment.profile.apis)
    return {f"{each.method} {api.prefix}{each.path}": each for api in apis for each in api}


def principals(deployment: Deployment) -> list[str]:
    """Those that may be tried: the first credential, nobody, somebody of each role, the users, the keys that work."""
    now = deployment.airflow.now()
    roles = [f"role {name}" for name in _roles(deployment)]
    users = [f"user {user.username}" for user in deployment.airflow.users] if _by_password(deployment) else []
    keys = [f"key {key.prefix}" for key in deployment.keys.list() if key.ended(now) is None]
    return [FIRST, NOBODY, *roles, *users[:_MOST], *keys[-_MOST:]]


def asked(deployment: Deployment, call: str, principal: str) -> Verdict:
    """Whether a principal would pass at an operation, given by method and path template. Raises MockAirflowError."""
    known = operations(deployment)
    if call not in known:
        raise PatternError(f"There is no operation {call!r}; {hint(call, known, 'choose one of the list')}")
    copy = deployment.fork()
    copy.clock.freeze()
    try:
        headers = _headers(copy, principal)
    except RaisedAnswer as refused:  # it is not even exchanged for a token
        why = refused.why if isinstance(refused, (Refusal, ApiProblem)) else Why(str(refused))
        return Verdict(False, principal, getattr(refused, "status", None), why)
    return _verdict(copy, known[call], call, headers)


def _verdict(copy: Deployment, operation: Operation, call: str, headers: Mapping[str, str]) -> Verdict:
    method, _, path = call.partition(" ")
    dag = next(iter(copy.airflow.dags), None)
    dag_id = dag.dag_id if dag is not None and "{dag_id}" in path else None
    builder = EnvironBuilder(path.replace("{dag_id}", dag_id or "any"), method=method, headers=[*headers.items()])
    request = RoutedRequest(builder.get_environ())
    if operation.access is None and not copy.profile.gateway:
        return Verdict(True, "anybody", None, Why("This operation asks nobody who they are."))
    admission = Admission(copy, request)
    try:
        principal = admission.let_in()
        needed = operation.access
        if needed is not None and copy.generation == 3:
            needed = demanded(needed, request)
    except Refusal as refusal:
        return Verdict(
            False, admission.principal.name if admission.principal else "nobody", refusal.status, refusal.why
        )
    except ApiProblem as problem:
        return Verdict(False, "nobody", problem.status, problem.why)
    missing = needed.missing(principal.permissions, dag_id) if needed is not None else None
    if missing is None:
        return Verdict(True, principal.name, None, Why(f"It acts as {', '.join(principal.roles) or 'no role'}."))
    who = principal.note or f"{principal.name!r} acts as {', '.join(principal.roles) or 'no role'}"
    why = Why(f"{who.rstrip('.')}; {missing} is needed.", "permission", would_pass=f"a role with {missing}")
    return Verdict(False, principal.name, 403, why)


def _headers(copy: Deployment, principal: str) -> dict[str, str]:
    """The headers with which a principal would call. What it takes is done to the copy: values are not known here."""
    kind, _, name = principal.partition(" ")
    if principal == NOBODY:
        return {}
    if principal == FIRST:
        return copy.profile.headers(copy.credentials, copy)
    if kind == "role":
        return copy.profile.headers(copy.profile.credentials_for(copy, name), copy)
    if kind == "user" and (user := copy.airflow.users.get(name)) is not None:
        copy.airflow.users.put(replace(user, password_digest=digest(name)))
        return copy.profile.headers({**copy.credentials, "username": name, "password": name}, copy)
    if kind == "key":
        return copy.profile.headers(_credentials_of(copy, name), copy)
    raise MockAirflowError(f"There is no principal {principal!r}; choose one of the list.")


def _credentials_of(copy: Deployment, prefix: str) -> dict[str, str]:
    """The credential of a key, as the first one's parts have it; its value is made anew."""
    key, told = copy.keys.get(prefix), copy.credentials
    first = next(
        (found for value in told.values() if (found := copy.keys.by_public_id(value) or copy.keys.find(value))), None
    )
    if first is None:
        raise AccessKeyError(f"Of the profile {copy.profile.name!r} no key is the first credential, so none is tried.")
    secret = copy.profile.rotate(copy, key).secret
    return {
        name: key.public_id
        if value == first.public_id
        else secret
        if copy.keys.find(value) or value != first.name
        else value
        for name, value in told.items()
    }


def _roles(deployment: Deployment) -> list[str]:
    """The roles that somebody may act with; without the FAB auth manager, Airflow 3 has them by its code."""
    if deployment.generation == 3 and not deployment.settings.fab_auth_manager:
        return [name.capitalize() for name in SIMPLE]
    return [role.name for role in deployment.airflow.roles]


def _by_password(deployment: Deployment) -> bool:
    return "password" in deployment.credentials
