"""What access is about: the deployment, as narrow as gates, dialects and vendors see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from mock_airflow.access.keys import Issued, Key, KeyForm, Keys
from mock_airflow.access.principals import Principal
from mock_airflow.access.sessions import Sessions
from mock_airflow.access.tokens import Tokens
from mock_airflow.answers import Refusal
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.clock import Clock
from mock_airflow.limits.limits import Limits
from mock_airflow.limits.rules import TIERS, Tier
from mock_airflow.limits.standing import Exceeded
from mock_airflow.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Request


class Site(Protocol):
    """A deployment, for who has only to do with its Airflow and with who comes in.

    ``vendor`` is what its profile keeps of its own, ``passwords`` those of users that this program may tell, by name.
    """

    passwords: Mapping[str, str]

    @property
    def clock(self) -> Clock:
        """Its time."""

    @property
    def airflow(self) -> Airflow:
        """Its state and its clock."""

    @property
    def settings(self) -> Settings:
        """How it behaves."""

    @property
    def keys(self) -> Keys:
        """Keys that were handed out."""

    @property
    def tokens(self) -> Tokens:
        """Tokens that were issued."""

    @property
    def sessions(self) -> Sessions:
        """Sessions of those who logged in."""

    @property
    def limits(self) -> Limits:
        """How much everybody may ask."""

    @property
    def profile(self) -> Gate:
        """How access is checked."""

    @property
    def vendor(self) -> Any:
        """What the profile keeps of its own."""

    @property
    def mount(self) -> str:
        """The path below which Airflow lies."""

    @property
    def api_path(self) -> str:
        """The path of the REST API, below the mount."""

    def machine_now(self) -> datetime:
        """The machine's time, by which clients of another program sign; nothing else is to go by it."""

    def wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application, for a request within another that holds the deployment."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """What to hold while touching the state outside of a request."""

    def letting_others_in(self) -> AbstractContextManager[None]:
        """Have others use it meanwhile; for a request that holds it once."""


class Gate(ABC):
    """How access is checked, and in whose words it is refused.

    ``gateway`` is True for a vendor whose gate stands in front of Airflow: it looks at the credential before anything
    else, even a wrong path, and ``/health`` and ``/version`` need one too. ``security`` are its credentials as an
    OpenAPI document describes them; any one will do. ``tiers`` are the limits that the vendor's plans come with.
    ``limit_headers`` is one of ``LIMIT_HEADERS``, the headers that tell of a limit, and ``retry_after`` one of
    ``RETRY_AFTER``, how a 429 says when to come back; both stand in ``settings/record.py``, and settings of those names
    count before the gate's. ``reads_keys`` tells whether a key opens anything, and ``key_form`` what a key looks like.
    """

    name: str = ""
    reads_keys: bool = False
    key_form: ClassVar[KeyForm] = KeyForm()
    gateway: bool = False
    security: ClassVar[Mapping[str, Mapping[str, Any]]] = {"Basic": {"type": "http", "scheme": "basic"}}
    tiers: ClassVar[Mapping[str, Tier]] = TIERS
    limit_headers: str = "none"
    retry_after: str = "seconds"

    @abstractmethod
    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Who the request is. Raises Refusal, worded for the profile."""

    @abstractmethod
    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """The answer for one request too many, without Retry-After and the headers of the limit: those are added."""

    def admit(self, request: Request, principal: Principal, deployment: Site) -> None:
        """Refuse what the gate itself forbids a known principal, such as a method beyond its scope. Raises Refusal."""
        return None

    def credential_header(self, settings: Settings) -> str:
        """The header that the credential is in."""
        return "Authorization"

    def issue(self, deployment: Site, name: str, scope: str, owner: str, **more: Any) -> Issued:
        """A new key for whoever asks for one here; ``more`` is what ``Keys.issue`` takes. Raises AccessKeyError."""
        return deployment.keys.issue(name, scope, owner, **more)

    def rotate(self, deployment: Site, which: int | str | Key | Issued) -> Issued:
        """A new value for a key; the old one opens nothing from now on. Raises AccessKeyError."""
        return deployment.keys.renew(which)

    def airflow_1(self, settings: Settings) -> bool:
        """Whether the experimental API answers with the fields of Airflow 1.10."""
        return False
