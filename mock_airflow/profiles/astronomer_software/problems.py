"""What Houston refuses, with its messages and Apollo's codes (code)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.profiles.astronomer_software.identity import Actor

_NOT_PERMITTED = "You do not have the appropriate permissions for that"


class HoustonProblem(Exception):
    """That Houston refuses; ``reason``, ``rule`` and ``would_pass`` tell why, and are for the journal alone."""

    def __init__(self, message: str, code: str, reason: str = "", rule: str = "", would_pass: str = "") -> None:
        super().__init__(message)
        self.message, self.code = message, code
        self.reason, self.rule, self.would_pass = reason or message, rule, would_pass


class NotFound(HoustonProblem):
    """That something does not exist."""

    def __init__(self) -> None:
        super().__init__("The requested resource was not found", "RESOURCE_NOT_FOUND")


class BadInput(HoustonProblem):
    """That an argument makes no sense."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "BAD_USER_INPUT")


class Missing(BadInput):
    """That an argument is missing."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A required argument was not sent: {name}")


def demand(actor: Actor | None, permissions: Sequence[str], entity_id: str, deployment: Deployment) -> Actor:
    """The actor, who has at least one of the permissions. Raises HoustonProblem.

    Without an actor the message is the same, which the vendor's command line takes for a token that expired (code).
    """
    wanted = " or ".join(permissions)
    on = f" on {entity_id}" if entity_id else ""
    if actor is None:
        code = deployment.settings.astronomer_software_unauthenticated_code
        raise HoustonProblem(_NOT_PERMITTED, code, f"Nobody is signed in; {wanted}{on} is needed.", "no identity")
    if not any(actor.may(permission, entity_id) for permission in permissions):
        held = ", ".join(sorted({each.role for each in actor.bindings if each.role != "USER"})) or "no role"
        reason = f"{actor.label!r} has {held}; {wanted}{on} is needed."
        raise HoustonProblem(_NOT_PERMITTED, "FORBIDDEN", reason, "permission", f"a role with {wanted}{on}")
    return actor
