"""What is made out of everything that is known: health, the day's news, answers to questions, investigations.

No language model is asked. From the package: the codes ``INTELLIGENCE_NOT_GENERATED`` and ``SCHEMA_NOT_DISCOVERED``, on
which its command gives advice. Their status is assumed to be that of wrong parameters.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from mock_airflow.answers import Refusal
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts, get, post
from mock_airflow.profiles.anomalyarmor.resources.alerts import Alerts, unresolved
from mock_airflow.profiles.anomalyarmor.resources.freshness import Freshness
from mock_airflow.profiles.anomalyarmor.resources.schema import SEVERITIES, SchemaChanges


class Health(ArmorResource):
    """Whether the data is well."""

    tag = "Health"

    @get("/health/summary")
    def get_health_summary(self) -> Facts:
        """Show whether the data is well, and what needs somebody's attention."""
        alerts = Alerts(self.call)
        told = "severity title=message asset_id asset_name=asset.name"
        attention = [{"type": "alert", **alerts.shown(alert, told)} for alert in filter(unresolved, alerts.rows())]
        attention.sort(key=lambda item: -SEVERITIES.index(str(item["severity"])))
        fresh = Freshness(self.call).get_freshness_summary()
        critical = any(item["severity"] == "critical" for item in attention)
        return {
            "overall_status": "critical" if critical else "warning" if attention or fresh["stale"] else "healthy",
            "alerts": alerts.get_alerts_summary(),
            "freshness": fresh,
            "schema_drift": SchemaChanges(self.call).get_schema_summary(),
            "needs_attention": attention[:10],
            "generated_at": self.now,
        }

    @get("/briefings/today")
    def get_todays_briefing(self) -> Any:
        """Show the day's news."""
        found, day = self.get_health_summary(), self.now.date().isoformat()
        news = {
            "Alerts": f"{found['alerts']['unresolved_alerts']} alerts are unresolved.",
            "Freshness": f"{found['freshness']['stale']} assets are stale.",
            "Schema": f"{found['schema_drift']['unacknowledged']} changes are unacknowledged.",
        }
        return {
            "id": self.estate.named_id(f"briefing {day}"),
            "date": day,
            "title": f"Data health on {day}: {found['overall_status']}",
            "sections": [{"title": title, "content": content} for title, content in news.items()],
            "insights": [item["title"] for item in found["needs_attention"]],
            "generated_at": self.now,
        }


class Intelligence(ArmorResource):
    """Answers to questions."""

    tag = "Intelligence"

    def _answer(self, asset: WatchedAsset, question: str) -> str:
        """What is known: the tables that feed it or that it feeds, or those that are in it."""
        estate, lowered = self.estate, question.lower()
        tables = estate.tables_of(asset)
        named = next((table for table in tables if table.name in lowered or table.path in lowered), asset)
        names = [table.path for table in tables]
        for word, steps in zip(("upstream", "downstream"), estate.neighbours(), strict=True):
            if word in lowered:
                names = [found.path for one in steps.get(named.id, ()) if (found := estate.asset(one)) is not None]
        if "json" in lowered:
            return json.dumps(names)
        return f"{named.qualified_name}: {', '.join(names) if names else 'nothing is known'}."

    def _not_yet(self, asset: WatchedAsset, code: str, message: str, why: Why) -> Refusal:
        status = int(self.settings.anomalyarmor_validation_status)
        return answers.refused(self.settings, status, code, message, why, {"asset_id": asset.id})

    @post("/intelligence/ask", "asset_id question include_related_assets:flag?")
    def ask_question(self, fields: Facts) -> Any:
        """Answer a question about an asset whose intelligence was generated."""
        question = fields["question"]
        if not 3 <= len(question) <= 2000:
            raise self.invalid("question must have between 3 and 2000 characters", field="question")
        asset, estate = self.asset(fields["asset_id"]), self.estate
        sources = [asset, *(one for one in estate.assets if one.source == asset.source)]
        known = next((found for one in sources for found in estate.items("knowledge", one.id)), None)
        if known is None:
            reason = "Nobody had intelligence generated for the asset, or the job is not at its end."
            passing = "the same question after POST /api/v1/sdk/intelligence/generate"
            said, why = "Intelligence has not been generated for this asset", Why(reason, "intelligence", "", passing)
            raise self._not_yet(asset, "INTELLIGENCE_NOT_GENERATED", said, why)
        answer = self._answer(asset, question)
        words = {"tokens_in": len(question.split()), "tokens_out": len(answer.split())}
        source = {"asset_id": asset.id, "asset_name": asset.name, "domain": "schema", "generated_at": known.created_at}
        return {
            "question": question,
            "answer": answer,
            "confidence": "high",
            "sources": [{**source, "token_count": words["tokens_in"], "was_regenerated": False}],
            "token_usage": {**words, "tokens_total": sum(words.values()), "cost_usd": 0.0},
        }

    @post("/intelligence/generate", "asset_id include_schemas? force_refresh:flag?")
    def generate_intelligence(self, asset: WatchedAsset, include_schemas: str | None) -> Any:
        """Start to gather what questions are answered from."""
        if not any(table.columns for table in self.estate.tables_of(asset)):
            why = Why("The asset has no tables that anybody discovered.", "discovery", "", "an asset with tables")
            raise self._not_yet(asset, "SCHEMA_NOT_DISCOVERED", "Schema discovery has not been run for this asset", why)
        job = self.start("intelligence_generation", asset, schemas=include_schemas)
        told = {"job_id": job.id, "asset_id": asset.id, "status": "started"}
        return {**told, "message": "Intelligence generation started"}


