"""A review in words, for the terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_airflow.review.advice import Advice
    from mock_airflow.review.findings import ReviewFindings

_WIDTH = 110
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SHOWN = 3  # calls of an advice


def text(review: ReviewFindings, *, score: bool = False, migration: bool = False) -> str:
    """All of a review; with its score card, and with what has to change for Airflow 3, if that is wanted."""
    lines: list[str] = []
    for advice in review:
        lines += [*told(advice), ""]
    lines.append(f"Review of {review.calls} call{'s' if review.calls != 1 else ''}: {review.summary}.")
    for advice, reason in review.ignored:
        lines.append(f"Ignored: {advice.rule}{f' ({reason})' if reason else ''}: {advice.seen}")
    if review.left_out:
        lines += _left_out(review)
    if score:
        lines += ["", *review.score.lines()]
    if migration:
        lines += ["", "Moving to Airflow 3", "", str(review.migration)]
    return "\n".join(lines)


def told(advice: Advice) -> list[str]:
    """One advice, a few lines."""
    more = [f"... and {len(advice.lines) - _SHOWN} more calls"] if len(advice.lines) > _SHOWN else []
    parts = [
        f"{str(advice.severity).upper()} {advice.rule}: {advice.title}",
        *_filled(advice.seen),
        *(f"    {line}" for line in (*advice.lines[:_SHOWN], *more)),
        *_filled(f"In production: {advice.consequence}"),
    ]
    if advice.way_out:
        parts.append(f"  Instead: {advice.way_out}")
    return [*map(_shown_plainly, parts), f"  See: docs/{advice.link}"]


def _shown_plainly(line: str) -> str:
    """A line without characters that a terminal would obey: paths come from whoever called."""
    return _CONTROL.sub(lambda match: f"%{ord(match[0]):02X}", line)


def _filled(sentence: str) -> Sequence[str]:
    return textwrap.wrap(sentence, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _left_out(review: ReviewFindings) -> list[str]:
    """Which rules could not judge, by what they lack."""
    lacking: dict[str, list[str]] = {}
    for each in review.left_out:
        lacking.setdefault(each.missing, []).append(each.rule)
    lines = []
    for missing, names in lacking.items():
        lines += textwrap.wrap(f"Left out, as they need {missing}: {', '.join(names)}.", _WIDTH, subsequent_indent="  ")
    return lines
