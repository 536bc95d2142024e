"""The limits of a deployment: which rules hold for whom, and what is used up of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from functools import partial
from typing import Any, NamedTuple, Protocol

from mock_airflow.errors import LimitError
from mock_airflow.limits.algorithms import ALGORITHMS, SECOND
from mock_airflow.limits.rules import TIERS, LimitRule, Tier, tier_named
from mock_airflow.limits.standing import Exceeded, Share, Standing
from mock_airflow.settings import Settings
from mock_airflow.settings.record import LIMIT_HEADERS, RETRY_AFTER
from mock_airflow.storage.locking import locked
from mock_airflow.storage.singletons import Single, Singleton
from mock_airflow.storage.tables import Table

PER = ("credential", "user", "endpoint", "address", "deployment")

_share = partial(tuple.__new__, Share)  # in a quarter of the time of Share()
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NO_RULES: tuple[LimitRule, ...] = ()
_WAIT_FOR_ONE_IN_FLIGHT = 1  # seconds; when one ends cannot be known (assumed)


class Usage(NamedTuple):
    """What somebody has used up: a state for each of the rules that held then."""

    who: str
    rules: tuple[LimitRule, ...]
    states: tuple[Any, ...]


class Terms(NamedTuple):
    """Which limits hold. ``rules`` is None where tiers decide, ``headers`` and ``retry_after`` where the profile does.

    ``emptied_at`` is the moment at which everybody who has no account yet had everything used up.
    """

    rules: tuple[LimitRule, ...] | None = None
    concurrency: LimitRule | None = None
    algorithm: str = "token-bucket"
    per: tuple[str, ...] = ("credential",)
    headers: str | None = None
    retry_after: str | None = None
    tier: str | None = None
    tiers: Mapping[str, Tier] = TIERS
    emptied_at: int | None = None

    @property
    def hold_for_all(self) -> bool:
        """Whether a limit holds for everybody; without one there may still be one for somebody's own tier."""
        return bool(self.rules or self.concurrency or (self.rules is None and self.tier))


class Keyed(Protocol):
    """Keys that may have a tier of their own."""

    def list(self) -> list[Any]:
        """All of them."""

    def set_tier(self, which: Any, name: str | None) -> Any:
        """Give one a tier, or none."""