class Investigations(ArmorResource):
    """What may be wrong, with evidence."""

    tag = "Investigations"
    kind = "alert"

    def _evidence(
        self, event: str, sure: float, said: str, source: str, row: Item | WatchedAsset, at: datetime
    ) -> Facts:
        told = {"event_type": event, "confidence": sure, "timestamp": at, "summary": said, "details": {}}
        return {**told, "source": source, "source_id": row.id}

    def _triggers(self, asset: WatchedAsset) -> list[Facts]:
        estate, tables = self.estate, self.estate.tables_of(asset)
        alerts = [alert for table in tables for alert in estate.items("alert", table.id)]
        changes = [change for table in tables for change in estate.items("schema_change", table.id)]
        found = [(one, one["event_type"], 0.9, one["message"]) for one in alerts]
        found += [(one, "schema_change", 0.7, f"{one['change_type']} {one['column_name']}") for one in changes]
        return [self._evidence(event, sure, said, one.kind, one, one.created_at) for one, event, sure, said in found]

    def _findings(self, asset: WatchedAsset) -> Facts:
        triggers, (_, down) = self._triggers(asset), self.estate.neighbours()
        fed = [found for target in down.get(asset.id, ()) if (found := self.estate.asset(target)) is not None]
        return {
            "root_cause_hypothesis": triggers[0]["summary"] if triggers else None,
            "triggers": triggers,
            "consequences": [
                self._evidence("downstream", 0.5, f"{one.qualified_name} reads it", "lineage", one, self.now)
                for one in fed
            ],
            "confidence": max((one["confidence"] for one in triggers), default=0.1),
            "suggested_fix": "Look at the pipeline that loads it." if triggers else None,
        }

    @post(
        "/alerts/investigations/explain",
        "asset_id question? event_type:anomaly|freshness|schema_change|validity=anomaly",
    )
    def explain_asset(self, asset: WatchedAsset, question: str | None, event_type: str) -> Any:
        """Say what may be wrong with an asset, with evidence."""
        question = question or f"Why is there a {event_type} event on {asset.qualified_name}?"
        return {"investigation_id": None, "question": question, **self._findings(asset), "open_questions": []}

    @get("/alerts/investigations/{investigation_id}")
    def get_investigation(self, investigation: Item) -> Any:
        """Show the investigation that an alert set off; it goes by the alert's id."""
        found = self._findings(self.asset(investigation.asset_id or ""))
        told = {"correlated_events": found.pop("triggers"), "affected_downstream": found.pop("consequences")}
        same = {"id": investigation.id, "alert_id": investigation.id, "status": "completed"}
        return {**same, **told, **found, "created_at": investigation.created_at}
