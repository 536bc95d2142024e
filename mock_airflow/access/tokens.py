"""Signed tokens: JWTs that are issued, read back, revoked, and expire on the deployment's clock.

PyJWT signs and checks signatures; whether a token still counts is decided here, since its time is the deployment's and
not the machine's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mock_airflow.access import signing
from mock_airflow.access.digests import digest
from mock_airflow.answers import TokenRefused
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.errors import AccessKeyError
from mock_airflow.storage.locking import locked
from mock_airflow.storage.tables import Table

if TYPE_CHECKING:
    from jwt.types import Options

_PRUNED_EVERY = 256  # tokens that are issued until those are forgotten whose time is over anyway


class Token(Struct, frozen=True, kw_only=True):
    """What is kept of a token that was issued: never its text.

    ``credential`` names what it was issued for, such as a key's public id, and ``details`` are what the vendor keeps of
    it beside its claims. ``ended_at`` is when it was made to end before its time, and ``why`` how: revoked or expired.
    """

    digest: str
    number: int
    kind: str
    subject: str
    credential: str
    claims: JsonObject
    details: JsonObject
    issued_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    why: str = ""

    def __repr__(self) -> str:
        return f"<Token {self.number}: {self.kind} of {self.subject!r}, expires {self.expires_at.isoformat()}>"


class Tokens:
    """The tokens of one deployment; what is known of them goes with its snapshots."""

    def __init__(self, airflow: Airflow, seed: int, lock: AbstractContextManager[Any]) -> None:
        self._airflow, self._seed, self.lock = airflow, seed, lock
        self._table: Table[str, Token] = airflow.add_table(
            "tokens", lambda token: token.digest, groups={"credential": lambda token: token.credential}
        )

    def __iter__(self) -> Any:
        return iter(list(self._table))

    def issue(
        self,
        subject: str,
        lifetime: timedelta,
        *,
        credential: str = "",
        claims: Mapping[str, Any] | None = None,
        algorithm: str = "HS256",
        headers: Mapping[str, Any] | None = None,
        kind: str = "access",
        details: JsonObject | None = None,
        starts_in: timedelta = timedelta(0),
        key: bytes | None = None,
    ) -> str:
        """A new token: ``sub``, ``iat`` and ``exp`` by the clock, and the claims that are given, which come first.

        ``algorithm`` is HS256, HS512 or RS256; an RS256 token names its key by ``kid``. ``starts_in`` moves its time.
        ``key`` signs in the place of the deployment's own.
        """
        import jwt

        issued_at = self._airflow.now().replace(microsecond=0) + starts_in
        expires_at = issued_at + lifetime
        told = dict(claims or {})
        for name, value in (("sub", subject), ("iat", issued_at.timestamp()), ("exp", expires_at.timestamp())):
            told.setdefault(name, value if isinstance(value, str) else int(value))
        number = self._airflow.next_id("tokens")
        told.setdefault("jti", self._airflow.ids.uuid("token"))  # two of one second and subject differ
        named = {**({"kid": signing.key_id()} if algorithm == "RS256" else {}), **(headers or {})}
        text = jwt.encode(told, key or self._signing_key(algorithm), algorithm=algorithm, headers=named)
        self._keep(
            Token(
                digest=digest(text),
                number=number,
                kind=kind,
                subject=subject,
                credential=credential,
                claims=told,
                details=dict(details or {}),
                issued_at=issued_at,
                expires_at=expires_at,
            )
        )
        return text

    def hand_out(
        self, text: str, subject: str, lifetime: timedelta, *, credential: str, claims: JsonObject, kind: str = "access"
    ) -> Token:
        """Have a text count as a token that tells nothing by itself; ``claims`` are what is known of it here."""
        now = self._airflow.now()
        return self._keep(
            Token(
                digest=digest(text),
                number=self._airflow.next_id("tokens"),
                kind=kind,
                subject=subject,
                credential=credential,
                claims=claims,
                details={},
                issued_at=now,
                expires_at=now + lifetime,
            )
        )

    def _keep(self, row: Token) -> Token:
        if row.number % _PRUNED_EVERY == 0:
            self._prune()
        return self._table.put(row)

    def _signing_key(self, algorithm: str) -> Any:
        return signing.private_key() if algorithm == "RS256" else signing.secret(self._seed)

    def _prune(self) -> None:
        now = self._airflow.now()
        for row in list(self._table):
            if row.expires_at <= now:
                self._table.delete(row.digest)

    def read(
        self,
        text: str,
        *,
        algorithm: str = "HS256",
        issuer: str | None = None,
        audience: str | None = None,
        key: Any = None,
    ) -> JsonObject:
        """The claims of a token that counts now. Raises TokenRefused, telling the first rule that it breaks.

        One that this deployment never issued counts too when it is rightly signed, as with any server that holds only
        the key. ``issuer`` and ``audience`` are demanded where they are given, and ``key`` checks it in the place of
        the deployment's own.
        """
        import jwt

        checked: Options = {
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
            "verify_aud": False,
            "verify_iss": False,
            "verify_sub": False,
            "verify_jti": False,
        }
        if key is None:
            key = signing.private_key().public_key() if algorithm == "RS256" else signing.secret(self._seed)
        try:
            claims: JsonObject = jwt.decode(text, key, algorithms=[algorithm], options=checked)
        except jwt.InvalidSignatureError:
            raise TokenRefused("signature", "The token's signature is not of this server's key.") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError):
            raise TokenRefused("malformed", f"The token is not a JWT that is signed with {algorithm}.") from None
        self._in_time(claims)
        self._not_ended(self._table.get(digest(text)))
        if issuer is not None and claims.get("iss") != issuer:
            raise TokenRefused("issuer", f"The token was issued by {claims.get('iss')!r}, not by {issuer!r}.")
        if audience is not None and audience not in several(claims.get("aud")):
            raise TokenRefused("audience", f"The token is for {claims.get('aud')!r}, not for {audience!r}.")
        return claims

    def handed_out(self, text: str) -> Token:
        """What is known of a token that counts now and tells nothing by itself. Raises TokenRefused."""
        row = self._table.get(digest(text))
        if row is None:
            raise TokenRefused("unknown", "No token of this text was handed out here, or its time was over long ago.")
        self._not_ended(row)
        if row.expires_at <= self._airflow.now():
            said = f"The token expired at {row.expires_at.isoformat()}."
            raise TokenRefused("expired", said, since=row.expires_at)
        return row

    def _not_ended(self, row: Token | None) -> None:
        if row is not None and row.ended_at is not None and row.ended_at <= self._airflow.now():
            how = "revoked" if row.why == "revoked" else "made to expire"
            raise TokenRefused(row.why, f"The token was {how} at {row.ended_at.isoformat()}.", since=row.ended_at)

    def _in_time(self, claims: Mapping[str, Any]) -> None:
        now = self._airflow.now()
        if "exp" not in claims:
            raise TokenRefused("malformed", "The token has no exp, so it would never end; it is not taken.")
        try:
            ends = datetime.fromtimestamp(float(claims["exp"]), timezone.utc)
            starts = datetime.fromtimestamp(float(claims["nbf"]), timezone.utc) if "nbf" in claims else None
        except (TypeError, ValueError, OverflowError, OSError):
            raise TokenRefused("malformed", "The token's exp or nbf is not a time.") from None
        if ends <= now:
            raise TokenRefused("expired", f"The token expired at {ends.isoformat()}.", since=ends)
        if starts is not None and starts > now:
            raise TokenRefused("early", f"The token counts from {starts.isoformat()} on.", until=starts)

    def row(self, text: str) -> Token | None:
        """What is kept of a token of this text; None when it was not issued here, or forgotten."""
        return self._table.get(digest(text))

    @locked
    def revoke(self, token: str) -> None:
        """Have a token count no more. Raises AccessKeyError for one that was not handed out here."""
        if self.revoke_known(token) is None:
            raise AccessKeyError("This token was not handed out here, or its time was over long ago.")

    def revoke_known(self, text: str) -> Token | None:
        """Have a token count no more; None when nothing is known of it."""
        row = self.row(text)
        return None if row is None else self._ended(row, "revoked")

    def expire(self, text: str) -> Token | None:
        """Have a token's time be over now; None when nothing is known of it."""
        row = self.row(text)
        return None if row is None else self._ended(row, "expired")

    def revoke_of(self, credential: str) -> int:
        """Have all tokens that were issued for a credential count no more; gives their number."""
        return len([self._ended(row, "revoked") for row in list(self._table.group("credential", credential).values())])

    def keep_revoked(self, other: Token) -> None:
        """Know of a token that a copy of this deployment issued, as of one that was revoked now."""
        if other.digest not in self._table:
            self._ended(replace(other, number=self._airflow.next_id("tokens")), "revoked")

    @locked
    def expire_all(self) -> int:
        """Have every token that counts now be expired; gives how many did."""
        now = self._airflow.now()
        living = [row for row in self._table if row.ended_at is None and row.expires_at > now]
        return len([self._ended(row, "expired") for row in living])

    def _ended(self, row: Token, why: str) -> Token:
        return row if row.ended_at is not None else self._table.put(replace(row, ended_at=self._airflow.now(), why=why))


def several(value: Any) -> Iterable[Any]:
    """A claim that may be one value or a list."""
    return value if isinstance(value, list) else (value,)
