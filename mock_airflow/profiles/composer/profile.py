"""Cloud Composer's gate: a Google account that IAM lets in, and that is a user of the Airflow behind.

Documented: the scheme, the hosts, that a new caller gets a role by a setting, what becomes of long names, that a 403
means a missing role. Reported: that a request without a token is sent to Google's sign-in, and what Identity-Aware
Proxy answers to a token for another audience. Assumed: the pages' words, and the other statuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode, urlsplit

from mock_airflow.access.keys import KeyForm
from mock_airflow.access.principals import SCOPE_OF_ROLE, Principal
from mock_airflow.access.signing import private_key
from mock_airflow.answers import HTML, Refusal, Unidentified
from mock_airflow.errors import AccessKeyError, SettingError
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import Probe, Profile, acting, too_many
from mock_airflow.profiles.composer import commands, environments, metadata, token_host
from mock_airflow.profiles.composer.accounts import CLOUD_PLATFORM, FIRST, key_file, service_account
from mock_airflow.profiles.composer.estate import ComposerEstate
from mock_airflow.profiles.composer.identity import (
    GoogleAccount,
    access_token,
    bearer,
    by_access_token,
    by_id_token,
    id_token,
)
from mock_airflow.profiles.composer.problems import api_error, page
from mock_airflow.profiles.composer.registration import registered

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records.json_object import JsonObject
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings

_IAP = {"X-Goog-IAP-Generated-Response": "true"}
_ANY_TIME = {"iat": 0, "exp": 3600}  # of a probe's assertion, which no clock is asked about


class Composer(Profile):
    """The account's user in Airflow decides what the request may do there."""

    name = "composer"
    title = "Google Cloud Composer"
    gateway = True
    reads_keys = True
    # A service account's key is known by 40 hexadecimal digits; a user's refresh token is a text of any form.
    key_form = KeyForm(
        new_value=lambda airflow: airflow.ids.hex(40, "private key id"),
        new_public_id=lambda airflow: airflow.ids.uuid("google key"),
    )
    signs_tokens = True
    apis = (token_host.API, metadata.API, environments.API)
    security: ClassVar = {"GoogleOAuth2": {"type": "http", "scheme": "bearer"}}

    def attach(self, airflow: Airflow, settings: Settings) -> ComposerEstate:
        """The environment's commands. Raises SettingError for settings that do not fit together."""
        return ComposerEstate(airflow, settings)

    def prepare(self, deployment: Site) -> dict[str, str]:
        """A key of the service account that the environment came with, which is a new caller like any other.

        Raises SettingError where new callers are to get a role that there is not.
        """
        role, roles = deployment.settings.composer_auth_user_registration_role, deployment.airflow.roles
        if roles.get(role) is None:
            raise SettingError(
                f"New callers cannot get the role {role!r} of composer_auth_user_registration_role; the roles are"
                f" {', '.join(row.name for row in roles)}."
            )
        return self._key_of(deployment, FIRST, {})

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """A key of a service account that is registered with that role of Airflow's."""
        return self._key_of(deployment, role.lower(), {"airflow_role": role}, SCOPE_OF_ROLE.get(role, "admin"))

    def _key_of(self, deployment: Site, name: str, details: JsonObject, scope: str = "admin") -> dict[str, str]:
        email = service_account(name.replace(" ", "-"), deployment.settings)
        issued = deployment.keys.issue(name=name, scope=scope, owner=email, details={"email": email, **details})
        return {"client_email": email, "private_key_id": issued.secret}

    def exchange(self, credentials: Mapping[str, str], settings: Settings) -> Probe:
        """The key's JWT, for a token."""
        import jwt

        claims = {"iss": credentials["client_email"], "aud": token_host.TOKEN_ENDPOINT, "scope": CLOUD_PLATFORM}
        headers = {"kid": credentials["private_key_id"]}
        assertion = jwt.encode({**claims, **_ANY_TIME}, private_key(), algorithm="RS256", headers=headers)
        body = {"grant_type": token_host.JWT_BEARER, "assertion": assertion}
        return Probe("POST", "/token", body, airflows=False, signed=False)

    def bound_elsewhere(self, key: Key) -> JsonObject:
        """A key of an account that IAM lets into another project only."""
        return {**key.details, "granted": False}

    def with_role(self, key: Key, role: str) -> JsonObject:
        """The role of Airflow's that its account acts with."""
        return {**key.details, "airflow_role": role}

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """The user of Airflow's that a Google account is. Raises Refusal."""
        iap = deployment.settings.composer_generation == "1"
        account = self._account(request, deployment, iap)
        if not account.scoped:
            raise _page(403, Why("The token lacks the scope cloud-platform.", "scope"), iap)
        if not account.granted:
            raise _page(403, Why(f"IAM gives {account.email} no role in the project.", "no role"), iap)
        try:
            user = registered(account, deployment)
        except Unidentified as nobody:
            raise _page(403, nobody.why, iap) from None
        roles = user.roles if account.role is None else (account.role,)
        return acting(deployment, user.username, roles, account.credential_id, account.key)

    def _account(self, request: Request, deployment: Site, iap: bool) -> GoogleAccount:
        settings = deployment.settings
        try:
            text = bearer(request)
            if iap:
                return by_id_token(text, deployment, settings.composer_iap_client_id)
            return by_access_token(text, deployment)
        except Unidentified as nobody:
            why = nobody.why
        if why.rule in ("no credential", "scheme") and settings.composer_no_credential == "redirect":
            raise _to_sign_in(request, deployment, why, iap)
        if iap and why.rule not in ("no credential", "scheme"):
            raise _iap_refused(request, why, settings.composer_iap_client_id)
        raise _page(401, why, iap)

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """Google's form of a quota that is used up (assumed)."""
        said = f"Quota exceeded: {exceeded.rule.words}"
        return api_error(429, said, too_many(exceeded), "RATE_LIMIT_EXCEEDED")

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """A new token of the key: for Composer 1 an id token, otherwise an access token.

        Raises AccessKeyError for a key that counts no more.
        """
        key = deployment.keys.get(credentials["private_key_id"])
        if key.ended(deployment.airflow.now()) is not None:
            raise AccessKeyError(f"The key {key.prefix} is exchanged for no token any more.")
        if deployment.settings.composer_generation == "1":
            made = id_token(key, deployment.settings.composer_iap_client_id, deployment)
        else:
            made = access_token(key, (CLOUD_PLATFORM,), deployment)
        return {"Authorization": f"Bearer {made}"}

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """What google-auth reads (a metadata server, the project), Terraform's key file, and the sample's address."""
        email, host = credentials["client_email"], urlsplit(url).netloc
        return {
            "COMPOSER2_WEB_SERVER_URL": url,
            "GCE_METADATA_HOST": host,
            "GCE_METADATA_IP": f"{host}/computeMetadata",  # what is asked whether it is there; the root is Airflow's
            "GOOGLE_CLOUD_PROJECT": email.partition("@")[2].partition(".")[0],
            "GOOGLE_CREDENTIALS": key_file(email, credentials["private_key_id"], url),
        }


