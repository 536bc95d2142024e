"""Tasks that wait for people: what they ask, and the answers that have them go on."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import HitlDetail, JsonObject, Respondent, TaskInstance

WAITING = frozenset({"awaiting_input", "deferred"})


def present(airflow: Airflow, ti: TaskInstance) -> HitlDetail | None:
    """What the present attempt of a task instance asks for; None if nothing."""
    found = airflow.hitl_details.get((ti.key, ti.try_number))
    return found if found is not None and not found.past else None


def respond(
    airflow: Airflow, detail: HitlDetail, who: Respondent, chosen: Sequence[str], params_input: JsonObject
) -> HitlDetail:
    """Write an answer down, and have the task go on where it still waits for it."""
    now = airflow.now()
    answered = airflow.hitl_details.put(
        replace(detail, responded_by=who, responded_at=now, chosen_options=tuple(chosen), params_input=params_input)
    )
    ti = airflow.task_instances.get(detail.key)
    if ti is not None and ti.state in WAITING:
        airflow.task_instances.put(replace(ti, state="scheduled", scheduled_when=now, updated_at=now))
        airflow.expect(ti.run_key, now)
    return answered
