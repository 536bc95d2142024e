"""An Airflow for a test: everything a test says to it, and everything it asks of it.

    with MockAirflow(profile="datacoves") as airflow:
        airflow.add_dag("etl", tasks=("extract", "load"), schedule="@daily")
        requests.get(airflow.api_url + "/dags", headers=airflow.headers)
        assert airflow.calls[0].principal == "admin"

The pytest fixture ``mock_airflow`` gives the same object.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow.deployment import Deployment, standing_still
from mock_airflow.domain.airflow import Snapshot
from mock_airflow.errors import MockClosedError
from mock_airflow.in_process.ownership import Home
from mock_airflow.journal import tracebacks
from mock_airflow.journal.journal import Entry
from mock_airflow.settings import Settings
from mock_airflow.settings.doubts import doubts
from mock_airflow.storage import garbage
from mock_airflow.testing.looking_back import LookingBack
from mock_airflow.testing.principals import Account, account_of

if TYPE_CHECKING:
    from types import TracebackType

    from responses import RequestsMock
    from typing_extensions import Self

    from mock_airflow.access.keys import Keys
    from mock_airflow.access.tokens import Tokens
    from mock_airflow.corridor.flask_app import AirflowApp
    from mock_airflow.faults.faults import Faults
    from mock_airflow.in_process.interception import Interception
    from mock_airflow.limits.limits import Limits
    from mock_airflow.server.live import LiveServer
    from mock_airflow.testing.controls import FailureControl

__all__ = ["Account", "MockAirflow", "deployment_of", "template_of"]

__tracebackhide__ = tracebacks.assertions
log = logging.getLogger("mock_airflow")


def template_of(settings: Mapping[str, Any]) -> Deployment:
    """A deployment with its worlds read, ready for ``fresh()`` to be called on it, any number of times.

    A world's own settings count where ``settings`` says nothing. Its time stands still, so that what it makes by itself
    bears exactly the moment at which the clock starts. Raises SettingError or WorldError.
    """
    with garbage.none_made():
        return _template_of(settings)


def _template_of(settings: Mapping[str, Any]) -> Deployment:
    chosen = Settings.of(**settings)
    if not chosen.world and chosen.dags_folder is None:
        template = Deployment(chosen, wall=standing_still())
    else:
        from mock_airflow.world.reading import load_worlds

        world = load_worlds(chosen.world)
        template = Deployment(Settings.of(**{**world.settings, **settings}), wall=standing_still())
        world.apply(template)
        if template.settings.dags_folder is not None:
            from mock_airflow.dag_files.folder import DagFolder

            template.dag_folder = DagFolder(template.settings)
            for line in template.dag_folder.load(template):
                log.warning("%s", line)
    for line in doubts(template.settings):
        log.warning("%s", line)
    template.begin()
    return template


def deployment_of(settings: Mapping[str, Any]) -> Deployment:
    """The deployment that these settings describe: a new one, the one that was saved, or what a database keeps."""
    chosen = Settings.of(**settings)
    if chosen.database is not None:
        from mock_airflow.persistence.keeping import kept

        return kept(settings, lambda: deployment_of({**settings, "database": None}))
    saved = chosen.saved
    if saved is None:
        return template_of(settings).fresh()
    from mock_airflow.persistence.files import load

    return load(Path(saved), {name: value for name, value in settings.items() if name != "saved"})


class MockAirflow(LookingBack):
    """One emulated Airflow of one's own, with a clock of its own; nothing is shared with another.

    Takes every setting by keyword (``mock_airflow.Settings`` lists them). Raises SettingError or WorldError. Methods
    may be called from any thread; each first lets happen what is due by the clock.
    """

    def __init__(self, **settings: Any) -> None:
        self._attach(deployment_of(settings))

    @classmethod
    def load(cls, file: str | os.PathLike[str], **settings: Any) -> Self:
        """What ``save()`` or ``mock-airflow world save`` wrote, at its moment; ``settings`` go above its own.

        Keys, users, tokens and sessions open what they opened. Raises DocumentError for a file that is damaged, is
        something else or comes from a later version, and SettingError.
        """
        return cls(**{**settings, "saved": file})

    def save(self, file: str | os.PathLike[str]) -> None:
        """Write the whole of it to a file: state, clock, keys, limits, fault rules, and what ``reset()`` goes back to.

        The calls are no part of it. Keys are written as digests, where their vendor shows them once; passwords not at
        all. Only the file's owner may read it. Raises DocumentError where it cannot be written; an earlier file stays.
        """
        from mock_airflow.persistence.files import save

        with self._settled():
            save(self.deployment, Path(file))

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """One around a deployment that exists already, which it does not copy."""
        mock = cls.__new__(cls)
        mock._attach(deployment)
        return mock

    def _attach(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.home = Home()
        self._serving = threading.RLock()
        self._server: LiveServer | None = None
        self._closed = False
        self._family: list[MockAirflow] = [self]  # with its faces, which have the very same list

    def __repr__(self) -> str:
        where = f" at {self._server.url}" if self._server is not None else ""
        return f"<MockAirflow {self.settings!r}{where}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check_strictness()

    def close(self) -> None:
        """Close the server and its connections, if there ever was one. May be called again."""
        for server in self.detach_servers():  # outside of the lock, which a request may be waiting for
            server.stop()

    def detach_servers(self) -> list[LiveServer]:
        """Be closed, and leave the servers, its own and its faces', to the caller, who has to stop them."""
        with self._serving:
            closed = self._family if self is self._family[0] else [self]
            servers = [mock._server for mock in closed if mock._server is not None]
            for mock in closed:
                mock._closed, mock._server = True, None
        if self.deployment.replica is not None and self is self._family[0]:
            self.deployment.replica.close()
        return servers

    # ------------------------------------------------------------------------------------------------- reaching it

    @property
    def url(self) -> str:
        """Where its server listens, without a slash at the end; opened on first use, on a port of its own.

        Raises MockClosedError after ``close()``.
        """
        with self._serving:
            if self._closed:
                raise MockClosedError(
                    "This mock was closed, and its server with it; use it inside of its with block or test."
                )
            if self._server is None:
                from mock_airflow.server.live import LiveServer

                self._server = LiveServer.of(self.deployment).start()
            return self._server.url

    @property
    def ca_file(self) -> Path | None:
        """The certificate that a client of its server has to trust, with ``tls_self_signed``; else None."""
        with self._serving:
            _ = self.url
            return self._server.ca_file if self._server is not None else None

    @property
    def api_url(self) -> str:
        """The root of Airflow's stable API on its server, without a slash at the end."""
        return f"{self.url}{self.deployment.mount}{self.deployment.api_path}"

    @property
    def env(self) -> dict[str, str]:
        """The variables that the vendor's pages and tools name, by name, pointing at its server."""
        return self.deployment.profile.environment(self.url, self.credentials, self.settings)

    def seen_as(self, version: str, **settings: Any) -> MockAirflow:
        """The same world as another version of Airflow shows it, such as ``"2.11.2"``; the same one when asked again.

            old = airflow.seen_as("2.11.2")
            run = airflow.trigger("etl")
            requests.get(f"{old.api_url}/dags/etl/dagRuns/{run.run_id}", headers=old.headers)

        Its server and its access are its own: URL, credentials, and the profile, if ``settings`` name one. Rows, clock,
        calls, limits and faults are this one's, and so is the scheduler. It is closed with this one. Raises
        SettingError.
        """
        from mock_airflow.faces import seen_as

        face = seen_as(self.deployment, version, **settings)
        with self.deployment.lock:
            for known in self._family:
                if known.deployment is face:
                    return known
            mock = MockAirflow.of(face)
            mock.home, mock._family, mock._closed = self.home, self._family, self._closed
            mock._serving = self._serving
            self._family.append(mock)
            return mock

    @property
    def app(self) -> AirflowApp:
        """It as a Flask app, for what takes one: Flask's test client, a server that runs apps, a dispatcher of apps."""
        from mock_airflow.corridor.flask_app import AirflowApp

        return AirflowApp(self.deployment)

    def intercept(self, base_url: str) -> Interception:
        """What answers requests' and httpx's calls to ``base_url`` in this process, without a socket, while entered.

        A context manager and a decorator. ``base_url`` may have a path; ``/api/v1`` at its end is Airflow's own. Raises
        BaseUrlError for what is not a URL, and ImportError with neither of the packages.
        """
        from mock_airflow.in_process.interception import Interception

        return Interception(self.deployment.wsgi, base_url, self.home, self._is_prompt)

    def _is_prompt(self) -> bool:
        """Whether no answer waits for real time: not for the clock, a fault rule, or DAG files to be read."""
        deployment = self.deployment
        return deployment.clock.frozen and not deployment.faults.rules and deployment.dag_folder is None

    def register(self, rsps: RequestsMock, base_url: str) -> None:
        """Have the calls to ``base_url`` answered inside of a test's own `responses` mock, whatever their method.

        The test's own entries come first, also those that it adds later; other hosts are as the test has set them.
        Raises BaseUrlError for what is not a URL, and TypeError for a mock whose entries have to come in order.
        """
        from mock_airflow.in_process.responses import register

        register(rsps, self.deployment.wsgi, base_url, self.home)

    @property
    def credentials(self) -> dict[str, str]:
        """A working credential with every permission, as a client of this profile holds it."""
        return self.deployment.credentials

    @property
    def headers(self) -> dict[str, str]:
        """The headers that carry it; a new token each time, where it is exchanged for one.

        Once it is refused, as after a failure that was provoked, they carry a token of before, which counts no more.
        """
        with self._settled():
            return self.deployment.headers

    def principal(self, role: str) -> Account:
        """Somebody who acts with a role, such as ``"Viewer"``; made when there is nobody yet.

        Raises UnknownRoleError.
        """
        with self._settled():
            return account_of(self.deployment, role)

    # ------------------------------------------------------------------------------------------------------- access

    @property
    def keys(self) -> Keys:
        """Its API keys."""
        return self.deployment.keys

    @property
    def tokens(self) -> Tokens:
        """The tokens that it handed out."""
        return self.deployment.tokens

    @property
    def limits(self) -> Limits:
        """Its rate limits."""
        return self.deployment.limits

    @property
    def failures(self) -> FailureControl:
        """The catalogue of failures, one call each: ``failures.provoke("revoked")``."""
        from mock_airflow.testing.controls import FailureControl

        return FailureControl(self.deployment)

    @property
    def faults(self) -> Faults:
        """What goes wrong in it, on order."""
        return self.deployment.faults

    # ----------------------------------------------------------------------------------------------------- going back

    def snapshot(self) -> Snapshot:
        """Its state, clock, keys, limits and faults as they are now, for ``restore()``. The calls are no part of it."""
        with self._settled():
            return self.deployment.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this or of an equal mock, any number of times; the calls go on."""
        self.deployment.restore(snapshot)

    def rewind(self, call: int | Entry) -> None:
        """Go back to just before a call, named by its number or its entry; the calls go on.

        State, clock, keys, limits and faults are as that call found them. Raises JournalError for one that the journal
        does not have any more.
        """
        self.deployment.rewind(call.number if isinstance(call, Entry) else call)

    def fork(self) -> MockAirflow:
        """An independent copy as of now, with the same credentials and no calls; close it when it was served."""
        fork = self.deployment.fork()
        fork.faults.excuse()  # a rule that has yet to fire is not the copy's own
        return MockAirflow.of(fork)

    def reset(self) -> None:
        """Go back to how it began, and forget the calls."""
        self.deployment.reset()
