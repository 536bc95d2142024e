"""The API that Airflow 2's user management brings along, `/auth/fab/v1`: users, roles and actions.

The stable API's own operations for these are deprecated and forward to it, so each is described once for both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mock_airflow.access.admission import Admission
from mock_airflow.api.airflow2.dialect import Dialect2
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Handler

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers


class FabDialect(Dialect2):
    """Those of the stable API, but here a login leaves a session (observed)."""

    def dress(self, headers: Headers, admission: Admission) -> None:
        """Add a session for whoever logged in, refused or not, and no cross-origin headers (observed)."""
        headers["Vary"] = "Cookie"
        with admission.deployment.lock:
            cookie = admission.deployment.sessions.cookie_of(admission.principal)
        if cookie is not None:
            headers["Set-Cookie"] = cookie


_MODULES = {"roles": "roles", "permissions": "permissions", "users": "users"}
API = Api(
    "fab",
    "/auth/fab/v1",
    "Flask App Builder User & Role API",
    FabDialect(),
    filled_by={f"mock_airflow.api.v1.{name}": collections for name, collections in _MODULES.items()},
)


def in_both(stable: Api, tag: str) -> Callable[..., Callable[[Handler], Handler]]:
    """The decorator ``operation`` for one tag's module, whose operations ``stable`` and the API here have."""
    tables = [api.tagged(tag) for api in (stable, API)]

    def operation(*described: Any, **options: Any) -> Callable[[Handler], Handler]:
        entries = [table(*described, **options) for table in tables]

        def register(handler: Handler) -> Handler:
            for entry in entries:
                entry(handler)
            return handler

        return register

    return operation
