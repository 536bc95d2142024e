"""Jobs: the scheduler, the DAG processor and the triggerer, those that ended as well."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from mock_airflow.access.permissions import on
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.parameters import PAGE, Parameter, between, order_by, order_keys
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.dag_run_fields import display_name
from mock_airflow.api.v2.filters import equal, within
from mock_airflow.api.v2.lists import asked_page, ordered, page_of
from mock_airflow.domain import jobs
from mock_airflow.domain.records import Job

operation = API.tagged("Job")

_FIELDS = (
    "id",
    "dag_id",
    "state",
    "job_type",
    "start_date",
    "end_date",
    "latest_heartbeat",
    "executor_class",
    "hostname",
    "unixname",
)
ORDER_KEYS = order_keys(*_FIELDS)
_EQUAL = {"job_state": "state", "job_type": "job_type", "hostname": "hostname", "executor_class": "executor_class"}


def _view(call: Call, job: Job) -> dict[str, Any]:
    shown = display_name(call.airflow, job.dag_id) if job.dag_id is not None else None
    return {**{name: getattr(job, name) for name in _FIELDS}, "dag_display_name": shown}


@operation(
    "GET",
    "/jobs",
    access=on("GET", "Jobs"),
    query=(
        Parameter("is_alive", bool),
        *between("start_date"),
        *between("end_date"),
        *PAGE,
        order_by("id"),
        *(Parameter(name) for name in _EQUAL),
    ),
    answer="JobCollectionResponse",
)
def get_jobs(call: Call) -> Answer:
    """List jobs. With ``is_alive``, be it true or false, those of the page that are alive are left (observed)."""
    rows: Iterable[Job] = jobs.everything(call.airflow)
    for name, attribute in _EQUAL.items():
        rows = equal(call, rows, name, attrgetter(attribute))
    for name in ("start_date", "end_date"):
        rows = within(call, rows, name)
    found = ordered(call, rows, ORDER_KEYS, "id", lambda job: job.id)
    page = found[asked_page(call)]
    if call.query["is_alive"] is not None:
        page = [job for job in page if jobs.is_alive(call.airflow, job)]
    return page_of(call, "jobs", page, len(found), _view)
