"""Rows with secrets: their repr tells every other field, and none of those."""

from __future__ import annotations

from typing import Any

import pytest

from mock_airflow.access.keys import Key
from mock_airflow.access.oauth.records import Grant, OAuthClient
from mock_airflow.access.sessions import Session
from mock_airflow.domain.records import Connection, ConnectionTestRequest, User, Variable
from mock_airflow.storage.rows import fields_of

SECRETS: dict[Any, set[str]] = {
    Connection: {"password", "extra"},
    ConnectionTestRequest: {"token"},
    Grant: {"ticket_digest", "code_digest"},
    Key: {"digest", "value"},
    OAuthClient: {"secret_digest"},
    Session: {"secret", "csrf_token", "password_digest"},
    User: {"password_digest"},
    Variable: {"value"},
}


@pytest.mark.parametrize("kind", SECRETS, ids=lambda kind: kind.__name__)
def test_a_repr_tells_everything_but_secrets(kind: Any) -> None:
    values = {name: "hidden" if name in SECRETS[kind] else f"told {name}" for name in fields_of(kind)}
    row = kind(**values)
    told = repr(row)
    assert "hidden" not in told
    assert all(f"{name}='told {name}'" in told for name in values.keys() - SECRETS[kind])
    assert dict(row.__rich_repr__()) == {name: values[name] for name in values.keys() - SECRETS[kind]}
    assert values.keys() > SECRETS[kind]
