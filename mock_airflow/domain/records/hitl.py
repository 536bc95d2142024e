"""What tasks ask people for, and what the people said."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct, field

from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.domain.records.runs import TaskInstanceKey


class Respondent(NamedTuple):
    """Somebody who answers, or may answer."""

    id: str
    name: str


class HitlDetail(Struct, frozen=True, kw_only=True):
    """What one attempt of a task instance asks for; ``past`` once the attempt is history."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    try_number: int
    options: tuple[str, ...]
    subject: str
    body: str | None = None
    defaults: tuple[str, ...] | None = None
    multiple: bool = False
    params: JsonObject = field(default_factory=dict)
    assigned_users: tuple[Respondent, ...] = ()
    created_at: datetime
    responded_by: Respondent | None = None
    responded_at: datetime | None = None
    chosen_options: tuple[str, ...] | None = None
    params_input: JsonObject = field(default_factory=dict)
    past: bool = False

    @property
    def key(self) -> TaskInstanceKey:
        """The task instance that asks."""
        return TaskInstanceKey(self.dag_id, self.run_id, self.task_id, self.map_index)

    @property
    def response_received(self) -> bool:
        """Whether somebody, or the time that ran out, has answered."""
        return self.responded_at is not None
