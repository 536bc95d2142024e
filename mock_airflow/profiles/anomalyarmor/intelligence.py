"""Intelligence: questions about an asset, answered from what is known of it; no language model is asked.

From the package: the codes ``INTELLIGENCE_NOT_GENERATED`` and ``SCHEMA_NOT_DISCOVERED``, on which its command gives
advice. Their status is assumed to be that of wrong parameters.
"""

from __future__ import annotations

import json
from typing import Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.api import asset_named, body_of, estate_of, fields_of, resource
from mock_airflow.profiles.anomalyarmor.jobs import start
from mock_airflow.profiles.anomalyarmor.records import Asset

operation = resource("Intelligence")


def _answer(call: Call, asset: Asset, question: str) -> str:
    """What is known: the tables that feed it or that it feeds, or those that are in it."""
    estate, lowered = estate_of(call), question.lower()
    tables = estate.tables_of(asset)
    named = next((table for table in tables if table.name in lowered or table.path in lowered), asset)
    up, down = estate.neighbours()
    names = [table.path for table in tables]
    for word, steps in (("upstream", up), ("downstream", down)):
        if word in lowered:
            names = [found.path for one in steps.get(named.id, ()) if (found := estate.asset(one)) is not None]
    if "json" in lowered:
        return json.dumps(names)
    return f"{named.qualified_name}: {', '.join(names) if names else 'nothing is known'}."


@operation("POST", "/intelligence/ask", "ask_question")
def ask_question(call: Call) -> Any:
    """Answer a question about an asset whose intelligence was generated."""
    settings = call.settings
    fields = fields_of(
        call, required={"asset_id": "text", "question": "text"}, optional={"include_related_assets": "yes or no"}
    )
    question = fields["question"]
    if not 3 <= len(question) <= 2000:
        raise answers.invalid(settings, "question must have between 3 and 2000 characters", field="question")
    asset, estate = asset_named(call, fields["asset_id"]), estate_of(call)
    sources = [asset, *(one for one in estate.assets() if one.source == asset.source)]
    known = next((found for one in sources for found in estate.items("knowledge", one.id)), None)
    if known is None:
        raise answers.refused(
            settings,
            int(settings.anomalyarmor_validation_status),
            "INTELLIGENCE_NOT_GENERATED",
            "Intelligence has not been generated for this asset",
            details={"asset_id": asset.id},
            reason="Nobody had intelligence generated for the asset, or the job is not at its end.",
            rule="intelligence",
            would_pass="the same question after POST /api/v1/sdk/intelligence/generate",
        )
    answer = _answer(call, asset, question)
    words = {"tokens_in": len(question.split()), "tokens_out": len(answer.split())}
    return {
        "question": question,
        "answer": answer,
        "confidence": "high",
        "sources": [
            {
                "asset_id": asset.id,
                "asset_name": asset.name,
                "domain": "schema",
                "generated_at": known.created_at,
                "token_count": words["tokens_in"],
                "was_regenerated": False,
            }
        ],
        "token_usage": {**words, "tokens_total": sum(words.values()), "cost_usd": 0.0},
    }


@operation("POST", "/intelligence/generate", "generate_intelligence")
def generate_intelligence(call: Call) -> Any:
    """Start to gather what questions are answered from."""
    body = body_of(call)
    fields = fields_of(
        call, required={"asset_id": "text"}, optional={"include_schemas": "text", "force_refresh": "yes or no"}
    )
    asset = asset_named(call, fields["asset_id"])
    if not any(table.columns for table in estate_of(call).tables_of(asset)):
        raise answers.refused(
            call.settings,
            int(call.settings.anomalyarmor_validation_status),
            "SCHEMA_NOT_DISCOVERED",
            "Schema discovery has not been run for this asset",
            details={"asset_id": asset.id},
            reason="The asset has no tables that anybody discovered.",
            rule="discovery",
            would_pass="an asset with tables",
        )
    job = start(call, "intelligence_generation", asset, schemas=body.get("include_schemas"))
    return {
        "job_id": job.id,
        "asset_id": asset.id,
        "status": "started",
        "message": "Intelligence generation started",
    }
