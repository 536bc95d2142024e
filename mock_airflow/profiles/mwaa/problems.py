"""How AWS words a refusal: the error's name in a header, a sentence in the body (code: botocore; reported)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.answers import JSON, Refusal, compact
from mock_airflow.journal.why import Why

if TYPE_CHECKING:
    from mock_airflow.access.site import Site

STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ResourceNotFoundException": 404,
    "RestApiClientException": 400,
    "RestApiServerException": 400,
    "ValidationException": 400,
}
PASSES = "a request that is signed with a key of this deployment, as botocore signs it"


def refused(
    code: str,
    message: str,
    why: Why,
    status: int | None = None,
    body: Mapping[str, Any] | None = None,
    *,
    changes_stay: bool = False,
) -> Refusal:
    """A refusal by its name; AccessDeniedException says its sentence under Message, any other under message (code)."""
    told = body if body is not None else {"Message" if code == "AccessDeniedException" else "message": message}
    return Refusal(
        status=status or STATUS.get(code, 403),
        body=compact(told),
        content_type=JSON,
        why=why._replace(reason=why.reason or message, rule=why.rule or code),
        headers={"x-amzn-ErrorType": code},
        changes_stay=changes_stay,
    )


def invalid(message: str) -> Refusal:
    """That what is asked for makes no sense, in the words of AWS's validation (reported)."""
    return refused("ValidationException", message, Why(message, "validation"))


def constraint(name: str, value: Any, demand: str) -> Refusal:
    """That a value breaks a rule of the service's model."""
    return invalid(f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {demand}")


def not_found(name: str, deployment: Site) -> Refusal:
    """That there is no such environment (assumed: its words)."""
    known = deployment.settings.mwaa_environment
    why = Why(f"There is no environment {name!r}.", "no environment", would_pass=f"the environment {known!r}")
    return refused("ResourceNotFoundException", f"Environment {name} not found.", why)
