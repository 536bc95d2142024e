"""IAM, as far as MWAA asks it: who a key is, and what policies let that principal do.

Documented: the actions, that Airflow's five default roles stand in the resource of two of them, that a principal has
one or more of these, and that everything which no policy allows is denied. A key without a policy of its own may do
what its scope stands for (ours).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mock_airflow.access.keys import Key
    from mock_airflow.settings import Settings

ROLES = ("Admin", "Op", "User", "Viewer", "Public")  # Airflow's default roles, as policies name them, highest first
_READING = ["airflow:GetEnvironment", "airflow:ListEnvironments"]
_ENTERING = ["airflow:CreateWebLoginToken", "airflow:InvokeRestApi"]
_KINDS = ("user", "assumed-role", "federated-user")


class IamPrincipal(NamedTuple):
    """A principal: its name as MWAA tells it (``user/vera``, ``assumed-role/Admin/vera``), and its account."""

    name: str
    account: str

    @property
    def arn(self) -> str:
        """Its name in all of AWS."""
        service = "iam" if self.name.startswith("user/") else "sts"
        return f"arn:aws:{service}::{self.account}:{self.name}"


def principal_of(key: Key, settings: Settings) -> IamPrincipal:
    """Whose key it is; an owner without a kind is a user."""
    kind, slash, _ = key.owner.partition("/")
    name = key.owner if slash and kind in _KINDS else f"user/{key.owner}"
    return IamPrincipal(name, settings.mwaa_account)


def environment_arn(settings: Settings, name: str) -> str:
    """An environment's name in all of AWS."""
    return f"arn:aws:airflow:{settings.mwaa_region}:{settings.mwaa_account}:environment/{name}"


def role_arn(settings: Settings, name: str, role: str) -> str:
    """A role of Airflow's in an environment, as policies name it."""
    return f"arn:aws:airflow:{settings.mwaa_region}:{settings.mwaa_account}:role/{name}/{role}"


class Decision(NamedTuple):
    """Whether something is allowed, and whether a policy denies it in so many words."""

    allowed: bool
    denied: bool = False


def decide(key: Key, settings: Settings, action: str, resource: str) -> Decision:
    """What the policies of a key's principal say of an action on a resource."""
    allowed = False
    for statement in _statements(_policy(key, settings)):
        if _fits(statement.get("Action"), action, ignore_case=True) and _fits(statement.get("Resource", "*"), resource):
            if statement["Effect"] == "Deny":
                return Decision(False, denied=True)
            allowed = True
    return Decision(allowed)


def airflow_roles(key: Key, settings: Settings, action: str, name: str) -> tuple[str, ...]:
    """The roles of Airflow's with which the action is allowed in an environment, highest first."""
    return tuple(role for role in ROLES if decide(key, settings, action, role_arn(settings, name, role)).allowed)


def _policy(key: Key, settings: Settings) -> Mapping[str, Any]:
    named: Any = key.details.get("airflow_role")
    if key.details.get("elsewhere"):
        return {"Statement": []}
    own = _policies(settings.mwaa_policies).get(principal_of(key, settings).name)
    if own is not None and named is None:
        return own
    if key.scope == "admin" and named in (None, "Admin"):
        return {"Statement": {"Effect": "Allow", "Action": "airflow:*", "Resource": "*"}}
    role = named or {"read-write": "User"}.get(key.scope, "Viewer")
    running = [] if key.scope == "read-only" else ["airflow:CreateCliToken"]
    return {
        "Statement": [
            {"Effect": "Allow", "Action": [*_READING, *running], "Resource": "*"},
            {"Effect": "Allow", "Action": _ENTERING, "Resource": f"arn:aws:airflow:*:*:role/*/{role}"},
        ]
    }


@cache
def _policies(text: str) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = json.loads(text) if text else {}
    return found


def _statements(policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    statements = policy["Statement"]
    yield from statements if isinstance(statements, list) else [statements]


def _fits(patterns: Any, text: str, *, ignore_case: bool = False) -> bool:
    """Whether a text is among what patterns mean, ``*`` for any characters and ``?`` for one."""
    flags = re.IGNORECASE if ignore_case else 0
    return any(
        re.fullmatch(re.escape(each).replace(r"\*", ".*").replace(r"\?", "."), text, flags)
        for each in (patterns if isinstance(patterns, list) else [patterns])
    )
