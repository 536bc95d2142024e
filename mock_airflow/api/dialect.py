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
    from werkzeug.wrappers import Request


_KEPT_QUERIES = 1024


class Dialect(ABC):
    """What an API does in its own way; each method says what it may raise."""

    def __init__(self) -> None:
        self._queries: dict[tuple[str, bytes], Mapping[str, Any]] = {}

    def query_of(self, operation: Operation, request: Request, faults: list[Any]) -> Mapping[str, Any]:
        """The values of a request's query; read once of those who ask the same, as clients do again and again.

        Raises what ``read_query`` raises, or adds to ``faults``.
        """
        asked = operation.operation_id, request.query_string
        values = self._queries.get(asked)
        if values is None:
            values = self.read_query(operation, request.args.to_dict(flat=False), faults)
            if not faults:
                if len(self._queries) >= _KEPT_QUERIES:
                    self._queries.clear()
                self._queries[asked] = values
        return values

    @abstractmethod
    def read_query(self, operation: Operation, sent: Mapping[str, list[str]], faults: list[Any]) -> Mapping[str, Any]:
        """The values of a query by name; what is wrong is raised, or added to ``faults`` where all of it is told."""

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
