"""What goes out of the experimental API: JSON on one line, and errors that are one text."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from mock_airflow.answers import HTML, Answer, ApiProblem
from mock_airflow.api.airflow2 import pages
from mock_airflow.domain.records import DagRun
from mock_airflow.journal.why import UNSAID, Why


def told(value: Any) -> Answer:
    """A value as this API writes it: keys sorted, on one line, with no newline after it (observed)."""
    return Answer(_text(value))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=lambda moment: moment.isoformat())


def printed_run(run: DagRun, logical_date: datetime) -> str:
    """A run as Python prints Airflow's object; the date stands in the zone that it is given in.

    When a run of a world file was queued is not known, so its start has to do.
    """
    queued_at = run.queued_at or run.start_date or run.updated_at
    return (
        f"<DagRun {run.dag_id} @ {logical_date}: {run.run_id}, state:{run.state}, queued_at: {queued_at}. "
        f"externally triggered: {run.external_trigger}>"
    )


class TextProblem(ApiProblem):
    """A refusal in this API's only form, ``{"error": text}``."""

    def __init__(self, status: int, text: str, why: Why = UNSAID) -> None:
        super().__init__(status, None, text, why=why)

    def body(self, airflow_version: str) -> str:
        """The answer's text."""
        return _text({"error": self.detail})


class BodyProblem(ApiProblem):
    """A body that is not JSON is refused by the web framework, with its page (observed)."""

    content_type = HTML

    def __init__(self) -> None:
        super().__init__(400, None, why=Why("The body is not valid JSON; this API reads any body as JSON."))

    def body(self, airflow_version: str) -> str:
        """The page."""
        return pages.bad_request_page()
