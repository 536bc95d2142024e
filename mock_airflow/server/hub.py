"""A hub: one server with many deployments, each reached by a path of its own, by host name, or by its mount.

    /d/<name>/...              below a path
    <name>.localhost:8080/...  by host name
    /team-a/...                by the path of its setting ``base_url``

What is for none of them is for the deployment that the server itself was started with.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from werkzeug.wsgi import ClosingIterator

from mock_airflow.errors import DatabaseError, HubError
from mock_airflow.server.request_id import HEADER, request_id
from mock_airflow.server.watching import HOSTED

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from mock_airflow.deployment import Deployment
    from mock_airflow.server.metrics import Metrics

KEY = "mock_airflow.hub"  # in the environ of a request to the hub itself
KEPT = "mock_airflow.kept"  # in that to one of its deployments: whether the hub still has it
_NAME = re.compile(r"(?![0-9]+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_BELOW = "/d/"
_RETRY_AFTER = {429: "1", 503: "2"}  # seconds, by status
_OWN = ("/__mock__", "/d")
_READS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
_ADDS_NOTHING = re.compile(r".*/(list|__mock__/(reset|re(store|wind)/[^/]+))")  # although it is a POST


class Quotas(NamedTuple):
    """What one deployment may take, so that none starves the others; None is without a bound."""

    deployments: int = 1000
    rows: int | None = None
    journal: int | None = None  # calls that the journal of one may be set to keep
    requests_per_second: int | None = None
    idle: float | None = None  # seconds without a request, after which one is deleted, or sleeps in the database


class Store(Protocol):
    """A database that the hub's deployments are kept in."""

    def names(self) -> list[str]:
        """Those that there are."""

    def put(self, name: str, deployment: Deployment, given: Mapping[str, Any]) -> Deployment:
        """Keep a new one. Raises HubError for a name that is taken."""

    def mounts(self) -> dict[str, str]:
        """Their names by the paths at which they are mounted; of several at one path the one that was there first."""

    def wake(self, name: str) -> Deployment | None:
        """One that is kept, or None."""

    def delete(self, name: str) -> bool:
        """Forget one; whether there was one."""


@dataclass
class Hosted:
    """A deployment of a hub, and when it was used."""

    name: str
    deployment: Deployment
    used: float  # on this machine's clock that only goes forward
    in_flight: int = 0  # requests that are being answered, for which it is used
    second: int = 0  # in which requests were counted last
    requests: int = 0


