"""Datacoves: keys for My Airflow and Team Airflow, sent as ``Authorization: Token <key>``.

Documented: the header, the variables, that a key is shown once, that its first eight characters name it, and that
permissions are the user's. Assumed: the length of a key, and every refusal's body, for which Django REST framework's
are taken; no source of the gate is public.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from mock_airflow.access.principals import SCOPE_OF_ROLE, Principal, behind_gate, scheme_seen
from mock_airflow.answers import JSON, Refusal
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import Profile, too_many

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings


class Datacoves(Profile):
    """The key decides who calls; behind the gate is an ordinary Airflow."""

    name = "datacoves"
    title = "Datacoves My Airflow and Team Airflow"
    gateway = True
    reads_keys = True
    security: ClassVar = {"Token": {"type": "apiKey", "in": "header", "name": "Authorization"}}

    def prepare(self, deployment: Site) -> dict[str, str]:
        """A key with every permission."""
        return {"api_key": deployment.keys.issue(name="first key").secret}

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """A key whose scope maps to the role, or one of a user who has it."""
        scope = SCOPE_OF_ROLE.get(role)
        if scope is not None:
            return {"api_key": deployment.keys.issue(name=role, scope=scope, owner=role.lower()).secret}
        from mock_airflow.access.passwords import add_user

        owner = add_user(deployment, f"{role.lower()}-user", deployment.airflow.ids.hex(16), role)
        return {"api_key": deployment.keys.issue(name=role, owner=owner.username).secret}

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """The owner of the key, acting with the role of its scope."""
        header = request.headers.get("Authorization", "")
        scheme, _, value = header.partition(" ")
        settings = deployment.settings
        if scheme.lower() not in (("token", "bearer") if settings.datacoves_bearer else ("token",)):
            raise _refused(
                settings,
                "Authentication credentials were not provided.",
                Why(f"The Authorization header has {scheme_seen(header)}; the gate reads only Token.", "scheme")
                if header
                else Why("No Authorization header was sent; the gate reads only Token.", "no credential"),
            )
        value = value.strip()
        if not value:
            raise _refused(
                settings,
                "Invalid token header. No credentials provided.",
                Why("The Authorization header has no key after Token.", "malformed header"),
            )
        if " " in value:
            raise _refused(
                settings,
                "Invalid token header. Token string should not contain spaces.",
                Why("The key in the header has a space.", "malformed header"),
            )
        key = deployment.keys.find(value)
        if key is None:
            said = f"There is no key that begins with {value[:8]!r}."
            raise _refused(settings, "Invalid token.", Why(said, "unknown key"))
        why = key.ended(deployment.airflow.now())
        if why is not None:
            raise _refused(settings, "Invalid token.", why)
        if settings.datacoves_keys_follow_user and key.owner_is_user:
            user = deployment.airflow.users.get(key.owner)
            if user is None or not user.active:
                said = f"The user {key.owner!r}, whose key this is, is {'not active' if user else 'no more'}."
                raise _refused(settings, "Invalid token.", Why(said, "removed owner"))
        key = deployment.keys.used(key)
        return behind_gate(
            deployment.airflow,
            key.owner,
            key.scope,
            deployment.settings.generation,
            credential_id=f"key:{key.prefix}",
            tier=key.tier,
        )

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """Django REST framework's words for a throttled request (assumed)."""
        wait = exceeded.retry_after
        unit = "second" if wait == 1 else "seconds"
        return Refusal(
            status=429,
            body=json.dumps({"detail": f"Request was throttled. Expected available in {wait} {unit}."}),
            content_type=JSON,
            why=too_many(exceeded),
        )

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """The only documented form."""
        return {"Authorization": f"Token {credentials['api_key']}"}

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """The names of both documented pages; the URL of My Airflow ends in a slash, as documented."""
        api = f"{url}/api/v2" if settings.generation == 3 else f"{url}/api/v1"
        return {
            "MY_AIRFLOW_API_URL": f"{api}/",
            "MY_AIRFLOW_API_KEY": credentials["api_key"],
            "AIRFLOW_API_URL": api,
            "DATACOVES_API_KEY": credentials["api_key"],
        }


def _refused(settings: Settings, detail: str, why: Why) -> Refusal:
    """Django REST framework's refusal; it names a scheme only with 401 (assumed)."""
    status = int(settings.datacoves_refusal_status)
    return Refusal(
        status=status,
        body=json.dumps({"detail": detail}),
        content_type=JSON,
        why=why._replace(
            read_from="the Authorization header",
            would_pass="a key that exists and was neither revoked nor expired, as Authorization: Token <key>",
        ),
        headers={"WWW-Authenticate": "Token"} if status == 401 else {},
    )


PROFILE = Datacoves()
