"""Writes docs/review_rules.md: every rule of the review, as the rules themselves tell it.

python docs/make_review_page.py
"""

from __future__ import annotations

from pathlib import Path

from mock_airflow.review import rules as rules  # fills the register
from mock_airflow.review.advice import RULES, SUBJECTS, ReviewRule

PAGE = Path(__file__).with_name("review_rules.md")

_HEAD = """\
# The rules of the review

What a [review](review.md) looks for. No rule guesses: each says what it takes as proof, and what looks like it and is
none; its tests have a client that does it and one that nearly does. *Error* hurts now, *warning* some day, a *note*
saves work. Where a consequence is known from is said with it: documented, observed with a real Airflow, read in its
code, or assumed.

This page is written by `docs/make_review_page.py` from the rules; a test compares.

| subject | rules |
|---|---|
"""


def page() -> str:
    """The page's text."""
    by_subject = {subject: [each for each in RULES.values() if each.subject == subject] for subject in SUBJECTS}
    parts = [_HEAD.rstrip("\n")]
    for subject, found in by_subject.items():
        parts.append(f"| {subject} | {', '.join(f'[{each.id}](#{each.id})' for each in found)} |")
    parts.append("")
    for subject, found in by_subject.items():
        parts += [f"## Of {subject}", ""]
        for each in found:
            parts += _section(each)
    return "\n".join(parts).rstrip() + "\n"


def _section(rule: ReviewRule) -> list[str]:
    needs = [
        *(["the state of the deployment"] if rule.needs_state else []),
        *(["the moment of each call"] if rule.needs_times else []),
        *(["the connection of each call"] if rule.needs_connections else []),
    ]
    lines = [
        f"### {rule.id}",
        "",
        f"**{rule.title}** ({rule.severity})",
        "",
        f"In production: {rule.consequence}",
        "",
        f"Proof: {rule.proof}",
        "",
    ]
    if needs:
        lines += [f"Needs {' and '.join(needs)}; without it the rule is left out.", ""]
    if rule.way_out:
        lines += [f"Instead: `{rule.way_out}`", ""]
    else:
        lines += ["Instead: the advice names the call.", ""]
    return [*lines, f"Source: {rule.source}.", ""]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
