"""The document of what an auth manager of Airflow 3 serves below `/auth`: tokens, and FAB's users and roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace
from pydantic import BaseModel

from mock_airflow.api.api import Api
from mock_airflow.api.fab3 import API as FAB3
from mock_airflow.api.operation import Operation
from mock_airflow.api.simple_auth import API as SIMPLE_AUTH
from mock_airflow.api.simple_auth.tokens import LoginBody
from mock_airflow.api.v2 import API as V2

_PREFIX = "/auth"
_ONLY_SIMPLE = ("create_token_all_admins", "login_all_admins")


class LoginByFab(BaseModel):
    """Name and password; more keys are passed over."""

    username: Any = None
    password: Any = None


def auth_api(fab: bool) -> Api:
    """The operations below `/auth` of one auth manager, as one API."""
    api = Api("auth", "", "FAB auth manager API" if fab else "Simple auth manager sub application")
    for operation in _tokens(fab):
        api.operations[operation.operation_id] = operation
    if fab:
        api.operations["logout"] = replace(V2.operations["logout"], path="/logout", tag="FabAuthManager")
    for operation in FAB3 if fab else ():
        path = FAB3.prefix.removeprefix(_PREFIX) + operation.path
        api.operations[operation.operation_id] = replace(operation, path=path)
    return api


def _tokens(fab: bool) -> Iterator[Operation]:
    """The operations that give tokens; their bodies, which they read themselves, stand only here."""
    for operation in SIMPLE_AUTH:
        if operation.method == "POST":
            refuses = (400, 401) if fab or operation.path != "/token" else (400, 401, 415)
            body: Any = LoginByFab if fab else LoginBody
            yield replace(operation, body=body, answer="LoginResponse", refuses=refuses)
        elif not fab:
            redirects = operation.success == 307
            yield replace(operation, answer=None if redirects else "LoginResponse", refuses=(403,))
