"""A review: every rule held against some traffic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.review import rules as rules  # fills the register
from mock_airflow.review.advice import RULES, Severity, known
from mock_airflow.review.findings import LeftOut, ReviewFindings

if TYPE_CHECKING:
    from mock_airflow.review.traffic import Traffic


class Review(ReviewFindings):
    """What there is to say of some traffic: advice, the gravest first; empty when there is none.

    ``left_out`` are the rules that could not judge, ``ignored`` the advice that was not wanted, with the reason that
    was given (empty for none), ``calls`` how many were looked at.
    """

    def __str__(self) -> str:
        from mock_airflow.review.words import text

        return text(self)

    def sarif(self, artifact: str = "journal") -> dict[str, Any]:
        """The review as SARIF 2.1.0, which code hosts show; ``artifact`` says where the calls are from."""
        from mock_airflow.review.sarif import sarif

        return sarif(self, artifact)

    def html(self, source: str = "journal") -> str:
        """The review as an HTML page that needs nothing else."""
        from mock_airflow.review.report import html

        return html(self, source)

    def assert_none(self, severity: str | Severity = Severity.NOTE) -> None:
        """That there is no advice, or none that weighs as much; an AssertionError shows it otherwise."""
        least = Severity.of(severity)
        found = [advice for advice in self if advice.severity >= least]
        if found:
            shown = Review(found, calls=self.calls)
            raise AssertionError(f"The review has {shown.summary}.\n{shown}")


def review(
    traffic: Traffic,
    *,
    ignore: Iterable[str] | Mapping[str, str] = (),
    severity: str | Severity = Severity.NOTE,
) -> Review:
    """Hold every rule against some traffic.

    ``ignore`` names rules whose advice is not wanted, or gives the reason for each; ``severity`` is the least that
    counts. Raises ReviewError for a rule or a severity that does not exist.
    """
    reasons = dict(ignore) if isinstance(ignore, Mapping) else dict.fromkeys(ignore, "")
    known(reasons)
    least = Severity.of(severity)
    found, ignored, left_out = [], [], []
    for each in RULES.values():
        missing = each.missing(traffic)
        if missing is not None:
            left_out.append(LeftOut(each.id, missing))
            continue
        for advice in each.advice(traffic):
            if advice.severity < least:
                continue
            if advice.rule in reasons:
                ignored.append((advice, reasons[advice.rule]))
            else:
                found.append(advice)
    return Review(found, calls=len(traffic), left_out=left_out, ignored=ignored, traffic=traffic)
