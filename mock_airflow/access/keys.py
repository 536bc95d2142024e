"""API keys: issued, looked up by prefix, rotated, revoked, expired, forgotten.

What a vendor calls a service account, an API token or an application is a key too: something that is made once, has a
name and a value, and opens something until it is taken back.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from copy import copy
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple, Protocol

from msgspec import field
from msgspec.structs import replace

from mock_airflow.access.digests import digest, matches
from mock_airflow.access.principals import ROLE_OF_SCOPE
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.errors import AccessKeyError
from mock_airflow.journal.why import Why
from mock_airflow.limits.limits import Limits
from mock_airflow.limits.rules import tier_named
from mock_airflow.storage.locking import locked
from mock_airflow.storage.rows import Secretive
from mock_airflow.storage.tables import Table

PREFIX_LENGTH = 8


def _hexadecimal(airflow: Airflow) -> str:
    return airflow.ids.hex(64, "key")


class KeyForm(NamedTuple):
    """What a vendor's keys look like.

    ``new_value`` draws a value and ``new_public_id`` what the vendor's own API calls the key by. ``prefix_length`` is
    how many first characters name it, and ``suffix_length`` how many last ones may be told besides. ``shown_again``
    says that the vendor tells the value whenever it is asked for; otherwise only a digest is kept.
    """

    new_value: Callable[[Airflow], str] = _hexadecimal
    new_public_id: Callable[[Airflow], str] = lambda airflow: airflow.ids.uuid("key")
    prefix_length: int = PREFIX_LENGTH
    suffix_length: int = 4
    shown_again: bool = False


class Key(Secretive, frozen=True, kw_only=True):
    """What is kept of a key: its value only where the vendor shows that again.

    ``owner`` is whose permissions it has, ``owner_is_user`` whether that was a user of Airflow's when the key was made,
    ``created_by`` who made it. ``tier`` is None for the deployment's own.
    ``details`` are the vendor's own facts about it, such as a role or what it is bound to.
    """

    secrets: ClassVar[tuple[str, ...]] = ("digest", "value")

    id: int
    public_id: str
    name: str
    description: str = ""
    prefix: str
    suffix: str
    digest: str
    value: str | None = None
    scope: str
    tier: str | None = None
    owner: str
    owner_is_user: bool = False
    created_by: str = ""
    details: JsonObject = field(default_factory=dict)
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def ended(self, now: datetime) -> Why | None:
        """Why and since when the key opens nothing; None while it opens something."""
        since = min((end for end in (self.revoked_at, self.expires_at) if end is not None and end <= now), default=None)
        if self.revoked_at is not None:
            said = f"The key {self.prefix} was revoked at {self.revoked_at.isoformat()}."
            return Why(said, rule="revoked key", since=since)
        if self.expires_at is not None and self.expires_at <= now:
            said = f"The key {self.prefix} expired at {self.expires_at.isoformat()}."
            return Why(said, rule="expired key", since=since)
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


class KeyMaker(Protocol):
    """What says how keys look and are made: a deployment's gate."""

    name: str
    reads_keys: bool
    key_form: ClassVar[KeyForm]

    def issue(self, deployment: Any, name: str, scope: str, owner: str, **more: Any) -> Issued:
        """A new key."""

    def rotate(self, deployment: Any, which: int | str | Key | Issued) -> Issued:
        """A new value for a key."""


