"""Workspaces: what the first call to the public API lists (code: PaginationMapper.kt, WorkspacesResponseMapper.kt)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mock_airflow.answers import Answer
from mock_airflow.api.operation import Call
from mock_airflow.profiles.airbyte.dialect import API, PUBLIC_PREFIXES
from mock_airflow.profiles.airbyte.wording import bad_request, forbidden, not_found, written
from mock_airflow.profiles.dialect import SIGNED_IN
from mock_airflow.storage.tables import Table

if TYPE_CHECKING:
    from mock_airflow.domain.airflow import Airflow

DEFAULT_ID = "b5367aab-9d68-4fea-800f-000000000000"
_MOST = 100
_USUAL = 20
_KINDS = (
    "failure",
    "success",
    "connectionUpdate",
    "connectionUpdateActionRequired",
    "syncDisabled",
    "syncDisabledWarning",
)

operation = API.tagged("Workspaces")


@dataclass(frozen=True, kw_only=True, slots=True)
class AirbyteWorkspace:
    """One workspace; a deleted one is kept and listed on demand."""

    workspace_id: str
    name: str
    data_residency: str = "auto"
    deleted: bool = False


class Workspaces:
    """What an Airbyte keeps beside its applications."""

    def __init__(self, airflow: Airflow) -> None:
        self.table: Table[str, AirbyteWorkspace] = airflow.add_table("airbyte_workspaces", lambda row: row.workspace_id)


def _told(row: AirbyteWorkspace) -> dict[str, Any]:
    return {
        "workspaceId": row.workspace_id,
        "name": row.name,
        "dataResidency": row.data_residency,
        "notifications": {kind: {"email": {"enabled": True}, "webhook": {"enabled": False}} for kind in _KINDS},
    }


def _whole(call: Call, name: str, default: int, low: int, high: int | None = None) -> int:
    sent = call.query.get(name)
    if sent is None:
        return default
    if not sent.lstrip("-").isdecimal() or int(sent) < low or (high is not None and int(sent) > high):
        bounds = f"from {low} to {high}" if high is not None else f"of at least {low}"
        raise bad_request(f"The query parameter {name} is a whole number {bounds}.")
    return int(sent)


def list_workspaces(call: Call) -> Answer:
    """List workspaces in pages. ``next`` is told after every page with anything in it, so one empty page follows."""
    limit, offset = _whole(call, "limit", _USUAL, 1, _MOST), _whole(call, "offset", 0, 0)
    deleted = call.query.get("includeDeleted", "false").lower() == "true"
    wanted = _several(call.query, "workspaceIds")
    rows = [row for row in call.deployment.vendor.table if deleted or not row.deleted]
    if wanted:
        rows = [row for row in rows if row.workspace_id in wanted]
    page = rows[offset : offset + limit]

    def link(place: int) -> str:
        told = {"workspaceIds": ",".join(wanted)} if wanted else {}
        told |= {"includeDeleted": str(deleted).lower(), "limit": str(limit), "offset": str(place)}
        return f"{call.origin}/v1/workspaces?{urlencode(told)}"

    return written(
        {
            "previous": link(max(offset - limit, 0)) if offset > 0 else "",
            "next": link(offset + limit) if page else "",
            "data": [_told(row) for row in page],
        }
    )


def _several(query: Mapping[str, Any], name: str) -> tuple[str, ...]:
    sent: list[str] = query.getlist(name) if hasattr(query, "getlist") else []
    return tuple(part for text in sent for part in text.split(",") if part)


def _named(call: Call) -> AirbyteWorkspace:
    row: AirbyteWorkspace | None = call.deployment.vendor.table.get(call.path["workspace_id"])
    if row is None or row.deleted:
        raise not_found("workspace", call.path["workspace_id"])
    return row


def get_workspace(call: Call) -> Answer:
    """Tell one workspace."""
    return written(_told(_named(call)))


def _writer(call: Call) -> None:
    if call.principal.scope == "read-only":
        who = f"{call.principal.name!r} calls with the scope read-only"
        raise forbidden(f"{who}; workspaces are changed by an editor.", "an application with the scope read-write")


def _fields(call: Call, *, name_needed: bool) -> dict[str, Any]:
    body = call.body if isinstance(call.body, dict) else {}
    name, residency = body.get("name"), body.get("dataResidency")
    if (name is None and name_needed) or (name is not None and (not isinstance(name, str) or not name)):
        raise bad_request("A workspace has a name.")
    if residency is not None and residency not in ("auto", "us", "eu"):
        raise bad_request("The data residency is auto, us or eu.")
    told = {"name": name, "data_residency": residency}
    return {field: value for field, value in told.items() if value is not None}


def create_workspace(call: Call) -> Answer:
    """Make a workspace."""
    _writer(call)
    row = AirbyteWorkspace(workspace_id=call.airflow.ids.uuid("workspace"), **_fields(call, name_needed=True))
    return written(_told(call.deployment.vendor.table.put(row)))


def update_workspace(call: Call) -> Answer:
    """Change a workspace's name or data residency."""
    _writer(call)
    row = replace(_named(call), **_fields(call, name_needed=False))
    return written(_told(call.deployment.vendor.table.put(row)))


def delete_workspace(call: Call) -> Answer:
    """Delete a workspace; it is listed from then on only with includeDeleted."""
    _writer(call)
    call.deployment.vendor.table.put(replace(_named(call), deleted=True))
    return Answer("", 204, "")


def health(call: Call) -> Answer:
    """Tell that the public API is up."""
    return Answer("Successful operation", 200, "text/plain")


for _name, _prefix in PUBLIC_PREFIXES.items():
    operation("GET", f"{_prefix}/health", f"{_name}_health", access=None)(health)
    _all, _one = f"{_prefix}/workspaces", f"{_prefix}/workspaces/{{workspace_id}}"
    operation("GET", _all, f"{_name}_list_workspaces", access=SIGNED_IN)(list_workspaces)
    operation("POST", _all, f"{_name}_create_workspace", access=SIGNED_IN)(create_workspace)
    operation("GET", _one, f"{_name}_get_workspace", access=SIGNED_IN)(get_workspace)
    operation("PATCH", _one, f"{_name}_update_workspace", access=SIGNED_IN)(update_workspace)
    operation("DELETE", _one, f"{_name}_delete_workspace", access=SIGNED_IN)(delete_workspace)