class Hub:
    """The deployments of a server. ``make`` gives a new one for settings and a world, as the control API takes them."""

    def __init__(
        self,
        main: Deployment,
        make: Callable[[Mapping[str, Any], Mapping[str, Any]], Deployment],
        quotas: Quotas,
        store: Store | None = None,
    ) -> None:
        self.main, self.quotas = main, quotas
        self._make, self._store = make, store
        self.metrics: Metrics | None = None
        self._hosted: OrderedDict[str, Hosted] = OrderedDict()  # by name; the one that was used last comes last
        self._mounts: dict[str, str] = {}  # names by the path at which they are mounted; of a store, as it had them
        self._making: set[str] = set()  # names of those that are just being made
        self._lock = threading.RLock()

    # ------------------------------------------------------------------------------------------------- what there is

    def names(self) -> list[str]:
        """The deployments, those that sleep among them, in order."""
        with self._lock:
            self._sweep()
            if self._store is not None:  # one that is in memory may have been deleted by another server
                return sorted(self._store.names())
            return sorted(self._hosted)

    def awake(self) -> list[Deployment]:
        """The deployments in this process's memory, with the server's own."""
        with self._lock:
            return [self.main, *(hosted.deployment for hosted in self._hosted.values())]

    def create(self, name: str | None, settings: Mapping[str, Any], world: Mapping[str, Any]) -> Hosted:
        """A new deployment; without a name it gets one. Raises HubError, SettingError and WorldError."""
        name = name if name is not None else f"airflow-{os.urandom(5).hex()}"
        if not _NAME.fullmatch(name):
            raise HubError(
                "A deployment's name has up to 63 small letters, digits and dashes, as it is part of a host name;"
                f" {name!r} cannot be one.",
                400,
            )
        with self._reserved(name):
            deployment = self._make(self._within_the_journal(settings), world)
            self._see_the_journal(deployment)
            self._see_that_rows_fit(name, deployment)
            if self._store is not None:
                deployment = self._store.put(name, deployment, settings)
            with self._lock:
                return self._host(name, deployment)

    @contextmanager
    def _reserved(self, name: str) -> Iterator[None]:
        """Have nobody else make one of that name, or the one too many, meanwhile. Raises HubError."""
        with self._lock:
            names = {*self.names(), *self._making}
            if name in names:
                raise HubError(f"There is a deployment {name!r} already; delete it, or take another name.", 409)
            if len(names) >= self.quotas.deployments:
                raise HubError(
                    f"The quota deployments ({self.quotas.deployments}) is used up; delete one, or start the server"
                    " with a higher --quota-deployments.",
                    507,
                )
            self._making.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._making.discard(name)

    def _see_that_rows_fit(self, name: str, deployment: Deployment) -> None:
        rows = sum(deployment.airflow.tables.sizes().values())
        if self.quotas.rows is not None and rows > self.quotas.rows:
            raise HubError(
                f"The quota rows ({self.quotas.rows}) is too small for the deployment {name!r}, which would begin with"
                f" {rows}; send a smaller world, or start the server with a higher --quota-rows.",
                507,
            )

    def _within_the_journal(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """The settings, with a journal of the quota's size where they name none and have more by themselves."""
        most, named = self.quotas.journal, {"journal_size", "journal-size"} & settings.keys()
        if most is None or named or type(self.main.settings).journal_size <= most:
            return settings
        return {**settings, "journal_size": most}

    def _see_the_journal(self, deployment: Deployment) -> None:
        asked, most = deployment.settings.journal_size, self.quotas.journal
        if most is not None and asked > most:
            raise HubError(
                f"The quota journal ({most}) is less than the {asked} calls that the setting journal_size asks for; ask"
                " for fewer, or start the server with a higher --quota-journal.",
                507,
            )

    def get(self, name: str) -> Hosted:
        """One of them, woken where it sleeps. Raises HubError."""
        with self._lock:
            self._sweep()
            found = self._hosted.get(name)
            if found is not None and found.deployment.replica is not None and found.deployment.replica.gone:
                self._forget(name)  # another server deleted it, and may have made another one since
                found = None
            if found is None and self._store is not None and _NAME.fullmatch(name):
                deployment = self._store.wake(name)
                found = None if deployment is None else self._host(name, deployment)
            if found is None:
                raise HubError(
                    f"There is no deployment {name!r} here; POST /__mock__/deployments makes one. One that nobody uses"
                    " is deleted after a while where the server was told so (--quota-idle).",
                    404,
                )
            found.used = time.monotonic()
            self._hosted.move_to_end(name)
            return found

    def delete(self, name: str) -> None:
        """Forget a deployment and all that it has. Raises HubError."""
        with self._lock:
            known = self._forget(name)
        if self._store is not None:
            known = self._store.delete(name) or known
        if not known:
            raise HubError(f"There is no deployment {name!r} here.", 404)

    def _host(self, name: str, deployment: Deployment) -> Hosted:
        self._forget(name)
        self._hosted[name] = hosted = Hosted(name, deployment, time.monotonic())
        if self._store is None and deployment.mount and not self._is_own(deployment.mount):
            self._mounts.setdefault(deployment.mount, name)
        return hosted

    def _is_own(self, path: str) -> bool:
        """Whether the server itself answers there, for all: a deployment is not to take its place."""
        main = self.main.mount or f"/{self.main.api_path.split('/')[1]}"
        return any(path == own or path.startswith(f"{own}/") for own in (*_OWN, main))

    def _forget(self, name: str) -> bool:
        hosted = self._hosted.pop(name, None)
        if self._store is None and hosted is not None and self._mounts.get(mount := hosted.deployment.mount) == name:
            del self._mounts[mount]
            for other in self._hosted.values():  # one that has waited for its turn
                if other.deployment.mount == mount:
                    self._mounts[mount] = other.name
                    break
        return hosted is not None

    def _sweep(self) -> None:
        """Let those go that nobody has used for long; in a database they sleep on."""
        if self.quotas.idle is None:
            return
        eldest = time.monotonic() - self.quotas.idle
        for name, hosted in list(self._hosted.items()):
            if hosted.used > eldest:
                break
            if not hosted.in_flight:
                self._forget(name)

    # ---------------------------------------------------------------------------------------------------- a request

    def wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application: of the deployment that the request is for."""
        try:
            hosted = self._chosen(environ)
            if hosted is None:
                environ[KEY] = self
                return self.main.wsgi(environ, start_response)
        except (HubError, DatabaseError) as error:
            return self._refused(error, environ, start_response)
        environ[HOSTED] = hosted.name
        environ[KEPT] = lambda: self._hosted.get(hosted.name) is hosted
        try:
            self._count(hosted, environ)
            return ClosingIterator(hosted.deployment.wsgi(environ, start_response), lambda: self._used(hosted))
        except HubError as error:
            self._used(hosted)
            return self._refused(error, environ, start_response)
        except BaseException:
            self._used(hosted)
            raise

    def _refused(
        self, error: HubError | DatabaseError, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        named = request_id(environ) if self.main.settings.request_id_header else None
        return _refusal(error, named, start_response)

    def _taken(self, name: str) -> Hosted:
        """One of them for a request, during which it is not idle. Raises HubError."""
        with self._lock:
            hosted = self.get(name)
            hosted.in_flight += 1
            return hosted

    def _used(self, hosted: Hosted) -> None:
        """The request is over."""
        with self._lock:
            hosted.in_flight -= 1
            hosted.used = time.monotonic()
            if hosted.name in self._hosted:
                self._hosted.move_to_end(hosted.name)

    def _chosen(self, environ: WSGIEnvironment) -> Hosted | None:
        """The deployment that a request is for, None for the main one; what names it becomes part of the root."""
        path: str = environ["PATH_INFO"]
        if path.startswith(_BELOW):
            name = path[len(_BELOW) :].partition("/")[0]
            hosted = self._taken(name)
            environ["SCRIPT_NAME"] += f"{_BELOW}{name}"
            environ["PATH_INFO"] = path[len(_BELOW) + len(name) :] or "/"
            return hosted
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower().rstrip(".")
        if host.endswith(".localhost"):
            return self._taken(host[: -len(".localhost")])
        found = self._mounted(path)
        if found is None and self._store is not None and not self._is_own(path):  # another server may have made one
            self._read_mounts(self._store)
            found = self._mounted(path)
        return found

    def _mounted(self, path: str) -> Hosted | None:
        """The deployment below whose mount a path lies; its own WSGI finds the mount again."""
        parts = path.split("/")
        for length in range(len(parts), 1, -1) if self._mounts else ():
            mount = "/".join(parts[:length])
            name = self._mounts.get(mount)
            if name is None:
                continue
            try:
                hosted = self._taken(name)
            except HubError:  # it was deleted since by another server
                continue
            if hosted.deployment.mount == mount:
                return hosted
            self._used(hosted)  # what is told and what is in memory differ: one of both was deleted since
        return None

    def _read_mounts(self, store: Store) -> None:
        """Read where deployments are mounted, and forget those that were elsewhere: they are no more."""
        self._mounts = {mount: name for mount, name in store.mounts().items() if not self._is_own(mount)}
        with self._lock:
            for mount, name in self._mounts.items():
                if name in self._hosted and self._hosted[name].deployment.mount != mount:
                    self._forget(name)

    def _count(self, hosted: Hosted, environ: WSGIEnvironment) -> None:
        """Raise HubError where a quota is used up."""
        quotas = self.quotas
        if quotas.requests_per_second is not None:
            now = int(time.monotonic())
            with self._lock:
                hosted.requests = hosted.requests + 1 if hosted.second == now else 1
                hosted.second = now
                too_many = hosted.requests > quotas.requests_per_second
            if too_many:
                raise HubError(
                    f"The quota requests_per_second ({quotas.requests_per_second}) of the deployment {hosted.name!r} is"
                    " used up; come back in a second.",
                    429,
                )
        if environ["REQUEST_METHOD"] in _READS or _ADDS_NOTHING.fullmatch(environ["PATH_INFO"]):
            return
        if quotas.rows is not None:
            rows = sum(hosted.deployment.airflow.tables.sizes().values())
            if rows >= quotas.rows:
                raise HubError(
                    f"The quota rows ({quotas.rows}) of the deployment {hosted.name!r} is used up; it has {rows}."
                    " Delete some, or reset it.",
                    507,
                )


def _refusal(error: HubError | DatabaseError, named: str | None, start_response: StartResponse) -> Iterable[bytes]:
    """The answer of the hub's own to what it cannot pass on; a database that is away may be back in a moment."""
    status = error.status if isinstance(error, HubError) else 503
    phrase = HTTPStatus(status).phrase
    told = {"title": phrase, "status": status, "detail": str(error)}
    body = (json.dumps(told) + "\n").encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("X-Mock-Airflow-Reason", str(error).encode("ascii", "backslashreplace").decode()),
    ]
    if named is not None:
        headers.append((HEADER, named))
    if status in _RETRY_AFTER:
        headers.append(("Retry-After", _RETRY_AFTER[status]))
    start_response(f"{status} {phrase}", headers)
    return [body]