class KeyHolder(Protocol):
    """A deployment, for its keys."""

    @property
    def airflow(self) -> Airflow:
        """Its state."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """What to hold while touching it."""

    @property
    def limits(self) -> Limits:
        """The tiers that a key may have."""

    @property
    def profile(self) -> KeyMaker:
        """How keys are made."""


class Keys:
    """The API keys of one deployment; they go with its snapshots.

    A key is named by its number, its first eight characters, the vendor's own id, or itself.
    """

    def __init__(self, site: KeyHolder) -> None:
        self._site, self.lock = site, site.lock
        self._airflow, self._form = site.airflow, site.profile.key_form
        self.values: dict[str, str] = {}  # by digest, beside the rows: so that they can be hidden wherever they stand
        self._table: Table[int, Key] = self._airflow.add_table(
            "keys",
            lambda key: key.id,
            groups={"prefix": lambda key: key.prefix},
            unique={"public_id": lambda key: key.public_id},
        )

    def seen_from(self, site: KeyHolder) -> Keys:
        """The same keys, where another profile makes new ones."""
        same = copy(self)
        same._site, same._form = site, site.profile.key_form
        return same

    @locked
    def list(self) -> builtins.list[Key]:
        """All keys that were not deleted, revoked ones included, oldest first."""
        return [*self._table]

    @locked
    def create(
        self,
        name: str = "",
        scope: str = "admin",
        tier: str | None = None,
        expires_in: timedelta | float | None = None,
        owner: str = "admin",
        description: str = "",
        secret: str | None = None,
    ) -> Issued:
        """A new key with its value, ``.secret``; ``scope`` is read-only, read-write or admin.

        ``tier`` is one of the profile's rate tiers, the deployment's own by default. ``expires_in`` is a period, or
        seconds on the clock. Raises LimitError for an unknown tier, and AccessKeyError for an unknown scope, for a
        secret that is too short to have a prefix or in use, and where the profile reads no keys.
        """
        profile = self._site.profile
        if not profile.reads_keys:
            raise AccessKeyError(
                f"The profile {profile.name!r} reads no keys, so one would open nothing; "
                "choose another profile, such as datacoves, or make a user."
            )
        values: dict[str, Any] = {"expires_in": expires_in, "description": description, "secret": secret}
        return profile.issue(self._site, name, scope, owner, tier=tier, **values)

    def issue(
        self,
        name: str = "",
        scope: str = "admin",
        owner: str = "admin",
        expires_in: timedelta | float | None = None,
        secret: str | None = None,
        *,
        tier: str | None = None,
        description: str = "",
        created_by: str = "",
        public_id: str | None = None,
        details: JsonObject | None = None,
    ) -> Issued:
        """A new key and its value, whether or not the profile reads it; what only vendors say of one is taken too.

        Raises AccessKeyError and LimitError.
        """
        if scope not in ROLE_OF_SCOPE:
            raise AccessKeyError(f"There is no scope {scope!r}; the scopes are {', '.join(ROLE_OF_SCOPE)}.")
        secret = secret or self._form.new_value(self._airflow)
        shortest = max(PREFIX_LENGTH, self._form.prefix_length if self._form.prefix_length < len(secret) else 0)
        if len(secret) <= shortest:
            raise AccessKeyError(
                f"A key's value needs more than {PREFIX_LENGTH} characters, as the first ones name it."
            )
        if self.find(secret) is not None:
            raise AccessKeyError("There is a key of this value already; two could not be told apart.")
        now = self._airflow.now()
        period = timedelta(seconds=expires_in) if isinstance(expires_in, (int, float)) else expires_in
        key = Key(
            id=self._airflow.next_id("keys"),
            public_id=public_id or self._form.new_public_id(self._airflow),
            name=name,
            description=description,
            scope=scope,
            tier=self._tier(tier),
            owner=owner,
            owner_is_user=owner in self._airflow.users,
            created_by=created_by or owner,
            details=dict(details or {}),
            created_at=now,
            updated_at=now,
            expires_at=None if period is None else now + period,
            **self._traces(secret),
        )
        return Issued(self._table.put(key), secret)

    def _tier(self, name: str | None) -> str | None:
        return None if name is None else tier_named(name, self._site.limits.terms.tiers)

    def _traces(self, secret: str) -> dict[str, Any]:
        """What is kept of a value."""
        form = self._form
        self.values[digest(secret)] = secret
        suffix = secret[-form.suffix_length :] if len(secret) >= form.prefix_length + form.suffix_length else ""
        return {
            "prefix": secret[: form.prefix_length],
            "suffix": suffix,
            "digest": digest(secret),
            "value": secret if form.shown_again else None,
        }

    def find(self, secret: str) -> Key | None:
        """The key of this value, whatever its condition; None when there is none."""
        for key in self._table.group("prefix", secret[: self._form.prefix_length]).values():
            if matches(secret, key.digest):
                return key
        return None

    def known(self, secret: str) -> None:
        """Take a key's value to be known, so that it is hidden wherever it stands."""
        if self.find(secret) is not None:
            self.values[digest(secret)] = secret

    def by_public_id(self, public_id: str) -> Key | None:
        """The key that the vendor's own API calls by this; None when there is none."""
        return self._table.lookup("public_id", public_id)

    def used(self, key: Key) -> Key:
        """Note that a key was used now."""
        return self._table.put(replace(key, last_used_at=self._airflow.now()))

    @locked
    def set_tier(self, which: int | str | Key | Issued, name: str | None) -> Key:
        """Have a tier's limits hold for a key from now on, None for the deployment's.

        Raises AccessKeyError, LimitError.
        """
        return self.change(which, tier=self._tier(name))

    def change(self, which: int | str | Key | Issued, **fields: Any) -> Key:
        """A key with other fields, such as ``name`` or ``tier``. Raises AccessKeyError."""
        return self._table.put(replace(self.get(which), updated_at=self._airflow.now(), **fields))

    def get(self, which: int | str | Key | Issued) -> Key:
        """The key that is meant by number, prefix, the vendor's own id, or itself. Raises AccessKeyError."""
        if isinstance(which, (Key, Issued)):
            which = which.id
        if isinstance(which, int):
            found = self._table.get(which)
            if found is not None:
                return found
        elif isinstance(which, str):
            named = self.by_public_id(which)
            if named is not None:
                return named
            same = list(self._table.group("prefix", which[: self._form.prefix_length]).values())
            if len(same) == 1:
                return same[0]
            if same:
                raise AccessKeyError(f"{len(same)} keys begin with {which!r}; name one by its number.")
        raise AccessKeyError(f"There is no key {which!r}; list the keys to see their numbers and prefixes.")

    @locked
    def revoke(self, which: int | str | Key | Issued) -> Key:
        """Have a key open nothing from now on; one that was revoked before keeps that moment. Raises AccessKeyError."""
        key = self.get(which)
        return key if key.revoked_at is not None else self.change(key, revoked_at=self._airflow.now())

    @locked
    def expire(self, which: int | str | Key | Issued) -> Key:
        """Have a key's life end now. Raises AccessKeyError."""
        return self.change(which, expires_at=self._airflow.now())

    @locked
    def rotate(self, which: int | str | Key | Issued) -> Issued:
        """A new value for a key, of the vendor's form; the old one opens nothing from now on. Raises AccessKeyError."""
        return self._site.profile.rotate(self._site, which)

    def renew(self, which: int | str | Key | Issued, secret: str | None = None) -> Issued:
        """A new value for a key, drawn if not given; the old one opens nothing from now on. Raises AccessKeyError."""
        secret = secret or self._form.new_value(self._airflow)
        return Issued(self.change(which, revoked_at=None, **self._traces(secret)), secret)

    @locked
    def delete(self, which: int | str | Key | Issued) -> Key:
        """Forget a key; gives what it was. Raises AccessKeyError."""
        key = self.get(which)
        self._table.delete(key.id)
        return key

    def delete_all(self, keys: Iterable[Key]) -> None:
        """Forget these keys, as when what they belong to goes."""
        for key in keys:
            self._table.delete(key.id)
