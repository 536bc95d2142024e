"""What an authorization server keeps: clients, and what was granted to them. Of secrets, only digests."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.storage.rows import Secretive


class OAuthClient(Secretive, frozen=True, kw_only=True):
    """A program that was registered. ``metadata`` is what it told of itself (RFC 7591, section 2)."""

    secrets: ClassVar[tuple[str, ...]] = ("secret_digest",)

    client_id: str
    secret_digest: str | None = None
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    auth_method: str
    scopes: tuple[str, ...]
    metadata: JsonObject
    created_at: datetime

    @property
    def name(self) -> str:
        """What people are asked about."""
        return str(self.metadata.get("client_name") or self.client_id)


class Grant(Secretive, frozen=True, kw_only=True):
    """That somebody let a client in. A grant's tokens all go when it goes.

    It is a ``ticket`` while the person is being asked, then a ``code``, then it has refresh tokens. ``redeemed_at`` is
    when its code was used, ``ended_at`` when it was taken back.
    """

    secrets: ClassVar[tuple[str, ...]] = ("ticket_digest", "code_digest")

    id: str
    client_id: str
    redirect_uri: str
    redirect_uri_sent: bool
    scopes: tuple[str, ...]
    challenge: str
    state: str | None = None
    nonce: str | None = None
    resource: str | None = None
    subject: str = ""
    ticket_digest: str = ""
    code_digest: str = ""
    created_at: datetime
    expires_at: datetime
    approved_at: datetime | None = None
    redeemed_at: datetime | None = None
    ended_at: datetime | None = None


class RefreshToken(Struct, frozen=True, kw_only=True):
    """One refresh token of a grant; it is good for one use, and each use gives the next."""

    digest: str
    grant_id: str
    scopes: tuple[str, ...]
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
