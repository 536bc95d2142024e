"""Jobs: what a refresh, a discovery or an export starts, and what it leaves when it ends.

A job takes the seconds of the setting ``anomalyarmor_job_seconds`` on the deployment's clock (assumed: none). What it
does is done at its end, whenever somebody next looks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from mock_airflow.api.operation import Call
from mock_airflow.profiles.anomalyarmor.answers import moment
from mock_airflow.profiles.anomalyarmor.api import estate_of, item_named, resource
from mock_airflow.profiles.anomalyarmor.estate import Estate
from mock_airflow.profiles.anomalyarmor.records import Asset, Item

if TYPE_CHECKING:
    from mock_airflow.settings import Settings

operation = resource("Jobs")


def start(call: Call, workflow: str, asset: Asset | None, **facts: Any) -> Item:
    """A new job; it is done by the next look if jobs take no time."""
    seconds = call.settings.anomalyarmor_job_seconds
    ends_at = call.airflow.now() + timedelta(seconds=seconds)
    asset_id = None if asset is None else asset.id
    return estate_of(call).add("job", asset_id=asset_id, ends_at=ends_at, workflow=workflow, cancelled=False, **facts)


def settle(estate: Estate, settings: Settings) -> None:
    """Take in new datasets, and do what the jobs do that have ended."""
    estate.take_in_datasets()
    now = estate.airflow.now()
    for job in estate.items("job"):
        if job.done_at is None and job.ends_at is not None and job.ends_at <= now and not job.facts["cancelled"]:
            _end(estate, estate.change(job, done_at=job.ends_at), job.ends_at)


def _end(estate: Estate, job: Item, at: datetime) -> None:
    asset = None if job.asset_id is None else estate.asset(job.asset_id)
    if asset is None:
        return
    if job.facts["workflow"] == "freshness_check":
        for table in estate.tables_of(asset):
            check_freshness(estate, table, at)
    elif job.facts["workflow"] in ("schema_refresh", "asset_discovery"):
        for table in estate.tables_of(asset):
            discover(estate, table, at)
    elif job.facts["workflow"] == "intelligence_generation":
        estate.add("knowledge", asset_id=asset.id, at=at, schemas=job.facts.get("schemas"))


def check_freshness(estate: Estate, asset: Asset, at: datetime) -> Asset:
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
        alert(estate, checked, "freshness_stale", "warning", message, at)
    elif status == "fresh":
        for one in alerted:
            estate.change(one, status="resolved", resolved_at=moment(at))
    return checked


def discover(estate: Estate, asset: Asset, at: datetime) -> list[Item]:
    """Look at a table's columns; gives a change for each that is new."""
    if not asset.undiscovered:
        return []
    found = replace(asset, columns=(*asset.columns, *asset.undiscovered), undiscovered=(), updated_at=at)
    estate.put_asset(found)
    changes = []
    for column in asset.undiscovered:
        changes.append(
            estate.add(
                "schema_change",
                asset_id=asset.id,
                at=at,
                change_type="column_added",
                severity="info",
                column_name=column.name,
                old_value=None,
                new_value=column.type,
                acknowledged=False,
            )
        )
        alert(estate, found, "schema_drift", "info", f"Column {column.name} was added", at)
    return changes


def alert(estate: Estate, asset: Asset, event_type: str, severity: str, message: str, at: datetime) -> Item:
    """A new alert, of the first active rule that is for such."""
    rule = next(
        (
            rule
            for rule in estate.items("rule")
            if rule.facts["is_active"] and event_type in (rule.facts.get("event_types") or [event_type])
        ),
        None,
    )
    return estate.add(
        "alert",
        asset_id=asset.id,
        parent_id=None if rule is None else rule.id,
        at=at,
        event_type=event_type,
        severity=severity,
        status="triggered",
        message=message,
        acknowledged_at=None,
        resolved_at=None,
    )


def status_of(job: Item, now: datetime) -> str:
    """``pending``, ``running``, ``completed`` or ``cancelled``."""
    if job.facts["cancelled"]:
        return "cancelled"
    if job.done_at is not None:
        return "completed"
    return "pending" if now <= job.created_at else "running"


def progress_of(job: Item, now: datetime) -> int:
    """How far a job is, in percent."""
    if job.done_at is not None:
        return 100
    whole = 0.0 if job.ends_at is None else (job.ends_at - job.created_at).total_seconds()
    return min(99, int(100 * (now - job.created_at).total_seconds() / whole)) if whole else 0


def job_view(call: Call, job: Item) -> dict[str, Any]:
    """A job as its status endpoint tells it."""
    now = call.airflow.now()
    return {
        "job_id": job.id,
        "status": status_of(job, now),
        "workflow_name": job.facts["workflow"],
        "asset_id": job.asset_id,
        "progress": progress_of(job, now),
        "error": None,
        "created_at": job.created_at,
        "completed_at": job.done_at,
    }


def started(call: Call, job: Item, message: str) -> dict[str, Any]:
    """What is answered when a job was started; the caller polls for its end."""
    return {
        "job_id": job.id,
        "asset_id": job.asset_id,
        "status": "started",
        "message": message,
        "started_at": job.created_at,
    }


@operation("GET", "/jobs/{job_id}", "get_job")
def get_job(call: Call) -> Any:
    """Tell how far a job is."""
    return job_view(call, item_named(call, "job", "job_id"))


@operation("POST", "/jobs/{job_id}/cancel", "cancel_job")
def cancel_job(call: Call) -> Any:
    """Stop a job that is not at its end; what it would have done is not done."""
    job = item_named(call, "job", "job_id")
    if job.done_at is None:
        job = estate_of(call).change(job, cancelled=True)
    return job_view(call, job)
