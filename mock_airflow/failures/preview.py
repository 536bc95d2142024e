"""What a failure looks like: it is arranged in a copy of the deployment, and met there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mock_airflow.errors import FailureError
from mock_airflow.failures.catalogue import CATALOGUE, Failure, named
from mock_airflow.in_process.wsgi_call import Reply, wsgi_call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import Probe

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

_TELLING = ("Content-Type", "Retry-After", "WWW-Authenticate", "Location", "Date")
_OF_ACCESS = ("credential", "permission", "exchange")


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a client meets. ``status`` is None where it gets no answer at all, and ``body`` is the answer's, whole.

    ``why`` is what the journal tells of it.
    """

    name: str
    request: str
    status: int | None
    headers: Mapping[str, str]
    body: str
    why: Why

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        return self.why.reason

    @property
    def rule(self) -> str:
        """The name of the rule that decided."""
        return self.why.rule


def provoke(deployment: Deployment, name: str) -> Failure:
    """Arrange a failure. Raises FailureError, without a change, where the profile has no such."""
    failure = named(name)
    with deployment.lock:
        _ = deployment.credentials
        seen = look(deployment, name) if deployment.settings.strict else None
        before, rules = deployment.snapshot(), deployment.faults.rules
        try:
            failure.arrange(deployment)
        except BaseException:
            deployment.restore(before)
            raise
        deployment.faults.rules = tuple(
            rule if rule in rules else replace(rule, optional=True) for rule in deployment.faults.rules
        )
        if seen is not None:  # who asks for it expects it
            refusals = (401, 403) if failure.kind in _OF_ACCESS else ()  # one credential is refused in several ways
            deployment.provoked |= {seen.status or 0, *refusals}
    return failure


def look(deployment: Deployment, name: str) -> Look:
    """What a client of this deployment would meet. Nothing is changed. Raises FailureError."""
    failure = named(name)
    copy = deployment.fork()
    copy.clock.freeze()
    headers = copy.headers
    probe = failure.arrange(copy)
    if probe.renewed:
        headers = copy.headers
    for _ in range(failure.passing):
        _ask(copy, probe, headers)
    reply = _ask(copy, probe, headers)
    entry = list(copy.journal)[-1]
    silent = reply.delivery is not None and not reply.delivery.head
    return Look(
        name=name,
        request=f"{probe.method} {probe.path_in(deployment)}".partition("?")[0],  # whose query may be a signature
        status=None if silent else reply.status,
        headers={} if silent else {name: value for name, value in reply.headers if name in _TELLING},
        body="" if silent else reply.body.decode("utf-8", "replace"),
        why=entry.why,
    )


def looks(deployment: Deployment) -> list[Look | FailureError]:
    """Every failure as this deployment's clients would meet it, or why there is none such."""
    found: list[Look | FailureError] = []
    for name in CATALOGUE:
        try:
            found.append(look(deployment, name))
        except FailureError as error:
            found.append(error)
    return found


def _ask(deployment: Deployment, probe: Probe, headers: Mapping[str, str]) -> Reply:
    body = b"" if probe.json is None else json.dumps(probe.json).encode()
    sent = dict(headers) if probe.signed else {}
    if probe.json is not None:
        sent["Content-Type"] = "application/json"
    path = f"{deployment.mount if probe.airflows else ''}{probe.path_in(deployment)}"
    return wsgi_call(deployment.wsgi, probe.method, f"http://testserver{path}", sent.items(), body)
