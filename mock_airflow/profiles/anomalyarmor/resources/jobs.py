"""Jobs, for those who started them to see how far they are.

A job takes the seconds of the setting ``anomalyarmor_job_seconds`` on the deployment's clock (assumed: none).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts, get, post


class JobResource(ArmorResource):
    """A resource that starts jobs."""

    def start(self, workflow: str, asset: WatchedAsset | None, **facts: Any) -> Item:
        """A new job; it is done by the next look if jobs take no time."""
        ends_at = self.now + timedelta(seconds=self.settings.anomalyarmor_job_seconds)
        asset_id = None if asset is None else asset.id
        return self.estate.add("job", asset_id=asset_id, ends_at=ends_at, workflow=workflow, cancelled=False, **facts)

    def started(self, workflow: str, status: str, message: str, at: str = "created_at") -> Facts:
        """What is answered when a job was started for the path's asset; the caller polls for its end."""
        job = self.start(workflow, self.asset())
        return {"job_id": job.id, "asset_id": job.asset_id, "status": status, "message": message, at: job.created_at}


class Jobs(ArmorResource):
    """Any job, by its id."""

    tag = "Jobs"
    kind = "job"
    view = "job_id=id status workflow_name=workflow asset_id progress error created_at completed_at=done_at"

    def _status(self, job: Item) -> str:
        if job["cancelled"]:
            return "cancelled"
        if job.done_at is not None:
            return "completed"
        return "pending" if self.now <= job.created_at else "running"

    def _progress(self, job: Item) -> int:
        """How far it is, in percent."""
        if job.done_at is not None:
            return 100
        whole = 0.0 if job.ends_at is None else (job.ends_at - job.created_at).total_seconds()
        return min(99, int(100 * (self.now - job.created_at).total_seconds() / whole)) if whole else 0

    @get("/jobs/{job_id}")
    def get_job(self) -> Any:
        """Show how far a job is."""
        return self.shown(self.item())

    @post("/jobs/{job_id}/cancel")
    def cancel_job(self) -> Any:
        """Stop a job that is not at its end; what it would have done is not done."""
        job = self.item()
        return self.shown(job if job.done_at is not None else self.estate.change(job, cancelled=True))
