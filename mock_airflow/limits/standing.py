"""How somebody stands after a request: what is left of each rule, and whether it was one too many."""

from __future__ import annotations

from typing import NamedTuple

from mock_airflow.limits.rules import LimitRule


class Exceeded(NamedTuple):
    """That a request was one too many. ``retry_after`` is in whole seconds, at least 1."""

    rule: LimitRule
    who: str
    retry_after: int

    @property
    def reason(self) -> str:
        """Which limit refused whom, and until when."""
        if self.rule.seconds == 0:
            return f"{self.rule.amount} requests of {self.who} are being answered; more at once is not allowed."
        return (
            f"The limit of {self.rule.text} for {self.who} is used up; a request passes again in {self.retry_after} s."
        )


class Share(NamedTuple):
    """What is left of one rule: so many requests at once, and all of it again in so many seconds."""

    rule: LimitRule
    remaining: int
    reset: int


class Standing(NamedTuple):
    """How somebody stands after a request: per rule, the limit first, then the burst; never empty.

    ``exceeded`` tells that the request was one too many. ``held`` says that it is in flight until it is released.
    """

    who: str
    shares: tuple[Share, ...]
    exceeded: Exceeded | None
    held: bool = False

    @property
    def told(self) -> Share:
        """The share that headers with room for one tell: of the rule that refused, else of the limit."""
        if self.exceeded is None:
            return self.shares[0]
        refused = next(share for share in self.shares if share.rule == self.exceeded.rule)
        return Share(refused.rule, 0, self.exceeded.retry_after)

    @property
    def remaining(self) -> int:
        """How many requests may follow at once."""
        return 0 if self.exceeded else min(share.remaining for share in self.shares)
