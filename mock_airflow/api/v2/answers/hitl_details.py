"""How answers about questions to people look."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import NotRequired, TypedDict

from mock_airflow.api.v2.answers.task_instances import TaskInstanceHistoryResponse, TaskInstanceResponse


class HITLUser(TypedDict):
    """Somebody who may answer, or did."""

    id: str
    name: str


class HITLDetailResponse(TypedDict):
    """An answer that was given."""

    responded_by: HITLUser
    responded_at: datetime
    chosen_options: Annotated[list[str], Field(min_length=1)]
    params_input: NotRequired[dict[str, Any]]


class _Question(TypedDict):
    """What is asked, and what was answered."""

    options: Annotated[list[str], Field(min_length=1)]
    subject: str
    body: NotRequired[str | None]
    defaults: NotRequired[list[str] | None]
    multiple: NotRequired[Annotated[bool, Field(json_schema_extra={"default": False})]]
    params: NotRequired[dict[str, Any]]
    assigned_users: NotRequired[list[HITLUser]]
    created_at: datetime
    responded_by_user: NotRequired[HITLUser | None]
    responded_at: NotRequired[datetime | None]
    chosen_options: NotRequired[list[str] | None]
    params_input: NotRequired[dict[str, Any]]
    response_received: NotRequired[Annotated[bool, Field(json_schema_extra={"default": False})]]


class HITLDetail(_Question):
    """A question that a task instance asks people."""

    task_instance: TaskInstanceResponse


class HITLDetailHistory(_Question):
    """A question that a try of a task instance asked people."""

    task_instance: TaskInstanceHistoryResponse