class Limits:
    """The rate limits of one deployment. Off until set.

    ``accounts`` is the table that keeps what is used up, and ``singletons`` the one that keeps the terms.
    """

    _set_terms: Single[Terms | None] = Single("limit_terms", None)

    def __init__(
        self,
        accounts: Table[str, Usage],
        singletons: Table[str, Singleton],
        tiers: Mapping[str, Tier] = TIERS,
        lock: AbstractContextManager[Any] | None = None,
        now: Callable[[], datetime] = lambda: _EPOCH,
        keys: Keyed | None = None,
    ) -> None:
        self._accounts, self.singletons = accounts, singletons
        self.lock, self._now, self._keys = lock or threading.RLock(), now, keys
        self._first_terms = Terms(tiers=tiers)
        self._of_tiers: tuple[Mapping[str, Tier], dict[str, tuple[LimitRule, ...]]] = (tiers, {})
        self._in_flight: dict[str, int] = {}
        self._flight_lock = threading.Lock()

    @property
    def terms(self) -> Terms:
        """Which limits hold now."""
        return self._set_terms or self._first_terms

    @property
    def on(self) -> bool:
        """Whether a limit holds for everybody."""
        return self.terms.hold_for_all

    @locked
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
        _one_of(algorithm, ALGORITHMS, "counts requests as")
        rules = tuple(LimitRule.of(text) for text in (limit, burst) if text)
        most = ALGORITHMS[algorithm].most
        for rule in rules:
            if rule.amount > most:
                raise LimitError(
                    f"The {algorithm} remembers each request, so {rule.text} is too much; it counts up to {most}, "
                    "and a sliding-counter or a token-bucket any number."
                )
        self._set_terms = self.terms._replace(
            rules=rules,
            concurrency=None if concurrency is None else _at_once(concurrency),
            algorithm=algorithm,
            per=_dimensions(per),
            headers=_or_none(headers, LIMIT_HEADERS, "tells of a limit by"),
            retry_after=_or_none(retry_after, RETRY_AFTER, "says when to come back by"),
            emptied_at=None,
        )
        self._forget()

    def follow(self, settings: Settings) -> None:
        """Put the limits of the settings in force; those of their own count before a tier's. Raises LimitError."""
        if settings.tier is not None:
            self.set_tier(settings.tier)
        if settings.rate_limit or settings.burst or settings.concurrency:
            self.set(
                settings.rate_limit,
                settings.burst,
                settings.limit_per,
                concurrency=settings.concurrency,
                algorithm=settings.limit_algorithm,
            )
        if settings.limit_headers or settings.retry_after:
            self.style(settings.limit_headers, settings.retry_after)

    def clear(self) -> None:
        """Have no limit at all, not even a tier's."""
        self.set()

    @locked
    def style(self, headers: str | None = None, retry_after: str | None = None) -> None:
        """How limits are told of, whichever they are; None leaves it to the profile. Raises LimitError."""
        self._set_terms = self.terms._replace(
            headers=_or_none(headers, LIMIT_HEADERS, "tells of a limit by"),
            retry_after=_or_none(retry_after, RETRY_AFTER, "says when to come back by"),
        )

    @locked
    def set_tier(self, name: str | None, key: Any = None) -> None:
        """Have a tier's limits hold from now on, also for keys that exist; what was used up stays so.

        With ``key`` for that one alone, else for everybody, whatever tier a key had of its own, and instead of any
        other limit; None takes the tier away. Raises LimitError for an unknown tier, AccessKeyError for an unknown key.
        """
        if key is not None and self._keys is not None:
            self._keys.set_tier(key, name)
            return
        tier = None if name is None else tier_named(name, self.terms.tiers)
        self._set_terms = self.terms._replace(rules=None, tier=tier)
        if self._keys is not None:
            for each in self._keys.list():
                if each.tier is not None:
                    self._keys.set_tier(each, None)

    @locked
    def define_tier(
        self, name: str, limit: str | None = None, burst: str | None = None, keys: int | None = None
    ) -> str:
        """Have one more tier, or another of that name; gives the name as it is kept. Raises LimitError."""
        return self.add_tier(name, Tier.of(limit, burst, keys))

    def add_tier(self, name: str, tier: Tier) -> str:
        """Have this tier by a name; gives the name as it is kept. Raises LimitError."""
        if tier.limit is None and tier.burst is None:
            raise LimitError(f"The tier {name!r} has neither a limit nor a burst; give one, such as 500/minute.")
        kept = "-".join(str(name).lower().split())
        if not kept:
            raise LimitError("A tier needs a name, such as growth.")
        self._set_terms = self.terms._replace(tiers={**self.terms.tiers, kept: tier})
        return kept

    @locked
    def exhaust(self, at: datetime | None = None, *who: str) -> None:
        """Have everybody's next request be one too many, or that of those named; as of now, if no moment is given.

        Raises LimitError without a limit.
        """
        now = at or self._now()
        if not (self.terms.rules or self.terms.tier):
            raise LimitError("There is no limit to exhaust; set one first, such as limits.set('500/minute').")
        if not who:
            self._set_terms = self.terms._replace(emptied_at=_microseconds(now))
            self._forget()
            return
        rules, algorithm = self._rules(self.terms, None), ALGORITHMS[self.terms.algorithm]
        for name in who:
            states = tuple(algorithm.empty(rule, _microseconds(now)) for rule in rules)
            self._accounts.put(Usage(name, rules, states))

    def _forget(self) -> None:
        for account in list(self._accounts):
            self._accounts.delete(account.who)

    def _rules(self, terms: Terms, tier: str | None) -> tuple[LimitRule, ...]:
        """The rules that hold for somebody of that tier."""
        if terms.rules is not None:
            return terms.rules
        name = tier or terms.tier
        if name is None:
            return _NO_RULES
        if self._of_tiers[0] is not terms.tiers:
            self._of_tiers = (terms.tiers, {})
        known = self._of_tiers[1]
        rules = known.get(name)
        if rules is None:
            found = terms.tiers[tier_named(name, terms.tiers)]
            rules = known[name] = tuple(rule for rule in (found.limit, found.burst) if rule is not None)
        return rules

    def count(self, who: str, tier: str | None, now: datetime) -> Standing | None:
        """Count one request: how ``who`` stands then, None where no limit holds.

        One that is too many counts for nothing. One that is let in where a number at once is limited is held, until
        ``release`` is called with ``who``.
        """
        terms = self.terms
        rules, concurrency = self._rules(terms, tier), terms.concurrency
        if not rules and concurrency is None:
            return None
        shares: list[Share] = []
        if concurrency is not None:
            flying = self._in_flight.get(who, 0)
            if flying >= concurrency.amount:
                share = Share(concurrency, 0, _WAIT_FOR_ONE_IN_FLIGHT)
                return Standing(who, (share,), Exceeded(concurrency, who, _WAIT_FOR_ONE_IN_FLIGHT))
            shares.append(Share(concurrency, concurrency.amount - flying - 1, 0))
        exceeded = self._counted(terms, who, rules, _microseconds(now), shares) if rules else None
        if concurrency is not None and exceeded is None:
            self.hold(who)
        if concurrency is not None:
            shares.append(shares.pop(0))  # headers tell of the limit first
        return Standing(who, tuple(shares), exceeded, concurrency is not None and exceeded is None)

    def levels(self, now: datetime) -> list[tuple[str, tuple[Share, ...]]]:
        """How everybody stands who has used something up, in what order they came; counts nothing."""
        algorithm, moment = ALGORITHMS[self.terms.algorithm], _microseconds(now)
        told = []
        for account in self._accounts:
            shares = []
            for rule, state in zip(account.rules, account.states, strict=True):
                one_more = algorithm.count(rule, state, moment)
                left = 0 if one_more.wait else one_more.remaining + 1
                shares.append(Share(rule, left, -(-one_more.reset // SECOND)))
            told.append((account.who, tuple(shares)))
        return told

    def _counted(
        self, terms: Terms, who: str, rules: tuple[LimitRule, ...], now: int, shares: list[Share]
    ) -> Exceeded | None:
        """Count a request by every rule, or by none; adds each rule's share."""
        algorithm = ALGORITHMS[terms.algorithm]
        account = self._accounts.get(who)
        if account is None or (account.rules is not rules and account.rules != rules):
            account = self._account(terms, who, rules, account, now)
        counted = []
        exceeded: Exceeded | None = None
        for rule, state in zip(rules, account.states, strict=True):
            counted.append(each := algorithm.count(rule, state, now))
            wait = max(1, -(-each.wait // SECOND)) if each.wait else 0
            if wait > (exceeded.retry_after if exceeded else 0):
                exceeded = Exceeded(rule, who, wait)
        states = []
        for rule, before, each in zip(rules, account.states, counted, strict=True):
            spared = exceeded is not None and not each.wait  # it would have passed here, but another rule refused
            shares.append(_share((rule, each.remaining + spared, -(-each.reset // SECOND))))
            states.append(before if spared else each.state)
        self._accounts.put(Usage(who, rules, tuple(states)))
        return exceeded

    def _account(self, terms: Terms, who: str, rules: tuple[LimitRule, ...], known: Usage | None, now: int) -> Usage:
        """The account of somebody who has none yet, or has one under other rules: what is used up of those stays so."""
        algorithm, emptied_at = ALGORITHMS[terms.algorithm], terms.emptied_at
        if known is not None and len(known.rules) == len(rules):
            pairs = zip(known.rules, rules, known.states, strict=True)
            states = [algorithm.carried(state, old, new, now) for old, new, state in pairs]
        elif emptied_at is not None:
            states = [algorithm.empty(rule, emptied_at) for rule in rules]
        else:
            states = [algorithm.fresh(rule, now) for rule in rules]
        return Usage(who, rules, tuple(states))

    def hold(self, who: str) -> bool:
        """Have a request be in flight until it is released; False, without a change, where that is one too many."""
        concurrency = self.terms.concurrency
        with self._flight_lock:
            flying = self._in_flight.get(who, 0)
            if concurrency is not None and flying >= concurrency.amount:
                return False
            self._in_flight[who] = flying + 1
            return True

    def release(self, who: str) -> None:
        """A request that was held is over. May be called from any thread."""
        with self._flight_lock:
            left = self._in_flight.get(who, 0) - 1
            if left > 0:
                self._in_flight[who] = left
            else:
                self._in_flight.pop(who, None)


def _microseconds(moment: datetime) -> int:
    passed = moment - _EPOCH
    return (passed.days * 86400 + passed.seconds) * SECOND + passed.microseconds


def _at_once(amount: int) -> LimitRule:
    if amount < 1:
        raise LimitError(f"At least 1 request at once has to be allowed, not {amount}; nobody would be answered.")
    return LimitRule(f"{amount} at once", amount, 0)


def _one_of(value: str, known: Any, what: str) -> None:
    if value not in known:
        raise LimitError(f"A limit {what} {', '.join(known)}, not {value!r}.")


def _or_none(value: str | None, known: tuple[str, ...], what: str) -> str | None:
    if value is not None:
        _one_of(value, known, what)
    return value


def _dimensions(per: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in str(per).split("+"))
    for part in found:
        if part not in PER:
            known = f"{', '.join(PER[:-1])} or {PER[-1]}"
            raise LimitError(f"A limit counts per {known}, or some of them joined by +, not per {per!r}.")
    return found
