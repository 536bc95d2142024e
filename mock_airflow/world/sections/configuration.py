"""What a world file configures its installation with: variables, connections, plugins and providers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mock_airflow.domain.installation.plugins import PARTS, PARTS_3
from mock_airflow.domain.records import Connection, ConnectionTest, Plugin, Provider, Variable
from mock_airflow.world.entry import Entry, complain, nearest
from mock_airflow.world.sections.transaction import Draft, entries, section


@section("variables")
def _variables(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        key = entry.text("key")
        entry.ignore("is_encrypted", "team_name")
        draft.put(
            "variables",
            Variable(
                id=draft.id_of("variables", key),
                key=key,
                written_at=draft.airflow.now(),
                value=entry.text("value", None),
                description=entry.text("description", None),
            ),
        )
        entry.done()


@section("connections")
def _connections(draft: Draft, content: Any, place: str) -> None:
    """Connections as Airflow answers them.

    ``extra`` may be an object too, ``password`` may stand here as well, and ``test`` (``{"status": false, "message":
    "..."}``) says what testing a connection to the same place answers.
    """
    for entry in entries(content, place):
        connection_id = entry.text("connection_id")
        entry.ignore("team_name")
        draft.put(
            "connections",
            Connection(
                id=draft.id_of("connections", connection_id),
                connection_id=connection_id,
                conn_type=entry.text("conn_type"),
                description=entry.text("description", None),
                host=entry.text("host", None),
                login=entry.text("login", None),
                schema=entry.text("schema", None),
                port=entry.whole("port", None),
                password=entry.text("password", None),
                extra=_extra(entry),
                test=_test(entry.child("test")) if entry.has("test") else None,
            ),
        )
        entry.done()


def _extra(entry: Entry) -> str | None:
    value = entry.any("extra")
    if isinstance(value, dict):
        return json.dumps(value)
    text: str | None = entry.text("extra", None)
    return text


def _test(entry: Entry) -> ConnectionTest:
    status = entry.flag("status")
    said = "Connection successfully tested" if status else "Connection refused"
    test = ConnectionTest(status, entry.text("message", said))
    entry.done()
    return test


@section("connection_secrets")
def _secrets(draft: Draft, content: Any, place: str) -> None:
    """By connection, what Airflow never answers: the password, and the extra without its mask."""
    for connection_id, value in Entry(content, place).value.items():
        entry = Entry(value, f"{place}.{connection_id}")
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
    for key, value in Entry(content, place).value.items():
        variable = draft.get("variables", key)
        if variable is None:
            known = [row.key for row in (*draft.all("variables"), *draft.airflow.variables)]
            complain(place, f"there is no variable {key!r}.{nearest(key, known)}")
        if not isinstance(value, str):
            complain(f"{place}.{key}", "a text is expected.")
        draft.put("variables", replace(variable, value=value))


@section("plugins")
def _plugins(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        name = entry.text("name")
        draft.put(
            "plugins",
            Plugin(
                name=name,
                source=entry.text("source", f"$PLUGINS_FOLDER/{name}.py"),
                parts={part: list(entry.array(part, ())) for part in dict.fromkeys((*PARTS, *PARTS_3))},
            ),
        )
        entry.done()


@section("providers")
def _providers(draft: Draft, content: Any, place: str) -> None:
    for entry in entries(content, place):
        draft.put(
            "providers",
            Provider(
                package_name=entry.text("package_name"),
                description=entry.text("description", ""),
                version=entry.text("version", "1.0.0"),
                documentation_url=entry.text("documentation_url", None),
            ),
        )
        entry.done()
