"""What a profile is: how one kind of deployment hands out access and checks it.

A vendor is one module in ``profiles/`` with one subclass. It says which credential it reads, in whose words it refuses,
which variables the vendor's tools read, and which endpoints of its own the vendor has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from mock_airflow.access.keys import Issued, Key, KeyForm
from mock_airflow.access.principals import Principal, Refusal
from mock_airflow.api.operation import Answer, Api
from mock_airflow.limits.rules import TIERS, Tier

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from mock_airflow.deployment import Deployment
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records.json_object import JsonObject
    from mock_airflow.limits.limits import Exceeded
    from mock_airflow.settings import Settings


class Probe(NamedTuple):
    """A request in front of which something is met.

    ``api`` says that its path lies below that of the REST API, ``airflows`` that it lies below where Airflow
    is mounted, ``signed`` that it carries the credential, and
    ``renewed`` that it carries a token which was just exchanged.
    """

    method: str
    path: str
    json: Mapping[str, Any] | None = None
    airflows: bool = True
    signed: bool = True
    renewed: bool = False
    api: bool = False

    def path_in(self, deployment: Deployment) -> str:
        """The path as the deployment's Airflow has it, below its mount."""
        return f"{deployment.api_path if self.api else ''}{self.path}"


class Profile(ABC):
    """How access is handed out and checked.

    ``gateway`` is True for a vendor whose gate stands in front of Airflow: it looks at the credential before anything
    else, even a wrong path, and ``/health`` and ``/version`` need one too. ``reads_keys`` tells whether a key opens
    anything, ``key_form`` what a key looks like, and ``signs_tokens`` whether JWTs are handed out (with ``rsa`` by
    packages that are no part of the core). ``apis`` are the vendor's own endpoints; they stand beside Airflow's and
    have a dialect of their own. ``experimental_api`` turns Airflow's oldest API on where the settings
    say nothing of it. ``security`` are its credentials as an OpenAPI document describes them; any one of them will do.
    ``tiers`` are the limits that the vendor's plans come with. ``limit_headers`` names the headers that tell of a limit
    (``none``, ``x-ratelimit-unix``, ``x-ratelimit-delta``, ``ietf``, ``ietf-07``, ``ietf-06``), and ``retry_after`` how
    a 429 says when to come back (``seconds``, ``date``, ``absent``). Settings of those names count before them.
    """

    name: str = ""
    title: str = ""
    gateway: bool = False
    reads_keys: bool = False
    key_form: ClassVar[KeyForm] = KeyForm()
    signs_tokens: bool = False
    rsa: bool = True
    apis: ClassVar[tuple[Api, ...]] = ()
    experimental_api: bool = False
    security: ClassVar[Mapping[str, Mapping[str, Any]]] = {"Basic": {"type": "http", "scheme": "basic"}}
    tiers: ClassVar[Mapping[str, Tier]] = TIERS
    limit_headers: str = "none"
    retry_after: str = "seconds"

    @abstractmethod
    def prepare(self, deployment: Deployment) -> dict[str, str]:
        """Make the credential that a fresh deployment comes with; gives it as clients hold it. May be called once."""

    @abstractmethod
    def authenticate(self, request: Request, deployment: Deployment) -> Principal:
        """Who the request is. Raises Refusal, worded for the profile."""

    @abstractmethod
    def limited(self, exceeded: Exceeded, deployment: Deployment) -> Refusal:
        """The answer for one request too many, without Retry-After and the headers of the limit: those are added."""

    @abstractmethod
    def headers(self, credentials: Mapping[str, str], deployment: Deployment) -> dict[str, str]:
        """The headers that carry a credential; where one has to be exchanged for a token first, a new token."""

    @abstractmethod
    def environment(self, url: str, credentials: Mapping[str, str]) -> dict[str, str]:
        """The variables that the vendor's own tools or pages name, pointing here."""

    @abstractmethod
    def credentials_for(self, deployment: Deployment, role: str) -> dict[str, str]:
        """A working credential that acts with a role."""

    def rotate(self, deployment: Deployment, which: int | str | Key | Issued) -> Issued:
        """A new value for a key; the old one opens nothing from now on. Raises KeyProblem."""
        return deployment.keys.rotate(which)

    def attach(self, airflow: Airflow, settings: Settings) -> Any:
        """What the vendor keeps of its own, as tables of the deployment's; told by ``deployment.vendor``."""
        return None

    def mount(self, settings: Settings) -> str:
        """The path below which Airflow's APIs lie, such as ``/quasar-1234/airflow``; empty for the root."""
        return ""

    def unmounted(self, request: Request, deployment: Deployment) -> Answer | None:
        """The answer for a path that is neither below the mount nor the vendor's own; None lets it through."""
        return None

    def airflow_1(self, settings: Settings) -> bool:
        """Whether the experimental API answers with the fields of Airflow 1.10."""
        return False

    def admit(self, request: Request, principal: Principal, deployment: Deployment) -> None:
        """Refuse what the gate itself forbids a known principal, such as a method beyond its scope. Raises Refusal."""
        return None

    def exchange(self, credentials: Mapping[str, str], settings: Settings) -> Probe | None:
        """The request that exchanges a credential for a token; None where nothing is exchanged."""
        return None

    def new_key(self, settings: Settings) -> Probe | None:
        """The vendor's request for one more key; None where there is none."""
        return None

    def most_keys(self, deployment: Deployment) -> int | None:
        """How many keys there may be now; None for any number."""
        return None

    def bound_elsewhere(self, key: Key) -> JsonObject | None:
        """The details of a key if it were another deployment's; None where keys know no deployment."""
        return None

    def with_role(self, key: Key, role: str) -> JsonObject:
        """The details of a key if it had an Airflow role; unchanged where its owner and scope decide."""
        return key.details

    def sent(self, request: Request, response: Response, deployment: Deployment) -> Response:
        """What the gate sends on of an answer of Airflow's behind it."""
        return response

    def failure(self, status: int, deployment: Deployment) -> Answer:
        """The answer with a status that nothing in Airflow asked for, such as a fault rule's.

        In Airflow's words, unless the vendor has words of its own (assumed: nobody documents them).
        """
        from mock_airflow.api.airflow2.problems import Problem

        try:
            title = HTTPStatus(status).phrase
        except ValueError:
            title = "Error"
        problem = Problem(status, title)
        return Answer(problem.body(deployment.settings.airflow_version), status, problem.content_type)


def refusal_answer(refusal: Refusal) -> Answer:
    """A refusal as it goes out."""
    return Answer(refusal.body, refusal.status, refusal.content_type, refusal.headers)


def by_name(name: str) -> Profile:
    """The profile of this name; the name was checked with the settings."""
    from importlib import import_module

    module: Any = import_module(f"mock_airflow.profiles.{name.replace('-', '_')}.profile")
    profile: Profile = module.PROFILE
    return profile
