"""What a mock hands out to steer a part of it: its keys, its tokens, its limits, its faults and failures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.access.keys import Issued, Key, KeyProblem
from mock_airflow.deployment import Deployment
from mock_airflow.limits.limits import Terms
from mock_airflow.limits.rules import Tier

if TYPE_CHECKING:
    from mock_airflow.failures.catalogue import Failure
    from mock_airflow.failures.preview import Look
    from mock_airflow.faults.rule import Rule


class KeyRing:
    """The API keys of one deployment. A key is named by its number, its first eight characters, or itself."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def create(
        self,
        name: str = "",
        scope: str = "admin",
        tier: str | None = None,
        expires_in: timedelta | float | None = None,
        owner: str = "admin",
        description: str = "",
    ) -> Issued:
        """A new key with its value, ``.secret``; ``scope`` is read-only, read-write or admin.

        ``tier`` is one of the profile's rate tiers, the deployment's own by default. ``expires_in`` is a period, or
        seconds on the clock. Raises KeyProblem.
        """
        return self._deployment.issue_key(
            name=name, scope=scope, tier=tier, expires_in=expires_in, owner=owner, description=description
        )

    def revoke(self, which: int | str | Key | Issued) -> Key:
        """Have a key open nothing from now on. Raises KeyProblem."""
        with self._deployment.lock:
            return self._deployment.keys.revoke(which)

    def rotate(self, which: int | str | Key | Issued) -> Issued:
        """A new value for a key; the old one opens nothing from now on. Raises KeyProblem."""
        with self._deployment.lock:
            return self._deployment.profile.rotate(self._deployment, which)

    def expire(self, which: int | str | Key | Issued) -> Key:
        """Have a key's life end now. Raises KeyProblem."""
        with self._deployment.lock:
            return self._deployment.keys.expire(which)

    def delete(self, which: int | str | Key | Issued) -> Key:
        """Forget a key, as if it had never been; gives what it was. Raises KeyProblem."""
        with self._deployment.lock:
            return self._deployment.keys.delete(which)

    def list(self) -> list[Key]:
        """All keys, revoked ones included, oldest first."""
        with self._deployment.lock:
            return self._deployment.keys.list()


class TokenControl:
    """The tokens that one deployment handed out."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def expire_all(self) -> int:
        """Have every token that counts now be expired; gives how many did."""
        with self._deployment.lock:
            return self._deployment.tokens.expire_all()

    def revoke(self, token: str) -> None:
        """Have a token count no more. Raises KeyProblem for one that was not handed out here."""
        with self._deployment.lock:
            if self._deployment.tokens.revoke(token) is None:
                raise KeyProblem("This token was not handed out here, or its time was over long ago.")


class LimitControl:
    """The rate limits of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def set(
        self,
        limit: str | None = None,
        burst: str | None = None,
        per: str = "credential",
        *,
        concurrency: int | None = None,
        algorithm: str = "token-bucket",
        headers: str | None = None,
        retry_after: str | None = None,
    ) -> None:
        """Put limits such as ``500/minute`` in force from now on, with nothing used up; without any, take them away.

        ``burst`` is a second limit beside the first, ``concurrency`` how many requests may be answered at once. ``per``
        is what is counted by: ``credential``, ``user``, ``endpoint``, ``address``, ``deployment``, or some joined by
        ``+``. ``algorithm``: ``token-bucket``, ``fixed-window``, ``sliding-window`` or ``sliding-counter``.
        ``headers`` and ``retry_after`` say how clients are told, as the settings ``limit_headers`` and ``retry_after``
        do; None leaves it to the profile. Raises LimitError, and changes nothing then.
        """
        with self._deployment.lock:
            self._deployment.limits.set(
                limit,
                burst,
                per,
                concurrency=concurrency,
                algorithm=algorithm,
                headers=headers,
                retry_after=retry_after,
            )

    def clear(self) -> None:
        """Have no limit at all, not even a tier's."""
        self.set()

    def exhaust(self) -> None:
        """Have everybody's next request be one too many. Raises LimitError without a limit."""
        with self._deployment.lock:
            self._deployment.limits.exhaust(self._deployment.airflow.now())

    def set_tier(self, name: str | None, key: int | str | Key | Issued | None = None) -> None:
        """Have a tier's limits hold from now on, also for keys that exist; what was used up stays so.

        With ``key`` for that one alone, else for everybody, whatever tier a key had of its own; None takes the tier
        away. Raises LimitError for an unknown tier, KeyProblem for an unknown key.
        """
        self._deployment.set_tier(name, key)

    def define_tier(
        self, name: str, limit: str | None = None, burst: str | None = None, keys: int | None = None
    ) -> str:
        """Have one more tier, or another of that name; gives the name as it is kept. Raises LimitError."""
        with self._deployment.lock:
            return self._deployment.limits.define_tier(name, Tier.of(limit, burst, keys))

    @property
    def terms(self) -> Terms:
        """Which limits hold now."""
        return self._deployment.limits.terms


