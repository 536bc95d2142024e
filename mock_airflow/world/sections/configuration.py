"""What a world file configures its installation with: variables, connections, plugins and providers."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from mock_airflow.domain.installation.plugins import PARTS, PARTS_3
from mock_airflow.domain.records import Connection, ConnectionTest, Plugin, Provider, Variable
from mock_airflow.world.entry import WorldEntry, complain, nearest
from mock_airflow.world.fields import record
from mock_airflow.world.sections.transaction import Draft, rows, section


@rows("variables")
def _variable(draft: Draft, entry: WorldEntry) -> Variable:
    key = entry.text("key")
    entry.ignore("is_encrypted", "team_name")
    return record(entry, Variable, id=draft.id_of("variables", key), key=key, written_at=draft.airflow.now())


@rows("connections")
def _connection(draft: Draft, entry: WorldEntry) -> Connection:
    """A connection as Airflow answers it.

    ``extra`` may be an object too, ``password`` may stand here as well, and ``test`` (``{"status": false, "message":
    "..."}``) says what testing a connection to the same place answers.
    """
    connection_id = entry.text("connection_id")
    entry.ignore("team_name")
    return record(
        entry,
        Connection,
        id=draft.id_of("connections", connection_id),
        connection_id=connection_id,
        extra=_extra(entry),
        test=_test(entry.child("test")) if entry.has("test") else None,
    )


def _extra(entry: WorldEntry) -> str | None:
    value = entry.any("extra")
    if isinstance(value, dict):
        return json.dumps(value)
    text: str | None = entry.text("extra", None)
    return text


def _test(entry: WorldEntry) -> ConnectionTest:
    status = entry.flag("status")
    said = "Connection successfully tested" if status else "Connection refused"
    test = ConnectionTest(status, entry.text("message", said))
    entry.done()
    return test


@section("connection_secrets")
def _secrets(draft: Draft, content: Any, place: str) -> None:
    """By connection, what Airflow never answers: the password, and the extra without its mask."""
    for connection_id, value in WorldEntry(content, place).value.items():
        entry = WorldEntry(value, f"{place}.{connection_id}")
        connection = draft.get("connections", connection_id)
        if connection is None:
            known = [row.connection_id for row in (*draft.all("connections"), *draft.airflow.connections)]
            complain(entry.place, f"there is no connection {connection_id!r}.{nearest(connection_id, known)}")
        password = entry.text("password", None)
        extra = _extra(entry)
        entry.done()
        draft.put(
            "connections",
            replace(
                connection,
                password=connection.password if password is None else password,
                extra=connection.extra if extra is None else extra,
            ),
        )


@section("variable_secrets")
def _variable_secrets(draft: Draft, content: Any, place: str) -> None:
    """By variable, the value without its mask."""
    for key, value in WorldEntry(content, place).value.items():
        variable = draft.get("variables", key)
        if variable is None:
            known = [row.key for row in (*draft.all("variables"), *draft.airflow.variables)]
            complain(place, f"there is no variable {key!r}.{nearest(key, known)}")
        if not isinstance(value, str):
            complain(f"{place}.{key}", "a text is expected.")
        draft.put("variables", replace(variable, value=value))


@rows("plugins")
def _plugin(draft: Draft, entry: WorldEntry) -> Plugin:
    name = entry.text("name")
    parts = {part: list(entry.array(part, ())) for part in dict.fromkeys((*PARTS, *PARTS_3))}
    return record(entry, Plugin, {"source": f"$PLUGINS_FOLDER/{name}.py"}, name=name, parts=parts)


@rows("providers")
def _provider(draft: Draft, entry: WorldEntry) -> Provider:
    return record(entry, Provider, {"description": "", "version": "1.0.0"})