def _page(status: int, why: Why, iap: bool) -> Refusal:
    passing = "a Google account that IAM lets in, by an id token" if iap else "an access token of one that IAM lets in"
    why = why._replace(
        read_from="the Authorization header", would_pass=why.would_pass or f"Authorization: Bearer <{passing}>"
    )
    return page(status, why, dict(_IAP) if iap else {})


def _iap_refused(request: Request, why: Why, audience: str) -> Refusal:
    """What Identity-Aware Proxy says of a token (reported: of a wrong audience; assumed: the other words)."""
    said = "Invalid IAP credentials: Unable to parse JWT"
    if why.rule == "audience":
        given = _audience(request)
        said = (
            f"Invalid IAP credentials: JWT audience doesn't match this application ('aud' claim ({given}) doesn't match"
            f" expected value ({audience}))"
        )
    elif why.rule == "claims":
        said = "Invalid IAP credentials: JWT 'email' claim isn't a string"
    elif why.rule == "issuer":
        said = "Invalid IAP credentials: JWT issuer is not accepted"
    elif why.rule == "signature":
        said = "Invalid IAP credentials: JWT signature is invalid"
    elif why.rule != "malformed":
        said = "Invalid IAP credentials: Expired JWT"
    refusal = _page(401, why, iap=True)
    refusal.body, refusal.content_type = said, HTML
    return refusal


def _audience(request: Request) -> str:
    import jwt

    claims = jwt.decode(bearer(request), options={"verify_signature": False})
    return str(claims.get("aud"))[:200]


def _to_sign_in(request: Request, deployment: Site, why: Why, iap: bool) -> Refusal:
    """To Google's sign-in; Identity-Aware Proxy names its client there, which scripts read (documented)."""
    settings = deployment.settings
    client = settings.composer_iap_client_id
    asked = {
        "client_id": client,
        "response_type": "code",
        "scope": "openid email",
        "redirect_uri": f"https://iap.googleapis.com/v1/oauth/clientIds/{client}:handleRedirect",
    }
    if not iap:
        asked = {"response_type": "code", "scope": "openid email", "redirect_uri": request.base_url}
    accounts = settings.composer_accounts_url.rstrip("/") or request.host_url.rstrip("/")
    refusal = _page(401, why, iap)
    refusal.status, refusal.body = 302, ""
    refusal.headers = {**refusal.headers, "Location": f"{accounts}/o/oauth2/v2/auth?{urlencode(asked)}"}
    return refusal


__all__ = ["PROFILE", "commands"]  # which describes operations of the API's

PROFILE = Composer()
