"""How an API takes a request in, words what it refuses and dresses its answers.

One object an API carries, so that the walk of a request is written once and an API says only what it does differently.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access.admission import Admission
from mock_airflow.answers import Answer, ApiProblem, Oops
from mock_airflow.api.operation import Call, Operation
from mock_airflow.domain.errors import DomainError
from mock_airflow.settings import Settings

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers


class Dialect(ABC):
    """What an API does in its own way; each method says what it may raise."""

    @abstractmethod
    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call, once the request may come in, step by step. Raises a RaisedAnswer."""

    @abstractmethod
    def worded(self, error: DomainError, call: Call) -> ApiProblem:
        """The answer for a refused verb."""

    @abstractmethod
    def excused(self, oops: Oops) -> ApiProblem:
        """The clean answer where a real Airflow fails, without ``airflow_bugs``."""

    @abstractmethod
    def failed(self, oops: Oops) -> Answer:
        """What a real Airflow, or its web server, fails with."""

    def longest_body(self, settings: Settings) -> int | None:
        """How many bytes of a body it takes; None for as many as anything here."""
        return None

    @abstractmethod
    def dress(self, headers: Headers, admission: Admission) -> None:
        """Add the headers of every answer of the API's own routes, and of those alone."""
