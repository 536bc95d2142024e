"""What a review says: an advice, the rule behind it, and the register of all rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mock_airflow.errors import ReviewError
from mock_airflow.settings.spelling import hint

if TYPE_CHECKING:
    from mock_airflow.review.traffic import Seen, Traffic

PAGE = "review_rules"  # the page of the documentation, one anchor a rule


class Severity(IntEnum):
    """How much an advice weighs: a note saves work, a warning will hurt some day, an error hurts now."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @classmethod
    def of(cls, name: str | Severity) -> Severity:
        """The one of that name. Raises ReviewError."""
        if isinstance(name, Severity):
            return name
        found = cls.__members__.get(str(name).upper())
        if found is None:
            raise ReviewError(f"There is no severity {name!r}; {hint(str(name), SEVERITIES, 'there are')}")
        return found

    def __str__(self) -> str:
        return self.name.lower()


SEVERITIES = tuple(str(each) for each in Severity)
SUBJECTS = (
    "waiting",
    "pages and lists",
    "runs",
    "access",
    "secrets",
    "refusals",
    "changes",
    "connections",
    "versions",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found, before it is worded as an advice.

    ``seen`` says in a sentence what happened, ``calls`` are those that show it, ``values`` the numbers in it by name.
    ``avoidable`` are the calls that need not have been made; ``way_out`` and ``consequence`` stand in the place of the
    rule's own, where this finding knows better, and so does ``severity``.
    """

    seen: str
    calls: tuple[Seen, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    avoidable: tuple[Seen, ...] = ()
    way_out: str | None = None
    consequence: str | None = None
    severity: Severity | None = None


_Find = Callable[["Traffic"], Iterable[Finding]]
RULES: dict[str, ReviewRule] = {}  # by id, in the order of the subjects once `rules` has been imported


@dataclass(frozen=True)
class ReviewRule:
    """One rule of the review, and the decorator of the function that finds what it is about.

    ``source`` says where the consequence is known from: documented, observed, or assumed. ``needs_state`` says that
    only the deployment's own state can prove it, ``needs_times`` that each call's moment has to be known, and
    ``needs_connections`` by which connection it came.
    """

    id: str
    title: str
    _: KW_ONLY
    severity: Severity
    subject: str
    source: str
    consequence: str
    way_out: str = ""
    needs_state: bool = False
    needs_times: bool = False
    needs_connections: bool = False
    find: _Find = lambda traffic: ()

    def __call__(self, find: _Find) -> _Find:
        """Register the rule with the function below."""
        assert self.id not in RULES, f"the rule {self.id} is described twice"
        assert self.subject in SUBJECTS, f"there is no subject {self.subject}"
        assert find.__doc__, f"the rule {self.id} does not say what it takes as proof"
        RULES[self.id] = replace(self, find=find)
        return find

    @cached_property
    def proof(self) -> str:
        """What it takes as proof, and what it does not."""
        return re.sub(r"\s+", " ", self.find.__doc__ or "").strip()

    @property
    def link(self) -> str:
        """Where the documentation tells of it."""
        return f"{PAGE}.md#{self.id}"

    def missing(self, traffic: Traffic) -> str | None:
        """What the rule would need and the traffic does not have; None where it can judge."""
        if self.needs_state and traffic.deployment is None:
            return "the state of the deployment"
        if self.needs_times and not traffic.knows_times:
            return "when each call came"
        if self.needs_connections and not traffic.knows_connections:
            return "which connection each call came by"
        return None

    def advice(self, traffic: Traffic) -> Iterator[Advice]:
        """What it has to say of some traffic; nothing where that lacks what the rule needs."""
        if self.missing(traffic) is None:
            for found in self.find(traffic):
                yield Advice(
                    rule=self.id,
                    title=self.title,
                    severity=self.severity if found.severity is None else found.severity,
                    subject=self.subject,
                    seen=found.seen,
                    calls=tuple(call.number for call in found.calls),
                    lines=tuple(call.line for call in found.calls),
                    moments=tuple(call.entry.at for call in found.calls),
                    values=dict(found.values),
                    avoidable=tuple(call.number for call in found.avoidable),
                    consequence=self.consequence if found.consequence is None else found.consequence,
                    way_out=self.way_out if found.way_out is None else found.way_out,
                    source=self.source,
                    link=self.link,
                )


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that a client did and that will hurt in production.

    ``seen`` says what happened; ``calls`` are the numbers of the calls that show it, ``lines`` the same in words and
    ``moments`` when they were answered; ``values`` are what was counted or measured, by name. ``consequence`` is what
    comes of it in production, ``way_out`` a line of code or of configuration (empty where there is none), ``link`` the
    page about the rule, and ``avoidable`` the calls that need not have been made.
    """

    rule: str
    title: str
    severity: Severity
    subject: str
    seen: str
    calls: tuple[int, ...]
    lines: tuple[str, ...]
    moments: tuple[datetime, ...]
    values: Mapping[str, Any]
    avoidable: tuple[int, ...]
    consequence: str
    way_out: str
    source: str
    link: str

    def __str__(self) -> str:
        return f"{self.severity} {self.rule}: {self.seen}"

    def as_json(self) -> dict[str, Any]:
        """The advice for programs."""
        return {
            "rule": self.rule,
            "title": self.title,
            "severity": str(self.severity),
            "subject": self.subject,
            "seen": self.seen,
            "evidence": [
                {"call": number, "at": moment.isoformat(), "line": line}
                for number, moment, line in zip(self.calls, self.moments, self.lines, strict=True)
            ],
            "values": dict(self.values),
            "avoidable": list(self.avoidable),
            "consequence": self.consequence,
            "way_out": self.way_out,
            "source": self.source,
            "link": self.link,
        }


def known(ids: Iterable[str]) -> frozenset[str]:
    """These names of rules, each of which there is. Raises ReviewError."""
    wanted = frozenset(ids)
    for name in sorted(wanted):
        if name not in RULES:
            raise ReviewError(f"There is no rule {name!r} of the review; {hint(name, RULES, 'there are')}")
    return wanted