class FailureControl:
    """The catalogue of failures, for one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def provoke(self, name: str) -> Failure:
        """Put whoever holds this deployment's first credential in front of a failure, such as ``revoked``.

        Raises FailureError for an unknown one, or one that the profile does not have; nothing was changed then.
        """
        from mock_airflow.failures.preview import provoke

        return provoke(self._deployment, name)

    def look(self, name: str) -> Look:
        """What a client would meet: status, headers, body, and the reason behind it. Changes nothing.

        Raises FailureError as ``provoke`` does.
        """
        from mock_airflow.failures.preview import look

        return look(self._deployment, name)

    def list(self) -> list[Failure]:
        """The whole catalogue, with what each is in a sentence."""
        from mock_airflow.failures.catalogue import CATALOGUE

        return [*CATALOGUE.values()]


class FaultControl:
    """The fault rules of one deployment. A rule is named by its number, or by itself as it was when it was added."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def add(self, where: str = "*", **parts: Any) -> Rule:
        """One more rule, behind the others: what happens to which calls. Gives the rule, with its number, ``.id``.

        ``where`` is a method and a path with ``*`` in it, such as ``GET /api/v1/dags*``, or an operation's id.
        Conditions: ``principal``, ``after``, ``every``, ``times``, ``chance``, ``since``, ``until`` (moments, or
        seconds from now). Effects, of which it needs one: ``status``, ``page``, ``body``, ``headers``, ``retry_after``,
        ``content_type``, ``garbage``, ``date_skew``, ``latency``, ``drip``, ``truncate``, ``reset``, ``empty``,
        ``lost_answer``, ``duplicate``, ``stale``, ``drift``, ``expire_credential``, ``credential``, ``send``; the page
        docs/faults.md tells what each takes. Raises FaultError with the reason for a rule that cannot be; nothing was
        changed then.
        """
        with self._deployment.lock:
            return self._deployment.faults.add(where, **parts)

    def preset(self, name: str, where: str | None = None) -> list[Rule]:
        """The rules of a preset such as ``flaky-gateway``, for its calls or those of ``where``. Raises FaultError."""
        with self._deployment.lock:
            return self._deployment.faults.preset(name, where)

    def heal(self, which: int | Rule) -> Rule:
        """Have a rule hit no call from now on; it stays in the list. Raises FaultError."""
        with self._deployment.lock:
            return self._deployment.faults.heal(which)

    def remove(self, which: int | Rule) -> Rule:
        """Forget a rule; gives it with its last counters. Raises FaultError."""
        with self._deployment.lock:
            return self._deployment.faults.remove(which)

    def clear(self) -> None:
        """Forget all rules."""
        with self._deployment.lock:
            self._deployment.faults.clear()

    def list(self) -> list[Rule]:
        """All rules with what they saw and how often they fired, in the order in which they are tried."""
        with self._deployment.lock:
            return [*self._deployment.faults.rules]
