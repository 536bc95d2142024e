"""Jobs: what a refresh, a discovery or an export starts, and what it leaves when it ends.

A job takes the seconds of the setting ``anomalyarmor_job_seconds`` on the deployment's clock (assumed: none). What it
does is done at its end, whenever somebody next looks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.api import Ask, Shape, resource
from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate, Item, WatchedAsset

operation = resource("Jobs")


def start(ask: Ask, workflow: str, asset: WatchedAsset | None, **facts: Any) -> Item:
    """A new job; it is done by the next look if jobs take no time."""
    ends_at = ask.now + timedelta(seconds=ask.settings.anomalyarmor_job_seconds)
    asset_id = None if asset is None else asset.id
    return ask.estate.add("job", asset_id=asset_id, ends_at=ends_at, workflow=workflow, cancelled=False, **facts)


def started(job: Item, status: str, message: str, at: str = "created_at") -> dict[str, Any]:
    """What is answered when a job was started; the caller polls for its end."""
    told = {"job_id": job.id, "asset_id": job.asset_id, "status": status, "message": message}
    return {**told, at: job.created_at}


def settle(estate: ArmorEstate) -> None:
    """Take in new datasets, and do what the jobs do that have ended."""
    estate.take_in_datasets()
    now = estate.airflow.now()
    for job in estate.items("job"):
        if job.done_at is None and job.ends_at is not None and job.ends_at <= now and not job.facts["cancelled"]:
            _end(estate, estate.change(job, done_at=job.ends_at), job.ends_at)


def _end(estate: ArmorEstate, job: Item, at: datetime) -> None:
    asset, workflow = None if job.asset_id is None else estate.asset(job.asset_id), job.facts["workflow"]
    if asset is None:
        return
    if workflow == "intelligence_generation":
        estate.add("knowledge", asset_id=asset.id, at=at, schemas=job.facts.get("schemas"))
    for table in estate.tables_of(asset):
        if workflow == "freshness_check":
            check_freshness(estate, table, at)
        elif workflow in ("schema_refresh", "asset_discovery") and table.undiscovered:
            discover(estate, table, at)


def check_freshness(estate: ArmorEstate, asset: WatchedAsset, at: datetime) -> None:
    """Look when data last arrived. What turns out stale is alerted once; what is fresh again resolves its alert."""
    checked = replace(asset, last_update_time=estate.latest_update(asset, at), checked_at=at, updated_at=at)
    estate.put_asset(checked)
    alerted = [
        alert
        for alert in estate.items("alert", asset.id)
        if alert.facts["event_type"] == "freshness_stale" and alert.facts["status"] != "resolved"
    ]
    status = checked.freshness(at)
    if status == "stale" and not alerted:
        message = f"Data is {checked.age(at) or 0:.0f} hours stale (threshold: {checked.threshold_hours} hours)"
        _alert(estate, checked, "freshness_stale", "warning", message, at)
    for one in alerted if status == "fresh" else ():
        estate.change(one, status="resolved", resolved_at=moment(at))


def discover(estate: ArmorEstate, asset: WatchedAsset, at: datetime) -> None:
    """Look at a table's columns; each that is new is a change."""
    found = replace(asset, columns=(*asset.columns, *asset.undiscovered), undiscovered=(), updated_at=at)
    estate.put_asset(found)
    for column in asset.undiscovered:
        facts: dict[str, Any] = {"change_type": "column_added", "severity": "info", "acknowledged": False}
        facts |= {"column_name": column.name, "old_value": None, "new_value": column.type}
        estate.add("schema_change", asset_id=asset.id, at=at, **facts)
        _alert(estate, found, "schema_drift", "info", f"Column {column.name} was added", at)


def _alert(
    estate: ArmorEstate, asset: WatchedAsset, event_type: str, severity: str, message: str, at: datetime
) -> None:
    """Alert, by the first active rule that is for such events."""
    rules = [rule.id for rule in estate.items("rule") if rule.facts["is_active"] and _is_for(rule, event_type)]
    facts: dict[str, Any] = {"event_type": event_type, "severity": severity, "status": "triggered", "message": message}
    facts |= dict.fromkeys(("acknowledged_at", "resolved_at"))
    estate.add("alert", asset_id=asset.id, parent_id=next(iter(rules), None), at=at, **facts)


def _is_for(rule: Item, event_type: str) -> bool:
    return event_type in (rule.facts.get("event_types") or [event_type])


def status_of(ask: Ask, job: Item) -> str:
    """``pending``, ``running``, ``completed`` or ``cancelled``."""
    if job.facts["cancelled"]:
        return "cancelled"
    if job.done_at is not None:
        return "completed"
    return "pending" if ask.now <= job.created_at else "running"


def progress_of(ask: Ask, job: Item) -> int:
    """How far a job is, in percent."""
    if job.done_at is not None:
        return 100
    whole = 0.0 if job.ends_at is None else (job.ends_at - job.created_at).total_seconds()
    return min(99, int(100 * (ask.now - job.created_at).total_seconds() / whole)) if whole else 0


job_view = Shape(
    "job_id=id status workflow_name=workflow asset_id progress error created_at completed_at=done_at",
    status=status_of,
    progress=progress_of,
)


@operation("GET", "/jobs/{job_id}")
def get_job(ask: Ask) -> Any:
    """Show how far a job is."""
    return job_view(ask, ask.item("job"))


@operation("POST", "/jobs/{job_id}/cancel")
def cancel_job(ask: Ask) -> Any:
    """Stop a job that is not at its end; what it would have done is not done."""
    job = ask.item("job")
    return job_view(ask, job if job.done_at is not None else ask.estate.change(job, cancelled=True))
