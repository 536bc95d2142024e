"""What testing a connection says, without ever opening a socket (assumed where nothing else is said).

A stored connection that leads to the same place (type, host, port) and has a ``test`` decides. Without one: an unknown
type fails, and so do what Airflow refuses before it connects, a loopback host, as nothing else listens on the machine
of an emulated Airflow, and a host under ``.invalid``, which by its standard (RFC 2606) nobody resolves. Everything else
connects.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from string import ascii_letters, digits

from msgspec.structs import replace

from mock_airflow.domain import connections
from mock_airflow.domain.airflow import SCHEDULER_LOOP, Airflow
from mock_airflow.domain.installation import providers
from mock_airflow.domain.records import Connection, ConnectionTest, ConnectionTestRequest

_SUCCESS = ConnectionTest(True, "Connection successfully tested")
_REFUSED = "[Errno 111] Connection refused"
_UNRESOLVED = "[Errno -2] Name or service not known"


def ask(airflow: Airflow, connection: Connection, *, commit_on_success: bool) -> ConnectionTestRequest | None:
    """Ask a worker for a test; None while one of the same id is pending."""
    settle(airflow)
    waiting = (row for row in airflow.connection_tests if row.state == "pending")
    if any(row.connection.connection_id == connection.connection_id for row in waiting):
        return None
    return airflow.connection_tests.put(
        ConnectionTestRequest(
            token=airflow.ids.text(43, ascii_letters + digits + "-_", "connection-test"),
            connection=connection,
            created_at=airflow.now(),
            commit_on_success=commit_on_success,
        )
    )


def settle(airflow: Airflow) -> None:
    """Carry out what was asked for, as the scheduler's next loop does; without a scheduler it stays pending."""
    if airflow.runs == "manual":
        return
    takes = SCHEDULER_LOOP if airflow.runs == "timed" else SCHEDULER_LOOP * 0
    for row in list(airflow.connection_tests):
        if row.state == "pending" and airflow.now() - row.created_at >= takes:
            said = outcome(airflow, row.connection)
            state = "success" if said.status else "failed"
            airflow.connection_tests.put(replace(row, state=state, result_message=said.message))
            if said.status and row.commit_on_success:
                _store(airflow, row.connection)


def _store(airflow: Airflow, connection: Connection) -> None:
    values = {
        name: getattr(connection, name)
        for name in ("conn_type", "description", "host", "login", "schema", "port", "password", "extra")
    }
    if connection.connection_id in airflow.connections:
        connections.change(airflow, connection.connection_id, **values)
    else:
        connections.create(airflow, connection_id=connection.connection_id, **values)


def outcome(airflow: Airflow, connection: Connection) -> ConnectionTest:
    """What testing the connection says now."""
    kind = connection.conn_type
    if kind not in providers.connection_types(airflow):
        return ConnectionTest(False, f'Unknown hook type "{kind}"')
    return _untestable(kind) or _told(airflow, connection) or _BY_TYPE.get(kind, _over_network)(connection)


def _untestable(kind: str) -> ConnectionTest | None:
    """The failure of types that have no test (observed)."""
    if kind == "imap":
        return ConnectionTest(False, "Hook ImapHook doesn't implement or inherit test_connection method")
    if kind in ("generic", "email"):
        return ConnectionTest(False, "'NoneType' object has no attribute 'rsplit'")
    return None


def _told(airflow: Airflow, connection: Connection) -> ConnectionTest | None:
    place = _place(connection)
    return next((row.test for row in airflow.connections if row.test is not None and _place(row) == place), None)


def _place(connection: Connection) -> tuple[str, str | None, int | None]:
    return connection.conn_type, connection.host or None, connection.port or None


def _folder(connection: Connection) -> ConnectionTest:
    try:
        path = json.loads(connection.extra or "{}").get("path")
    except (ValueError, RecursionError, AttributeError):
        path = None
    if not path:
        return ConnectionTest(False, "File Path is undefined.")
    return ConnectionTest(True, f"Path {path} is existing.")


def _over_network(connection: Connection) -> ConnectionTest:
    host = connection.host or ""
    if not host:
        return _WITHOUT_HOST.get(connection.conn_type, _SUCCESS)
    failure = _REFUSED if _is_loopback(host) else _UNRESOLVED if host.endswith(".invalid") else None
    return ConnectionTest(False, failure) if failure else _SUCCESS


def _over_http(connection: Connection) -> ConnectionTest:
    scheme, host = connection.schema or "http", connection.host or ""
    if "://" in host:
        scheme, _, host = host.partition("://")
        host = host.partition("/")[0]
    if not host:
        return ConnectionTest(False, f"Invalid URL '{scheme}://': No host supplied")
    host, _, port = host.partition(":")
    number = connection.port or (int(port) if port.isdecimal() else 443 if scheme == "https" else 80)
    peer = f"HTTP{'S' if scheme == 'https' else ''}Connection"
    where = f"(host={host!r}, port={number})"
    if _is_loopback(host):
        cause = f'NewConnectionError("{peer}{where}: Failed to establish a new connection: {_REFUSED}")'
    elif host.endswith(".invalid"):
        cause = f'NameResolutionError("{peer}{where}: Failed to resolve {host!r} ({_UNRESOLVED})")'
    else:
        return _SUCCESS
    return ConnectionTest(False, f"{peer}Pool{where}: Max retries exceeded with url: / (Caused by {cause})")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_BY_TYPE: dict[str, Callable[[Connection], ConnectionTest]] = {
    "fs": _folder,
    "sqlite": lambda connection: _SUCCESS,
    "http": _over_http,
}
_WITHOUT_HOST = {
    "smtp": ConnectionTest(False, "please run connect() first"),
    "package_index": ConnectionTest(False, "Please provide an index URL."),
}
