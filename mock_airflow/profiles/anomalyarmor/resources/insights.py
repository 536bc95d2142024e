"""What is made out of everything that is known: health, the day's news, answers to questions, investigations.

No language model is asked. From the package: the codes ``INTELLIGENCE_NOT_GENERATED`` and ``SCHEMA_NOT_DISCOVERED``, on
which its command gives advice. Their status is assumed to be that of wrong parameters.
"""

from __future__ import annotations

import json
from typing import Any

from mock_airflow.answers import Refusal
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.api import Ask, resource
from mock_airflow.profiles.anomalyarmor.estate import WatchedAsset
from mock_airflow.profiles.anomalyarmor.resources import alerts
from mock_airflow.profiles.anomalyarmor.resources.freshness import get_freshness_summary
from mock_airflow.profiles.anomalyarmor.resources.jobs import start
from mock_airflow.profiles.anomalyarmor.resources.schema import SEVERITIES, get_schema_summary

intelligence = resource("Intelligence")
investigations = resource("Investigations")
health = resource("Health")


@health("GET", "/health/summary")
def get_health_summary(ask: Ask) -> dict[str, Any]:
    """Show whether the data is well, and what needs somebody's attention."""
    attention = []
    for alert in filter(alerts.unresolved, alerts.latest_first(ask)):
        asset = ask.estate.asset(alert.asset_id or "")
        told = {"type": "alert", "severity": alert.facts["severity"], "title": alert.facts["message"]}
        attention.append({**told, "asset_id": alert.asset_id, "asset_name": None if asset is None else asset.name})
    attention.sort(key=lambda item: -SEVERITIES.index(str(item["severity"])))
    fresh = get_freshness_summary(ask)
    critical = any(item["severity"] == "critical" for item in attention)
    return {
        "overall_status": "critical" if critical else "warning" if attention or fresh["stale"] else "healthy",
        "alerts": alerts.get_alerts_summary(ask),
        "freshness": fresh,
        "schema_drift": get_schema_summary(ask),
        "needs_attention": attention[:10],
        "generated_at": ask.now,
    }


@health("GET", "/briefings/today")
def get_todays_briefing(ask: Ask) -> Any:
    """Show the day's news."""
    found, day = get_health_summary(ask), ask.now.date().isoformat()
    news = {
        "Alerts": f"{found['alerts']['unresolved_alerts']} alerts are unresolved.",
        "Freshness": f"{found['freshness']['stale']} assets are stale.",
        "Schema": f"{found['schema_drift']['unacknowledged']} changes are unacknowledged.",
    }
    return {
        "id": ask.estate.named_id(f"briefing {day}"),
        "date": day,
        "title": f"Data health on {day}: {found['overall_status']}",
        "sections": [{"title": title, "content": content} for title, content in news.items()],
        "insights": [item["title"] for item in found["needs_attention"]],
        "generated_at": ask.now,
    }


# ------------------------------------------------------------------------------------------------------- intelligence


def _answer(ask: Ask, asset: WatchedAsset, question: str) -> str:
    """What is known: the tables that feed it or that it feeds, or those that are in it."""
    estate, lowered = ask.estate, question.lower()
    tables = estate.tables_of(asset)
    named = next((table for table in tables if table.name in lowered or table.path in lowered), asset)
    names = [table.path for table in tables]
    for word, steps in zip(("upstream", "downstream"), estate.neighbours(), strict=True):
        if word in lowered:
            names = [found.path for one in steps.get(named.id, ()) if (found := estate.asset(one)) is not None]
    if "json" in lowered:
        return json.dumps(names)
    return f"{named.qualified_name}: {', '.join(names) if names else 'nothing is known'}."


def _not_yet(ask: Ask, asset: WatchedAsset, code: str, message: str, why: Why) -> Refusal:
    status = int(ask.settings.anomalyarmor_validation_status)
    return answers.refused(ask.settings, status, code, message, details={"asset_id": asset.id}, why=why)


