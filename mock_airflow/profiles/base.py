"""What a profile is: how one kind of deployment hands out access and checks it.

A vendor is one module in ``profiles/`` with one subclass. It says which credential it reads, in whose words it refuses,
which variables the vendor's tools read, and which endpoints of its own the vendor has.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, MutableMapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from mock_airflow.access.keys import Key
from mock_airflow.access.principals import Principal, permissions_of
from mock_airflow.access.site import Gate, Site
from mock_airflow.answers import Answer
from mock_airflow.api.api import Api
from mock_airflow.journal.why import Why
from mock_airflow.limits.standing import Exceeded

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records.json_object import JsonObject
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

    def path_in(self, deployment: Site) -> str:
        """The path as the deployment's Airflow has it, below its mount."""
        return f"{deployment.api_path if self.api else ''}{self.path}"


def acting(site: Site, name: str, roles: Sequence[str], credential_id: str, key: Key | None = None) -> Principal:
    """Somebody whom a vendor knows, with roles of Airflow's; scope and tier are those of the key, if it is one's."""
    return Principal(
        name=name,
        roles=tuple(roles),
        permissions=permissions_of(site.airflow, roles, site.settings.generation),
        credential_id=credential_id,
        scope=key.scope if key is not None else None,
        tier=key.tier if key is not None else None,
    )


def too_many(exceeded: Exceeded, rule: str = "") -> Why:
    """Why a request was one too many, and which one passes."""
    return Why(exceeded.reason, rule, would_pass=f"the same request {exceeded.retry_after} s later")


class Profile(Gate):
    """How access is handed out and checked.

    ``signs_tokens`` tells whether JWTs are handed out, with ``rsa`` by packages that are no part of the core. ``apis``
    are the vendor's own endpoints; they stand beside Airflow's and have a dialect of their own. ``experimental_api``
    turns Airflow's oldest API on where the settings say nothing of it.
    """

    title: str = ""
    signs_tokens: bool = False
    rsa: bool = True
    apis: ClassVar[tuple[Api, ...]] = ()
    experimental_api: bool = False

    @abstractmethod
    def prepare(self, deployment: Site) -> dict[str, str]:
        """Make the credential that a fresh deployment comes with; gives it as clients hold it. May be called once."""

    @abstractmethod
    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """The headers that carry a credential; where one has to be exchanged for a token first, a new token."""

    @abstractmethod
    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """The variables that the vendor's own tools or pages name, pointing here."""

    @abstractmethod
    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """A working credential that acts with a role."""

    def attach(self, airflow: Airflow, settings: Settings) -> Any:
        """What the vendor keeps of its own, as tables of the deployment's; told by ``deployment.vendor``."""
        return None

    def mount(self, settings: Settings) -> str:
        """The path below which Airflow's APIs lie, such as ``/quasar-1234/airflow``; empty for the root."""
        return ""

    def unmounted(self, request: Request, deployment: Site) -> Answer | None:
        """The answer for a path that is neither below the mount nor the vendor's own; None lets it through."""
        return None

    def exchange(self, credentials: Mapping[str, str], settings: Settings) -> Probe | None:
        """The request that exchanges a credential for a token; None where nothing is exchanged."""
        return None

    def new_key(self, settings: Settings) -> Probe | None:
        """The vendor's request for one more key; None where there is none."""
        return None

    def most_keys(self, deployment: Site) -> int | None:
        """How many keys there may be now; None for any number."""
        return None

    def bound_elsewhere(self, key: Key) -> JsonObject | None:
        """The details of a key if it were another deployment's; None where keys know no deployment."""
        return None

    def with_role(self, key: Key, role: str) -> JsonObject:
        """The details of a key if it had an Airflow role; unchanged where its owner and scope decide."""
        return key.details

    def sent(self, request: Request, response: Response, deployment: Site) -> Response:
        """What the gate sends on of an answer of Airflow's behind it."""
        return response

    def failure(self, status: int, deployment: Site) -> Answer:
        """The answer with a status that nothing in Airflow asked for, such as a fault rule's.

        In Airflow's words, unless the vendor has words of its own (assumed: nobody documents them).
        """
        from mock_airflow.api.airflow2.problems import Problem

        try:
            title = HTTPStatus(status).phrase
        except ValueError:
            title = "Error"
        return Problem(status, title).answer(deployment.settings.airflow_version)


def find_mount(environ: MutableMapping[str, Any], mount: str) -> None:
    """Note whether the path lies below where Airflow is mounted, and make that part of it the root."""
    path = environ["PATH_INFO"]
    if path == mount or path.startswith(f"{mount}/"):
        environ["SCRIPT_NAME"] += mount
        environ["PATH_INFO"] = path[len(mount) :]
        environ["mock_airflow.mounted"] = True
    elif environ["SCRIPT_NAME"].endswith(mount):  # a base URL that is intercepted says so
        environ["mock_airflow.mounted"] = True


def by_name(name: str) -> Profile:
    """The profile of this name; the name was checked with the settings."""
    from importlib import import_module

    module: Any = import_module(f"mock_airflow.profiles.{name.replace('-', '_')}.profile")
    profile: Profile = module.PROFILE
    return profile
