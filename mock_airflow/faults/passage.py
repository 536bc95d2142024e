"""A request on its way as far as fault rules touch it, and what they need of its deployment."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from mock_airflow.access.admission import Admission
from mock_airflow.access.principals import Principal
from mock_airflow.access.site import Site
from mock_airflow.api.operation import Operation
from mock_airflow.domain.airflow import Snapshot
from mock_airflow.journal.journal import Fault
from mock_airflow.profiles.base import Profile

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from mock_airflow.access.routed import RoutedRequest
    from mock_airflow.faults.delivery import Delivery
    from mock_airflow.faults.in_force import RulesInForce


class FaultySite(Site, Protocol):
    """A deployment, for who has calls go wrong."""

    @property
    def profile(self) -> Profile:
        """Whose words an answer is in that nothing in Airflow asked for."""

    @property
    def faults(self) -> RulesInForce:
        """The rules."""

    def as_of(self, state: Snapshot, moment: datetime) -> FaultySite:
        """A copy with an earlier state that stands still at ``moment``."""

    def aside(self) -> AbstractContextManager[None]:
        """What lets others have it while a request only waits."""

    def expire_credential(self, principal: Principal, request: RoutedRequest | None = None) -> None:
        """Have the credential that a principal showed open nothing from now on."""


class Passage(Admission):
    """One request and its answer on their way through the corridor.

    ``faults`` are the rules that fired, ``spoiled`` says whether one of them did more than to delay the answer, and
    ``delivery`` is how it goes out where that is not as usual.
    """

    __slots__ = ("delivery", "faults", "operation", "spoiled")

    deployment: FaultySite

    def __init__(self, deployment: FaultySite, request: RoutedRequest) -> None:
        super().__init__(deployment, request)
        self.operation: Operation | None = None
        self.faults: tuple[Fault, ...] = ()
        self.spoiled = False
        self.delivery: Delivery | None = None

    @abstractmethod
    def explain(self, response: Response) -> None:
        """Say the reason in a header, where that is asked for."""
