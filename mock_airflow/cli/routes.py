"""The operations that are served, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from mock_airflow.api.operation import Api, Operation
from mock_airflow.control.operations import API as CONTROL
from mock_airflow.corridor.routes import routes
from mock_airflow.profiles import base as profiles
from mock_airflow.profiles.base import Profile


class Row(NamedTuple):
    """One operation. ``permissions`` is what a role needs, ``open_to`` who may call it without any."""

    method: str
    path: str
    operation_id: str
    permissions: tuple[str, ...]
    open_to: str | None
    api: str
    tag: str
    summary: str


def rows_of(profile_name: str) -> list[Row]:
    """The operations of a profile, in the order of Airflow's reference; our own control API comes last."""
    profile = profiles.by_name(profile_name)
    return [_row(api, operation, profile) for api, operation in routes(profile)]


def _row(api: Api, operation: Operation, profile: Profile) -> Row:
    needed = tuple(str(each) for each in operation.access.needed()) if operation.access else ()
    closed = profile.gateway and (api not in profile.apis or operation.access is not None)
    everybody = "any credential" if closed else "everybody"
    open_to = "this machine" if api is CONTROL else None if needed else everybody
    path = api.prefix + operation.path
    return Row(
        operation.method, path, operation.operation_id, needed, open_to, api.name, operation.tag, operation.summary
    )


def as_table(rows: list[Row]) -> str:
    """Four columns: method, path, operation id, permission."""
    told: list[tuple[str, ...]] = [("METHOD", "PATH", "OPERATION", "PERMISSION")]
    told += [
        (row.method, row.path, row.operation_id, ", ".join(row.permissions) or f"open to {row.open_to}") for row in rows
    ]
    widths = [max(len(cells[column]) for cells in told) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)), cells[3]])
        for cells in told
    )


def as_json(rows: list[Row]) -> str:
    """A list of objects, one operation a line."""
    objects: list[dict[str, Any]] = [row._asdict() for row in rows]
    return "[\n" + ",\n".join(f"  {json.dumps(each)}" for each in objects) + "\n]"
