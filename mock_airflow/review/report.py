"""A review as one HTML file that needs nothing else, to be kept beside a build."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from mock_airflow._version import __version__
from mock_airflow.review.advice import Advice
from mock_airflow.review.findings import ReviewFindings

_MOST = 200  # calls of an advice that are listed


def _pairs(advice: Advice) -> Iterator[tuple[str, str]]:
    for line, moment in islice(zip(advice.lines, advice.moments, strict=True), _MOST):
        yield line, moment.isoformat(timespec="milliseconds")


def html(review: ReviewFindings, source: str = "journal") -> str:
    """The report; ``source`` says where the calls are from. Everything in it is escaped."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(Path(__file__).with_name("report.html").read_text("utf-8"))
    return template.render(
        review=review,
        score=review.score,
        migration=review.migration,
        source=source,
        version=__version__,
        pairs=_pairs,
        most=_MOST,
    )
