"""API keys: issued, looked up by prefix, rotated, revoked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from mock_airflow.access.digests import digest, matches
from mock_airflow.domain.airflow import Airflow
from mock_airflow.errors import MockAirflowError
from mock_airflow.storage.tables import Table

SCOPES = {"read-only": "Viewer", "read-write": "User", "admin": "Admin"}
PREFIX_LENGTH = 8


class KeyProblem(MockAirflowError):
    """A key that was named does not exist, or cannot be made so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """What is kept of a key: never its value."""

    id: int
    name: str
    prefix: str
    digest: str = field(repr=False)
    scope: str
    owner: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def refusal(self, now: datetime) -> str | None:
        """Why the key does not open anything now; None when it does."""
        if self.revoked_at is not None:
            return f"the key {self.prefix} was revoked at {self.revoked_at.isoformat()}"
        if self.expires_at is not None and self.expires_at <= now:
            return f"the key {self.prefix} expired at {self.expires_at.isoformat()}"
        return None


class Issued(NamedTuple):
    """A key with its value, which is shown this once."""

    key: Key
    secret: str

    def __repr__(self) -> str:
        return f"Issued({self.key!r}, secret='***')"

    @property
    def id(self) -> int:
        """The key's number."""
        return self.key.id


class Keys:
    """The keys of one deployment; they go with its snapshots."""

    def __init__(self, airflow: Airflow, new_secret: Callable[[Airflow], str]) -> None:
        self._airflow = airflow
        self._new_secret = new_secret
        self._table: Table[int, Key] = airflow.add_table(
            "keys", lambda key: key.id, groups={"prefix": lambda key: key.prefix}
        )

    def list(self) -> list[Key]:
        """All keys that were not deleted, revoked ones included, oldest first."""
        return list(self._table)

    def create(
        self,
        name: str = "",
        scope: str = "admin",
        owner: str = "admin",
        expires_in: timedelta | float | None = None,
        secret: str | None = None,
    ) -> Issued:
        """A new key and its value. ``expires_in`` is a period, or seconds on the deployment's clock.

        Raises KeyProblem for an unknown scope, or a secret too short to have a prefix.
        """
        if scope not in SCOPES:
            raise KeyProblem(f"There is no scope {scope!r}; the scopes are {', '.join(SCOPES)}.")
        secret = secret or self._new_secret(self._airflow)
        if len(secret) <= PREFIX_LENGTH:
            raise KeyProblem(f"A key's value needs more than {PREFIX_LENGTH} characters, as the first ones name it.")
        now = self._airflow.now()
        period = timedelta(seconds=expires_in) if isinstance(expires_in, (int, float)) else expires_in
        key = Key(
            id=self._airflow.next_id("keys"),
            name=name,
            prefix=secret[:PREFIX_LENGTH],
            digest=digest(secret),
            scope=scope,
            owner=owner,
            created_at=now,
            expires_at=None if period is None else now + period,
        )
        return Issued(self._table.put(key), secret)

    def find(self, secret: str) -> Key | None:
        """The key of this value, whatever its condition; None when there is none."""
        for key in self._table.group("prefix", secret[:PREFIX_LENGTH]).values():
            if matches(secret, key.digest):
                return key
        return None

    def used(self, key: Key) -> Key:
        """Note that a key was used now."""
        return self._table.put(replace(key, last_used_at=self._airflow.now()))

    def get(self, which: int | str | Key | Issued) -> Key:
        """The key that is meant by number, prefix, or itself. Raises KeyProblem."""
        if isinstance(which, (Key, Issued)):
            which = which.id
        if isinstance(which, int):
            found = self._table.get(which)
            if found is not None:
                return found
        else:
            same = list(self._table.group("prefix", which[:PREFIX_LENGTH]).values())
            if len(same) == 1:
                return same[0]
            if same:
                raise KeyProblem(f"{len(same)} keys begin with {which!r}; name one by its number.")
        raise KeyProblem(f"There is no key {which!r}; list the keys to see their numbers and prefixes.")

    def revoke(self, which: int | str | Key | Issued) -> Key:
        """Have a key open nothing from now on. Raises KeyProblem."""
        return self._table.put(replace(self.get(which), revoked_at=self._airflow.now()))

    def expire(self, which: int | str | Key | Issued) -> Key:
        """Have a key's life end now. Raises KeyProblem."""
        return self._table.put(replace(self.get(which), expires_at=self._airflow.now()))

    def rotate(self, which: int | str | Key | Issued) -> Issued:
        """A new value for a key; the old one opens nothing from now on. Raises KeyProblem."""
        secret = self._new_secret(self._airflow)
        key = replace(self.get(which), prefix=secret[:PREFIX_LENGTH], digest=digest(secret), revoked_at=None)
        return Issued(self._table.put(key), secret)

    def delete(self, which: int | str | Key | Issued) -> None:
        """Forget a key. Raises KeyProblem."""
        self._table.delete(self.get(which).id)
