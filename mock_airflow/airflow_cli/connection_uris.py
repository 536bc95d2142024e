"""A connection in one text, as Airflow writes and reads it (code)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from mock_airflow.domain.records import Connection

_EXTRA = "__extra__"  # the parameter that holds an extra which is no flat object of texts


def uri_of(row: Connection) -> str:
    """The connection as a URI, its password in it."""
    scheme = f"{row.conn_type.lower().replace('_', '-')}://" if row.conn_type else "//"
    protocol, between, host = (row.host or "").rpartition("://")
    who = "" if row.login is None else quote(row.login, safe="")
    who += "" if row.password is None else f":{quote(row.password, safe='')}"
    who += "@" if who else ""
    place = quote(host, safe="")
    if row.port:
        place += f"{'' if place or who else '@'}:{row.port}"
    if row.schema:
        place += f"/{quote(row.schema, safe='')}"
    told = f"{scheme}{protocol}{between}{who}{place}"
    if not row.extra:
        return told
    return f"{told}{'?' if row.schema else '/?'}{_query(row.extra)}"


def _query(extra: str) -> str:
    try:
        fields = json.loads(extra)
        query = urlencode(fields)
        if query and dict(parse_qsl(query, keep_blank_values=True)) == fields:
            return query
    except (ValueError, TypeError):
        pass  # no JSON, or no object: it goes along whole
    return urlencode({_EXTRA: extra})


def read_uri(text: str) -> dict[str, Any]:
    """The fields of the connection that a URI is."""
    parts = urlsplit(text)
    scheme = parts.scheme.replace("-", "_")
    fields: dict[str, Any] = {
        "conn_type": "postgres" if scheme == "postgresql" else scheme,
        "host": unquote(parts.hostname or "") or None,
        "login": None if parts.username is None else unquote(parts.username),
        "password": None if parts.password is None else unquote(parts.password),
        "schema": unquote(parts.path[1:]) or None,
        "port": parts.port,
    }
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if query:
        fields["extra"] = query[_EXTRA] if _EXTRA in query else json.dumps(query)
    return fields
