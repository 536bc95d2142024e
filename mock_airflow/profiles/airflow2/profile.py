"""An Airflow 2 of one's own: basic authentication, roles by Flask-AppBuilder (observed on 2.11.2).

With ``auth_role_public`` set, as it is out of the box, nobody gets a 401: a request without valid credentials acts as
the public role and is refused for what that role lacks, with a 403.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mock_airflow.access.digests import matches
from mock_airflow.access.passwords import add_user, basic, public_principal, user_principal
from mock_airflow.access.principals import Principal
from mock_airflow.answers import Answer, Refusal
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import Profile, too_many

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings


class Airflow2(Profile):
    """Basic authentication, or the public role."""

    name = "airflow2"
    title = "Airflow 2 with basic authentication"

    def prepare(self, deployment: Site) -> dict[str, str]:
        """The first administrator; one named admin with that password where there is none whose password is known."""
        return self.credentials_for(deployment, "Admin")

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """A user of that role whose password equals the name, made when there is none."""
        airflow = deployment.airflow
        for name, password in deployment.passwords.items():
            user = airflow.users.get(name)
            if user is not None and user.roles == (role,) and user.active and matches(password, user.password_digest):
                return {"username": name, "password": password}
        name = role.lower()
        add_user(deployment, name, name, role)
        return {"username": name, "password": name}

    def mount(self, settings: Settings) -> str:
        """The path of ``[webserver] base_url``."""
        return urlsplit(settings.base_url).path

    def unmounted(self, request: Request, deployment: Site) -> Answer | None:
        """What stands beside the path of ``base_url``: a text (code)."""
        return Answer("Apache Airflow is not at this location", 404, "text/plain")

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """The user that the first fitting backend finds, or whoever is let in without."""
        reason = "No credential was sent."
        for backend in deployment.settings.auth_backends:
            if backend.endswith("basic_auth"):
                found = basic(request.headers.get("Authorization"), deployment)
                if isinstance(found, Principal):
                    return found
                reason = found
            elif backend.endswith("session") and (user := deployment.sessions.user_by(request)) is not None:
                return user_principal(deployment, user)
        public = deployment.settings.auth_role_public
        if public is not None:
            return public_principal(deployment, public, reason)
        why = Why(reason, rule="no good credential", would_pass="the name and password of an active user")
        raise Problem(401, "Unauthorized", why=why).refusal(deployment.settings.airflow_version)

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """A 429 as problem+json (assumed: Airflow itself has no such limit)."""
        problem = Problem(429, "Too Many Requests", exceeded.rule.words, why=too_many(exceeded))
        return problem.refusal(deployment.settings.airflow_version)

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """Basic authentication."""
        pair = f"{credentials['username']}:{credentials['password']}".encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode()}

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """Names that scripts for a self-hosted Airflow commonly read (assumed: Airflow documents none)."""
        return {
            "AIRFLOW_API_URL": f"{url}/api/v1",
            "AIRFLOW_USERNAME": credentials["username"],
            "AIRFLOW_PASSWORD": credentials["password"],
        }


PROFILE = Airflow2()
