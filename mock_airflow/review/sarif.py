"""A review as SARIF 2.1.0, which code hosts show beside a change."""

from __future__ import annotations

from typing import Any

from mock_airflow._version import __version__
from mock_airflow.review.advice import RULES, Advice, ReviewRule, Severity
from mock_airflow.review.findings import ReviewFindings

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.NOTE: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def sarif(review: ReviewFindings, artifact: str = "journal") -> dict[str, Any]:
    """The review as one run; ``artifact`` is where the calls are from, such as the path of an HTTP archive."""
    names = list(RULES)
    results = [_result(advice, names, artifact, None) for advice in review]
    results += [_result(advice, names, artifact, reason) for advice, reason in review.ignored]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "mock-airflow review",
                        "semanticVersion": __version__,
                        "rules": [_rule(each) for each in RULES.values()],
                    }
                },
                "artifacts": [{"location": {"uri": artifact}}],
                "results": results,
                "properties": {"calls": review.calls, "leftOut": [each.rule for each in review.left_out]},
            }
        ],
    }


def _rule(rule: ReviewRule) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.proof},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.subject], "source": rule.source, "documentation": f"docs/{rule.link}"},
    }
    help_text = f"{rule.consequence} {rule.way_out}".strip()
    return {**told, "help": {"text": help_text}}


def _result(advice: Advice, names: list[str], artifact: str, reason: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "ruleId": advice.rule,
        "ruleIndex": names.index(advice.rule),
        "level": _LEVELS[advice.severity],
        "message": {
            "text": f"{advice.seen} {advice.consequence}" + (f" Instead: {advice.way_out}" if advice.way_out else "")
        },
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": artifact, "index": 0}},
                "logicalLocations": [{"name": line, "kind": "resource"} for line in advice.lines[:10]],
            }
        ],
        "partialFingerprints": {"mockAirflowReview/v1": f"{advice.rule}:{_shape(advice)}"},
        "properties": {"calls": list(advice.calls), "values": dict(advice.values), "avoidable": list(advice.avoidable)},
    }
    if reason is not None:
        suppression = {"kind": "external", "status": "accepted"}
        told["suppressions"] = [{**suppression, "justification": reason} if reason else suppression]
    return told


def _shape(advice: Advice) -> str:
    """What of an advice is the same in the next run: the first call's method and path."""
    return advice.lines[0].split(" ", 1)[-1].rsplit(" (", 1)[0].partition("?")[0] if advice.lines else ""
