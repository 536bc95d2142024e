"""The authorization server: a person is asked, a code is given, and tokens for the code (OAuth 2.1).

Authorization code with PKCE S256 is the only way in. A refresh token is good for one use; when one comes a second time,
somebody stole it, and the whole grant ends (RFC 9700, section 4.14.2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from msgspec.structs import replace

from mock_airflow.access.digests import digest
from mock_airflow.access.oauth.clients import Clients, redirects_to
from mock_airflow.access.oauth.records import Grant, OAuthClient, RefreshToken
from mock_airflow.access.oauth.refusals import OAuthRefusal, RedirectedRefusal
from mock_airflow.access.tokens import Tokens
from mock_airflow.answers import TokenRefused
from mock_airflow.domain.airflow import Airflow
from mock_airflow.storage.tables import Table

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Policy(NamedTuple):
    """How an authorization server behaves; lifetimes are in seconds."""

    scopes: tuple[str, ...]
    access_lifetime: float
    refresh_lifetime: float
    code_lifetime: float
    rotates: bool = True


class Issuer(NamedTuple):
    """In whose name tokens are made: the issuer's URL, the deployment's tokens, and what is claimed of a person."""

    url: str
    tokens: Tokens
    claims: Callable[[str, tuple[str, ...]], dict[str, Any]]


class AuthorizationServer:
    """One deployment's authorization server. All it knows are rows, so that snapshots hold it."""

    def __init__(self, airflow: Airflow, policy: Policy) -> None:
        self._airflow, self.policy = airflow, policy
        self.clients = Clients(airflow, policy.scopes)
        self._grants: Table[str, Grant] = airflow.add_table(
            "oauth_grants",
            lambda grant: grant.id,
            groups={"ticket": lambda grant: grant.ticket_digest, "code": lambda grant: grant.code_digest},
        )
        self._refresh: Table[str, RefreshToken] = airflow.add_table(
            "oauth_refresh_tokens", lambda token: token.digest, groups={"grant": lambda token: token.grant_id}
        )

    # -------------------------------------------------------------------------------------------- the person is asked

    def asked(self, query: Mapping[str, str]) -> tuple[Grant, OAuthClient, str]:
        """What a client wants of the person, and the ticket with which the person answers.

        Raises OAuthRefusal when nobody may be sent back, and RedirectedRefusal otherwise.
        """
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            raise OAuthRefusal("invalid_request", "There is no client of this client_id; register it first.")
        sent = query.get("redirect_uri")
        redirect_uri = sent if sent is not None else client.redirect_uris[0]
        if (sent is None and len(client.redirect_uris) > 1) or not redirects_to(client, redirect_uri):
            raise OAuthRefusal("invalid_request", "The redirect_uri is none that the client was registered with.")
        state = query.get("state")

        def wrong(error: str, description: str) -> RedirectedRefusal:
            return RedirectedRefusal(error, description, redirect_uri, state)

        if query.get("response_type") != "code":
            raise wrong("unsupported_response_type", "The only response_type is code.")
        if not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
            raise wrong("invalid_request", "A code_challenge of 43 characters is required (PKCE).")
        if query.get("code_challenge_method") != "S256":
            raise wrong("invalid_request", "The only code_challenge_method is S256.")
        scopes = tuple(dict.fromkeys(query.get("scope", "").split())) or client.scopes
        if beyond := [scope for scope in scopes if scope not in client.scopes]:
            raise wrong("invalid_scope", f"The client may not ask for the scope {beyond[0][:60]}.")
        now = self._airflow.now()
        ticket = self._airflow.ids.text(32, _ALPHABET, "oauth ticket")
        grant = Grant(
            id=self._airflow.ids.uuid("oauth grant"),
            client_id=client.client_id,
            redirect_uri=redirect_uri,
            redirect_uri_sent=sent is not None,
            scopes=scopes,
            challenge=query["code_challenge"],
            state=state,
            nonce=query.get("nonce"),
            resource=query.get("resource"),
            ticket_digest=digest(ticket),
            created_at=now,
            expires_at=now + timedelta(seconds=self.policy.code_lifetime),
        )
        return self._grants.put(grant), client, ticket

    def ticketed(self, ticket: str) -> Grant:
        """What the person of a ticket is asked. Raises OAuthRefusal for one that was used or is too old."""
        grant = next(iter(self._grants.group("ticket", digest(ticket)).values()), None) if ticket else None
        if grant is None or grant.expires_at <= self._airflow.now():
            raise OAuthRefusal("invalid_request", "This question was answered already, or is too old; begin again.")
        return grant

    def approved(self, grant: Grant, subject: str) -> str:
        """Where the browser goes when the person says yes: to the client, with a code."""
        now = self._airflow.now()
        code = self._airflow.ids.text(32, _ALPHABET, "oauth code")
        self._grants.put(
            replace(
                grant,
                ticket_digest="",
                code_digest=digest(code),
                subject=subject,
                approved_at=now,
                expires_at=now + timedelta(seconds=self.policy.code_lifetime),
            )
        )
        return sent_back(grant.redirect_uri, code=code, state=grant.state)

    def denied(self, grant: Grant) -> str:
        """Where the browser goes when the person says no."""
        self._grants.delete(grant.id)
        return sent_back(
            grant.redirect_uri, error="access_denied", error_description="The person said no.", state=grant.state
        )

    # ----------------------------------------------------------------------------------------------- tokens are given

    def exchange(self, authorization: str, form: Mapping[str, str], issuer: Issuer) -> dict[str, Any]:
        """The answer of the token endpoint. Raises OAuthRefusal."""
        kind = form.get("grant_type", "")
        if not kind:
            raise OAuthRefusal("invalid_request", "grant_type is missing.")
        if kind not in ("authorization_code", "refresh_token"):
            raise OAuthRefusal("unsupported_grant_type", "The grant types are authorization_code and refresh_token.")
        client = self.clients.authenticated(authorization, form)
        if kind not in client.grant_types:
            raise OAuthRefusal("unauthorized_client", f"The client was not registered for {kind}.")
        if kind == "authorization_code":
            grant, scopes = self._redeemed(client, form, issuer), None
        else:
            grant, scopes = self._renewed(client, form, issuer)
        return self._given(client, grant, scopes or grant.scopes, issuer, fresh=kind == "authorization_code")

    def _redeemed(self, client: OAuthClient, form: Mapping[str, str], issuer: Issuer) -> Grant:
        code = form.get("code", "")
        if not code:
            raise OAuthRefusal("invalid_request", "code is missing.")
        now = self._airflow.now()
        grant = next(iter(self._grants.group("code", digest(code)).values()), None)
        if grant is None or grant.client_id != client.client_id:
            raise OAuthRefusal("invalid_grant", "There is no such code for this client.")
        if grant.redeemed_at is not None:
            self._end(grant, issuer)  # whoever has it a second time got it from the first (RFC 6749, section 4.1.2)
            raise OAuthRefusal("invalid_grant", "The code was used before; its tokens are no longer valid.")
        if grant.expires_at <= now:
            raise OAuthRefusal("invalid_grant", "The code is too old.")
        sent = form.get("redirect_uri")
        if (sent is not None and sent != grant.redirect_uri) or (sent is None and grant.redirect_uri_sent):
            raise OAuthRefusal("invalid_grant", "The redirect_uri is not the one that the code was asked for with.")
        verifier = form.get("code_verifier", "")
        if not _VERIFIER.fullmatch(verifier):
            raise OAuthRefusal("invalid_grant", "A code_verifier of 43 to 128 characters is required (PKCE).")
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if not hmac.compare_digest(hashed, grant.challenge):
            raise OAuthRefusal("invalid_grant", "The code_verifier does not fit the code_challenge.")
        return self._grants.put(replace(grant, redeemed_at=now))

    def _renewed(self, client: OAuthClient, form: Mapping[str, str], issuer: Issuer) -> tuple[Grant, tuple[str, ...]]:
        text = form.get("refresh_token", "")
        if not text:
            raise OAuthRefusal("invalid_request", "refresh_token is missing.")
        now = self._airflow.now()
        token = self._refresh.get(digest(text))
        grant = None if token is None else self._grants.get(token.grant_id)
        if token is None or grant is None or grant.client_id != client.client_id:
            raise OAuthRefusal("invalid_grant", "There is no such refresh token for this client.")
        if token.used_at is not None and self.policy.rotates:
            self._end(grant, issuer)
            raise OAuthRefusal("invalid_grant", "The refresh token was used before, so the whole grant has ended.")
        if grant.ended_at is not None or token.revoked_at is not None:
            raise OAuthRefusal("invalid_grant", "The refresh token was revoked.")
        if token.expires_at <= now:
            raise OAuthRefusal("invalid_grant", "The refresh token has expired.")
        asked = tuple(form.get("scope", "").split())
        if any(scope not in token.scopes for scope in asked):
            raise OAuthRefusal("invalid_scope", "A renewal cannot ask for more than was granted.")
        self._refresh.put(replace(token, used_at=now))
        return grant, asked or token.scopes

    def _given(
        self, client: OAuthClient, grant: Grant, scopes: tuple[str, ...], issuer: Issuer, *, fresh: bool
    ) -> dict[str, Any]:
        lifetime = timedelta(seconds=self.policy.access_lifetime)
        claims: dict[str, Any] = {"iss": issuer.url, "client_id": client.client_id, "scope": " ".join(scopes)}
        if grant.resource:
            claims["aud"] = grant.resource
        access = issuer.tokens.issue(
            grant.subject,
            lifetime,
            credential=f"oauth:{grant.id}",
            claims=claims,
            algorithm="RS256",
            headers={"typ": "at+jwt"},
        )
        answer: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(self.policy.access_lifetime),
            "scope": " ".join(scopes),
        }
        if "refresh_token" in client.grant_types:
            answer["refresh_token"] = self._new_refresh(grant, grant.scopes)
        if "openid" in scopes:
            told = {"iss": issuer.url, "aud": client.client_id, **issuer.claims(grant.subject, scopes)}
            if fresh and grant.nonce is not None:
                told["nonce"] = grant.nonce
            half = hashlib.sha256(access.encode()).digest()[:16]
            told["at_hash"] = base64.urlsafe_b64encode(half).decode().rstrip("=")
            answer["id_token"] = issuer.tokens.issue(
                grant.subject, lifetime, credential=f"oauth:{grant.id}", claims=told, algorithm="RS256", kind="id"
            )
        return answer

    def _new_refresh(self, grant: Grant, scopes: tuple[str, ...]) -> str:
        text = self._airflow.ids.text(43, _ALPHABET, "oauth refresh")
        expires_at = self._airflow.now() + timedelta(seconds=self.policy.refresh_lifetime)
        self._refresh.put(RefreshToken(digest=digest(text), grant_id=grant.id, scopes=scopes, expires_at=expires_at))
        return text

    # ----------------------------------------------------------------------------------- tokens are looked at and end

    def revoke(self, authorization: str, form: Mapping[str, str], issuer: Issuer) -> None:
        """Have a token of the calling client end; an unknown one is no error (RFC 7009). Raises OAuthRefusal."""
        client = self.clients.authenticated(authorization, form)
        text = form.get("token", "")
        if not text:
            raise OAuthRefusal("invalid_request", "token is missing.")
        refresh = self._refresh.get(digest(text))
        if refresh is not None:
            grant = self._grants.get(refresh.grant_id)
            if grant is not None and grant.client_id == client.client_id:
                self._end(grant, issuer)
            return
        row = issuer.tokens.row(text)
        if row is not None and row.claims.get("client_id") == client.client_id:
            issuer.tokens.revoke_known(text)

    def introspect(self, authorization: str, form: Mapping[str, str], issuer: Issuer) -> dict[str, Any]:
        """What a token is; ``active`` False alone for whatever does not count (RFC 7662). Raises OAuthRefusal."""
        self.clients.authenticated(authorization, form)
        text = form.get("token", "")
        if not text:
            raise OAuthRefusal("invalid_request", "token is missing.")
        refresh = self._refresh.get(digest(text))
        if refresh is not None:
            return self._introspected(refresh, issuer)
        try:
            claims = issuer.tokens.read(text, algorithm="RS256", issuer=issuer.url)
        except TokenRefused:
            return {"active": False}
        known = ("scope", "client_id", "exp", "iat", "sub", "aud", "iss", "jti")
        told = {name: claims[name] for name in known if name in claims}
        return {"active": True, "token_type": "Bearer", "username": claims.get("sub"), **told}

    def _introspected(self, token: RefreshToken, issuer: Issuer) -> dict[str, Any]:
        grant = self._grants.get(token.grant_id)
        over = token.used_at is not None or token.revoked_at is not None or token.expires_at <= self._airflow.now()
        if grant is None or grant.ended_at is not None or over:
            return {"active": False}
        return {
            "active": True,
            "token_type": "refresh_token",
            "client_id": grant.client_id,
            "scope": " ".join(token.scopes),
            "sub": grant.subject,
            "username": grant.subject,
            "exp": int(token.expires_at.timestamp()),
            "iss": issuer.url,
        }

    def _end(self, grant: Grant, issuer: Issuer) -> None:
        """Take a grant back, with every token that came of it."""
        now = self._airflow.now()
        self._grants.put(replace(grant, ended_at=grant.ended_at or now))
        for token in list(self._refresh.group("grant", grant.id).values()):
            self._refresh.put(replace(token, revoked_at=token.revoked_at or now))
        issuer.tokens.revoke_of(f"oauth:{grant.id}")


def sent_back(redirect_uri: str, **told: str | None) -> str:
    """The client's redirect URI with what it is told; what the URI had of a query stays."""
    split = urlsplit(redirect_uri)
    query = [*parse_qsl(split.query, keep_blank_values=True), *((k, v) for k, v in told.items() if v is not None)]
    return urlunsplit(split._replace(query=urlencode(query)))
