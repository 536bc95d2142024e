"""What Houston refuses, with its messages and Apollo's codes (code)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mock_airflow.answers import RaisedAnswer
from mock_airflow.journal.why import UNSAID, Why

if TYPE_CHECKING:
    from mock_airflow.access.site import Site
    from mock_airflow.profiles.astronomer_software.identity import HoustonActor

_NOT_PERMITTED = "You do not have the appropriate permissions for that"


class HoustonProblem(RaisedAnswer):
    """That Houston refuses; ``why`` is for the journal alone."""

    def __init__(self, message: str, code: str, why: Why = UNSAID) -> None:
        super().__init__(message)
        self.message, self.code, self.why = message, code, why if why.reason else why._replace(reason=message)


class NotFoundProblem(HoustonProblem):
    """That something does not exist."""

    def __init__(self) -> None:
        super().__init__("The requested resource was not found", "RESOURCE_NOT_FOUND")


class InputProblem(HoustonProblem):
    """That an argument makes no sense."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "BAD_USER_INPUT")


class MissingInputProblem(InputProblem):
    """That an argument is missing."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A required argument was not sent: {name}")


def demand(actor: HoustonActor | None, permissions: Sequence[str], entity_id: str, deployment: Site) -> HoustonActor:
    """The actor, who has at least one of the permissions. Raises HoustonProblem.

    Without an actor the message is the same, which the vendor's command line takes for a token that expired (code).
    """
    wanted = " or ".join(permissions)
    on = f" on {entity_id}" if entity_id else ""
    if actor is None:
        code = deployment.settings.astronomer_software_unauthenticated_code
        why = Why(f"Nobody is signed in; {wanted}{on} is needed.", "no identity")
        raise HoustonProblem(_NOT_PERMITTED, code, why)
    if not any(actor.may(permission, entity_id) for permission in permissions):
        held = ", ".join(sorted({each.role for each in actor.bindings if each.role != "USER"})) or "no role"
        said, passing = f"{actor.label!r} has {held}; {wanted}{on} is needed.", f"a role with {wanted}{on}"
        raise HoustonProblem(_NOT_PERMITTED, "FORBIDDEN", Why(said, "permission", would_pass=passing))
    return actor
