"""Amazon MWAA: AWS's control plane in front, and an Airflow whose web server takes sessions alone.

Documented: the operations, the lifetimes, the login and the command line, the roles in IAM. From code: botocore's model
of the service, hosts, names and shapes of errors. Reported: the words of signatures that are wrong. Assumed: what the
web server says to a token that does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from mock_airflow.access.admission import INSIDE
from mock_airflow.access.keys import Issued, Key, KeyForm
from mock_airflow.access.passwords import public_principal, user_principal
from mock_airflow.access.principals import SCOPE_OF_ROLE, Principal
from mock_airflow.answers import Refusal, Unidentified
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.errors import AccessKeyError
from mock_airflow.profiles.base import Probe, Profile, too_many
from mock_airflow.profiles.mwaa import control_plane, rest_api, web_server
from mock_airflow.profiles.mwaa.estate import MwaaEstate
from mock_airflow.profiles.mwaa.iam import airflow_roles, principal_of
from mock_airflow.profiles.mwaa.identity import SESSION_COOKIE, session_of, session_user, signed_in
from mock_airflow.profiles.mwaa.presigning import presigned

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records import User
    from mock_airflow.domain.records.json_object import JsonObject
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings

_ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_PASSES = "a session's cookie, which POST /aws_mwaa/login gives for a web token"


class Mwaa(Profile):
    """A key signs calls to the control plane; only what these hand out opens Airflow."""

    name = "mwaa"
    title = "Amazon MWAA"
    reads_keys = True
    # An access key's id is told, its secret signs, so that has to be kept as it is.
    key_form = KeyForm(
        new_value=lambda airflow: airflow.ids.text(40, _SECRET_LETTERS, "secret access key"),
        new_public_id=lambda airflow: "AKIA" + airflow.ids.text(16, _ID_LETTERS, "access key id"),
        shown_again=True,
    )
    signs_tokens = True
    rsa = False
    retry_after = "absent"
    apis = (control_plane.API, web_server.API)
    security: ClassVar = {"Session": {"type": "apiKey", "in": "cookie", "name": "session"}}

    def attach(self, airflow: Airflow, settings: Settings) -> MwaaEstate:
        """The account's environments."""
        return MwaaEstate(airflow, settings)

    def prepare(self, deployment: Site) -> dict[str, str]:
        """An access key of an administrator, who has signed in before, so that a reset leaves a session's user."""
        issued = deployment.keys.issue(name="first key", owner="assumed-role/Admin/mock")
        self._sign_in(issued.key, deployment)
        return _credentials(issued, deployment)

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """An access key whose web tokens have that role of Airflow's."""
        scope, owner = SCOPE_OF_ROLE.get(role, "read-write"), f"assumed-role/{role.replace(' ', '-')}/mock"
        details = {"airflow_role": role}
        return _credentials(deployment.keys.issue(name=role, scope=scope, owner=owner, details=details), deployment)

    def exchange(self, credentials: Mapping[str, str], settings: Settings) -> Probe:
        """The call for a web token, signed for good."""
        path = f"/webtoken/{settings.mwaa_environment}"
        return Probe("POST", presigned(path, credentials, "testserver"), airflows=False, signed=False)

    def bound_elsewhere(self, key: Key) -> JsonObject:
        """A key whose policies are about another environment."""
        return {**key.details, "elsewhere": True}

    def with_role(self, key: Key, role: str) -> JsonObject:
        """The one role that IAM is to allow."""
        return {**key.details, "airflow_role": role}

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whoever has a session; whom InvokeRestApi asks for comes with the request. Raises Refusal."""
        inside: Principal | None = request.environ.get(INSIDE)
        if inside is not None:
            return inside
        settings = deployment.settings
        if settings.generation == 3:
            from mock_airflow.profiles.airflow3.profile import PROFILE as AIRFLOW_3

            return AIRFLOW_3.authenticate(request, deployment)
        try:
            return user_principal(deployment, session_user(request, deployment))
        except Unidentified as nobody:
            why = nobody.why._replace(read_from=f"the cookie {SESSION_COOKIE}", would_pass=_PASSES)
        if settings.auth_role_public is not None:
            return public_principal(deployment, settings.auth_role_public, why.reason)
        raise Problem(401, "Unauthorized", why=why).refusal(settings.airflow_version)

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """The web server's 429 (assumed); the control plane words its own."""
        settings, why = deployment.settings, too_many(exceeded, "limit")
        if settings.generation == 3:
            from mock_airflow.api.airflow3.problems import Detail

            return Detail(429, exceeded.rule.words, why=why).refusal("")
        return Problem(429, "Too Many Requests", exceeded.rule.words, why=why).refusal(settings.airflow_version)

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """The cookie of a new session. Raises AccessKeyError for no such key, and where IAM allows no login."""
        with deployment.lock:
            key = deployment.keys.get(credentials["aws_access_key_id"])
            ended = key.ended(deployment.airflow.now())
            user = self._sign_in(key, deployment) if ended is None else None
            if user is None:
                said = ended.reason if ended else f"IAM allows {principal_of(key, deployment.settings).name} no login."
                raise AccessKeyError(f"The key {key.public_id} opens no session: {said}")
            return {"Cookie": "=".join(session_of(user, key.public_id, deployment))}

    def _sign_in(self, key: Key, deployment: Site) -> User | None:
        """The key's owner as a user of Airflow's; None where IAM allows no login."""
        settings = deployment.settings
        roles = airflow_roles(key, settings, "airflow:CreateWebLoginToken", settings.mwaa_environment)
        return signed_in(principal_of(key, settings).name, roles, deployment) if roles else None

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """What boto3 and the AWS command line read, and the name that scripts give the environment."""
        return {
            "AWS_ACCESS_KEY_ID": credentials["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": credentials["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": credentials["region"],
            "AWS_REGION": credentials["region"],
            "AWS_ENDPOINT_URL_MWAA": url,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "MWAA_ENV_NAME": credentials["environment"],
        }


def _credentials(issued: Issued, deployment: Site) -> dict[str, str]:
    return {
        "aws_access_key_id": issued.key.public_id,
        "aws_secret_access_key": issued.secret,
        "region": deployment.settings.mwaa_region,
        "environment": deployment.settings.mwaa_environment,
    }


__all__ = ["PROFILE", "rest_api"]

PROFILE = Mwaa()