@intelligence("POST", "/intelligence/ask")
def ask_question(ask: Ask) -> Any:
    """Answer a question about an asset whose intelligence was generated."""
    fields = ask.fields("asset_id question include_related_assets:flag?")
    question = fields["question"]
    if not 3 <= len(question) <= 2000:
        raise ask.invalid("question must have between 3 and 2000 characters", field="question")
    asset, estate = ask.asset(fields["asset_id"]), ask.estate
    sources = [asset, *(one for one in estate.assets() if one.source == asset.source)]
    known = next((found for one in sources for found in estate.items("knowledge", one.id)), None)
    if known is None:
        raise _not_yet(
            ask,
            asset,
            "INTELLIGENCE_NOT_GENERATED",
            "Intelligence has not been generated for this asset",
            why=Why(
                "Nobody had intelligence generated for the asset, or the job is not at its end.",
                rule="intelligence",
                would_pass="the same question after POST /api/v1/sdk/intelligence/generate",
            ),
        )
    answer = _answer(ask, asset, question)
    words = {"tokens_in": len(question.split()), "tokens_out": len(answer.split())}
    source = {"asset_id": asset.id, "asset_name": asset.name, "domain": "schema", "generated_at": known.created_at}
    return {
        "question": question,
        "answer": answer,
        "confidence": "high",
        "sources": [{**source, "token_count": words["tokens_in"], "was_regenerated": False}],
        "token_usage": {**words, "tokens_total": sum(words.values()), "cost_usd": 0.0},
    }


@intelligence("POST", "/intelligence/generate")
def generate_intelligence(ask: Ask) -> Any:
    """Start to gather what questions are answered from."""
    fields = ask.fields("asset_id include_schemas? force_refresh:flag?")
    asset = ask.asset(fields["asset_id"])
    if not any(table.columns for table in ask.estate.tables_of(asset)):
        raise _not_yet(
            ask,
            asset,
            "SCHEMA_NOT_DISCOVERED",
            "Schema discovery has not been run for this asset",
            why=Why(
                "The asset has no tables that anybody discovered.", rule="discovery", would_pass="an asset with tables"
            ),
        )
    job = start(ask, "intelligence_generation", asset, schemas=fields.get("include_schemas"))
    told = {"job_id": job.id, "asset_id": asset.id, "status": "started"}
    return {**told, "message": "Intelligence generation started"}


# ----------------------------------------------------------------------------------------------------- investigations


def _evidence(event_type: str, summary: str, source: str, source_id: str, at: Any, confidence: float) -> dict[str, Any]:
    told = {"event_type": event_type, "confidence": confidence, "timestamp": at, "summary": summary, "details": {}}
    return {**told, "source": source, "source_id": source_id}


def _triggers(ask: Ask, asset: WatchedAsset) -> list[dict[str, Any]]:
    tables, items = ask.estate.tables_of(asset), ask.estate.items
    alerted = [alert for table in tables for alert in items("alert", table.id)]
    found = [(one.facts["event_type"], one.facts["message"], one, 0.9) for one in alerted]
    for change in (one for table in tables for one in items("schema_change", table.id)):
        found.append(("schema_change", f"{change.facts['change_type']} {change.facts['column_name']}", change, 0.7))
    return [_evidence(event, said, one.kind, one.id, one.created_at, sure) for event, said, one, sure in found]


def _findings(ask: Ask, asset: WatchedAsset) -> dict[str, Any]:
    triggers, (_, down) = _triggers(ask, asset), ask.estate.neighbours()
    fed = [found for target in down.get(asset.id, ()) if (found := ask.estate.asset(target)) is not None]
    return {
        "root_cause_hypothesis": triggers[0]["summary"] if triggers else None,
        "triggers": triggers,
        "consequences": [
            _evidence("downstream", f"{one.qualified_name} reads it", "lineage", one.id, ask.now, 0.5) for one in fed
        ],
        "confidence": max((one["confidence"] for one in triggers), default=0.1),
        "suggested_fix": "Look at the pipeline that loads it." if triggers else None,
    }


@investigations("POST", "/alerts/investigations/explain")
def explain_asset(ask: Ask) -> Any:
    """Say what may be wrong with an asset, with evidence."""
    events = ("anomaly", "freshness", "schema_change", "validity")
    fields = ask.fields("asset_id question? event_type?", event_type=events)
    asset, event = ask.asset(fields["asset_id"]), fields.get("event_type", "anomaly")
    question = fields.get("question") or f"Why is there a {event} event on {asset.qualified_name}?"
    return {"investigation_id": None, "question": question, **_findings(ask, asset), "open_questions": []}


@investigations("GET", "/alerts/investigations/{investigation_id}")
def get_investigation(ask: Ask) -> Any:
    """Show the investigation that an alert set off; it goes by the alert's id."""
    alert = ask.item("alert")
    found = _findings(ask, ask.asset(alert.asset_id or ""))
    told = {"correlated_events": found.pop("triggers"), "affected_downstream": found.pop("consequences")}
    same = {"id": alert.id, "alert_id": alert.id, "status": "completed"}
    return {**same, **told, **found, "created_at": alert.created_at}
