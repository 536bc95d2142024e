"""What a client did, in numbers that fit on a screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mock_airflow.review.advice import Advice
from mock_airflow.review.least_privilege import LeastPrivilege, needs_of_calls, of_calls
from mock_airflow.review.rules.retrying import failing_rows
from mock_airflow.review.traffic import Traffic

_SHOWN = 8
_A_WAIT = 0.5  # seconds between two equal calls from which on somebody has waited


@dataclass(frozen=True)
class ScoreCard:
    """The numbers of a review.

    ``avoidable`` are the calls that some advice says need not have been made; ``waits`` how often the same was asked
    again after a pause, and ``waited`` for how many seconds in all; ``retries`` how often what had failed was sent
    again. ``least`` is the least privilege, None where the deployment's roles are not known.
    """

    calls: int
    clients: int
    operations: Mapping[str, int]
    statuses: Mapping[str, int]
    avoidable: int
    waits: int
    waited: float
    retries: int
    tokens: int
    least: LeastPrivilege | None

    @property
    def share(self) -> float:
        """Which part of the calls need not have been made."""
        return self.avoidable / self.calls if self.calls else 0.0

    def as_json(self) -> dict[str, Any]:
        """The numbers for programs."""
        told = {**asdict(self), "avoidable_share": round(self.share, 3)}
        told["least"] = None if self.least is None else self.least._asdict()
        return told

    def lines(self) -> list[str]:
        """The numbers for people, one line each."""
        statuses = ", ".join(f"{count} x {name}" for name, count in self.statuses.items())
        shown = [f"{count:>6} {name}" for name, count in list(self.operations.items())[:_SHOWN]]
        more = len(self.operations) - _SHOWN
        return [
            f"calls            {self.calls} by {self.clients} client{'s' if self.clients != 1 else ''} ({statuses})",
            f"avoidable        {self.avoidable} ({self.share:.0%})",
            f"waits            {self.waits}, {self.waited:.3g} s in all",
            f"retries          {self.retries}",
            f"tokens fetched   {self.tokens}",
            f"least privilege  {self.least if self.least is not None else 'not known without the roles'}",
            "calls by operation",
            *shown,
            *([f"       ... and {more} more operations"] if more > 0 else []),
        ]


def score_of(traffic: Traffic, advice: Iterable[Advice]) -> ScoreCard:
    """The numbers of some traffic, and of what was said of it."""
    pauses = []
    if traffic.knows_times:
        for calls in traffic.same:
            pauses += [pause for pause in traffic.pauses(calls) if pause >= _A_WAIT]
    least = None
    if traffic.deployment is not None:
        with traffic.deployment.lock:
            least = of_calls(traffic.deployment, needs_of_calls(traffic))
    return ScoreCard(
        calls=len(traffic),
        clients=len(traffic.by_client),
        operations=dict(Counter(call.id or f"{call.method} (no operation)" for call in traffic).most_common()),
        statuses=dict(sorted(Counter(str(call.status or "no answer") for call in traffic).items())),
        avoidable=len({number for each in advice for number in each.avoidable}),
        waits=len(pauses),
        waited=round(sum(pauses), 3),
        retries=sum(len(row) - 1 for row in failing_rows(traffic)),
        tokens=len(traffic.fetches),
        least=least,
    )
