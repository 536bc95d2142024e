"""The corridor that a call walked, as steps in its deployment's order: which were passed, and which one decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.journal.explanation import read_from

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.journal.journal import Entry

_TITLES = {
    "fault": "Fault rules",
    "route": "Route",
    "shape": "Shape of the request",
    "credential": "Credential",
    "limit": "Limits",
    "permission": "Permission",
    "operation": "Operation",
    "answer": "Answer",
}
# As the dialects and the gates have it (``take_in`` of both, ``_gate`` of the corridor).
_AIRFLOW_2 = ("fault", "route", "shape", "credential", "limit", "permission", "operation", "answer")
_AIRFLOW_3 = ("fault", "route", "credential", "limit", "permission", "shape", "operation", "answer")
_GATE_2 = ("fault", "credential", "limit", "permission", "route", "shape", "operation", "answer")
_GATE_3 = ("fault", "credential", "limit", "permission", "route", "shape", "operation", "answer")
_UNREADABLE = (400, 413, 415)


class WalkStep(NamedTuple):
    """One step: ``state`` is passed, decided, or not reached."""

    title: str
    state: str
    text: str


def steps(entry: Entry, deployment: Deployment) -> list[WalkStep]:
    """The steps of a call, in order."""
    three, gate = deployment.generation == 3, deployment.profile.gateway
    order = (_GATE_3 if three else _GATE_2) if gate else (_AIRFLOW_3 if three else _AIRFLOW_2)
    deciding = order.index(_decided(entry, three=three, gate=gate))
    told = []
    for place, name in enumerate(order):
        state = "passed" if place < deciding else "decided" if place == deciding else "not reached"
        if name == "answer":
            state = "passed" if entry.status else "not reached"
        told.append(WalkStep(_TITLES[name], state, _text(name, entry, state)))
    return told


def _decided(entry: Entry, *, three: bool, gate: bool) -> str:
    """The step that decided."""
    if entry.decision in ("limited", "faulted"):
        return {"limited": "limit", "faulted": "fault"}[entry.decision]
    if entry.decision != "refused":
        return "operation"
    anonymous = entry.principal in (None, "anonymous")
    if entry.status == 401:
        return "credential"
    if entry.status == 403:
        return "credential" if anonymous else "permission"
    if entry.operation_id is None:
        return "credential" if gate and anonymous else "route"
    if three and entry.status == 422:
        return "shape"
    if not three and not gate and entry.principal is None and entry.status in _UNREADABLE:
        return "shape"
    return "operation"


def _text(name: str, entry: Entry, state: str) -> str:
    """What is to be said of a step."""
    if state == "decided" and entry.reason:
        return entry.reason
    if state == "not reached":
        return ""
    if name == "fault":
        return "; ".join(f"rule {fault.id} fired: {fault.text}" for fault in entry.faults) or "no rule fired"
    if name == "route":
        return entry.operation_id or "no operation"
    if name == "credential":
        where = read_from(entry)
        came = f"{entry.credential or 'one'} from {where}" if where else "none came"
        return f"{came}; it counted as {entry.principal}" if entry.principal else came
    if name == "limit":
        return _levels(entry)
    if name == "operation":
        rows = len(entry.changes)
        return f"{rows} row{'' if rows == 1 else 's'} changed" if rows else "no row changed"
    if name == "answer":
        return f"{entry.status}, after {entry.duration * 1000:.1f} ms of this machine's"
    return ""


def _levels(entry: Entry) -> str:
    if entry.limit is None:
        return "none held"
    shares = ", ".join(f"{share.remaining} of {share.rule.text} left" for share in entry.limit.shares)
    return f"{shares} for {entry.limit.who}"
