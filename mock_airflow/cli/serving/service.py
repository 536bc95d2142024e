"""What ``mock-airflow serve`` runs: a deployment that listens, its hub, and its other face."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow.cli.serving.listening import see_that_they_share
from mock_airflow.cli.terminal import Progress
from mock_airflow.errors import ServerError, SettingError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from mock_airflow.cli.serving.listening import Listening
    from mock_airflow.dag_files.folder import Findings, Watcher
    from mock_airflow.deployment import Deployment
    from mock_airflow.server.hub import Hub
    from mock_airflow.server.live import LiveServer
    from mock_airflow.server.tls import Tls
    from mock_airflow.server.watching import Look
    from mock_airflow.server.workers import Workers
    from mock_airflow.settings import Settings
    from mock_airflow.world.reading import World

dags_log = logging.getLogger("mock_airflow.dags")
_OF_THE_SERVER = ("control_token", "read_only")  # settings that hold for all deployments of a database
_KEPT_WHERE = ("database", "deployment", "fresh")


class Service:
    """A deployment that listens and can answer; ``run()`` answers until it is stopped.

    Raises a MockAirflowError when the settings, the world or the port cannot be used.
    """

    _other: Deployment | None = None  # the same world as another version shows it

    def __init__(self, settings: Settings, world: World, where: Listening, *, tells_token: bool = False) -> None:
        from mock_airflow.server.tls import tls_of

        self.world = world
        self._tells_token = tells_token
        self.about_dag_files: list[str] = []
        self._watcher: Watcher | None = None
        self._workers: Workers | None = None
        self._of_other: dict[str, str] = {}
        if settings.auth_manager == "fab" and settings.generation == 2 and (where.also or "").startswith("3"):
            settings, self._of_other = replace(settings, auth_manager=None), {"auth_manager": "fab"}
        see_that_they_share(where, settings)
        self.deployment = self._deployment(settings, where)
        tls, watchers = tls_of(settings, where.host), _watchers(where)
        self.hub = _hub(self.deployment, where)
        if where.metrics:
            from mock_airflow.server.metrics import Metrics

            self.hub.metrics = Metrics(where.workers)
            watchers.append(self.hub.metrics)
        self.server = _listening(self.deployment, where, where.port, tls, watchers, self.hub)
        self._other_server: LiveServer | None = None
        if self._other is not None:
            port = where.also_port
            if port is None:
                port = where.port + 1 if 0 < where.port < 65535 else 0
            try:
                self._other_server = _listening(self._other, where, port, tls, watchers)
            except ServerError as error:
                self.server.stop()
                raise ServerError(f"{error} (It is the port for --also; --also-port chooses it.)") from None
        _warm_up(self.deployment)
        if where.workers > 1:
            from mock_airflow.server.workers import Workers

            self._workers = Workers(where.workers, self._answer, self.server.end_soon, self.server.cut_short)

    def _deployment(self, settings: Settings, where: Listening) -> Deployment:
        """The deployment that the settings describe: a new one, the one that was saved, or what a database keeps."""
        if settings.database is not None:
            from mock_airflow.persistence.keeping import kept

            deployment = kept(_given(settings), lambda: self._new(settings, where))
        else:
            deployment = self._new(settings, where)
        if settings.dags_folder is not None and deployment.dag_folder is None:
            self._read_dag_files(deployment, settings)
        if where.also is not None and self._other is None:
            self._see_as(deployment, where.also)
        return deployment

    def _new(self, settings: Settings, where: Listening) -> Deployment:
        from mock_airflow.deployment import Deployment

        if settings.saved is not None:
            from mock_airflow.persistence.files import load

            return load(Path(settings.saved), _given(settings))
        deployment = Deployment(settings)
        self.world.apply(deployment)
        if settings.dags_folder is not None:
            self._read_dag_files(deployment, settings)
        if where.also is not None:
            self._see_as(deployment, where.also)
        deployment.begin()
        return deployment

    def _read_dag_files(self, deployment: Deployment, settings: Settings) -> None:
        from mock_airflow.dag_files.folder import DagFolder, Watcher

        progress = Progress("Reading DAG files")
        deployment.dag_folder = folder = DagFolder(settings)
        self.about_dag_files = folder.load(deployment, progress)
        progress.clear()
        if settings.reload:
            self._watcher = Watcher(deployment, _log_changes)

    def _see_as(self, deployment: Deployment, version: str) -> None:
        from mock_airflow.faces import seen_as

        self._other = seen_as(deployment, version, **self._of_other)
        if self._other is deployment:
            raise SettingError(f"The server is an Airflow {version} by itself; --also names another version.")

    def end_soon(self) -> bool:
        """Have ``run()`` return, for a signal handler: waits for nothing. Whether there is something to end."""
        return self.server.end_soon() if self._workers is None else self._workers.end_soon()

    def cut_short(self) -> None:
        """Have it not wait for answers any longer, for a signal handler."""
        if self._workers is not None:
            self._workers.cut_short()
        for server in filter(None, (self.server, self._other_server)):
            server.cut_short()

    def run(self) -> None:
        """Answer until Stopped or the like is raised."""
        if self._watcher is not None:
            self._watcher.start()
        if self.deployment.replica is not None:
            self.deployment.replica.hang_up()  # each process has a connection of its own
        if self._workers is not None:
            self._workers.run()
        else:
            self._answer()

    def _answer(self) -> None:
        with self._other_server or contextlib.nullcontext():
            self.server.serve_forever()

    @cached_property
    def ready(self) -> dict[str, Any]:
        """What a program needs to know that wants to use the server; ``also`` tells of the other face."""
        told = _told(self.deployment, self.server)
        if self._tells_token:
            told["control_token"] = self.deployment.settings.control_token
        if self._other is not None and self._other_server is not None:
            told["also"] = _told(self._other, self._other_server)
        return told


def _hub(deployment: Deployment, where: Listening) -> Hub:
    """The hub around a deployment, for those that others make beside it."""
    from mock_airflow.cli.serving.hosting import DatabaseStore, Maker
    from mock_airflow.server.hub import Hub, Quotas

    quotas = Quotas(
        where.quota_deployments, where.quota_rows, where.quota_journal, where.quota_requests, where.quota_idle
    )
    settings, store = deployment.settings, None
    if settings.database is not None:
        above = {name: value for name in _OF_THE_SERVER if (value := getattr(settings, name))}
        store = DatabaseStore(settings.database, settings.deployment, above)
    return Hub(deployment, Maker(settings.control_token), quotas, store)


def _listening(
    deployment: Deployment,
    where: Listening,
    port: int,
    tls: Tls | None,
    watchers: Sequence[Look],
    hub: Hub | None = None,
) -> LiveServer:
    """The server of a deployment, its port taken. Raises ServerError."""
    app: WSGIApplication = deployment.wsgi if hub is None else hub.wsgi
    if watchers:
        from mock_airflow.server.watching import watched

        app = watched(app, watchers)
    from mock_airflow.server.connection import Bounds
    from mock_airflow.server.live import LiveServer

    server = LiveServer.of(deployment, app, where.host, port, tls)
    server.bounds = Bounds(where.max_connections, where.idle_timeout, where.head_timeout, where.body_timeout)
    server.watchers = watchers
    server.grace, server.lame = where.stop_grace, where.stop_delay
    return server.listen()


def _watchers(where: Listening) -> list[Look]:
    """What looks at each request."""
    form = "human" if where.log_format == "none" and (where.verbose or where.log_file) else where.log_format
    if form == "none":
        return []
    from mock_airflow.server.access_log import AccessLog

    return [AccessLog(form, where.log_file)]


def _told(deployment: Deployment, server: LiveServer) -> dict[str, Any]:
    url, profile, credentials = server.url, deployment.profile, deployment.credentials
    told = {
        "url": url,
        "api_url": f"{url}{deployment.mount}{deployment.api_path}",
        "airflow_version": deployment.settings.airflow_version,
        "pid": os.getpid(),
        "profile": profile.name,
        "credentials": credentials,
        "headers": profile.headers(credentials, deployment),
        "env": profile.environment(url, credentials, deployment.settings),
    }
    if server.ca_file is not None:
        told["ca_file"] = str(server.ca_file)
    return told


def _given(settings: Settings) -> dict[str, Any]:
    """The settings that go above those of a deployment that was there before."""
    wanted = [each for each in fields(settings) if not each.metadata.get("unsaved") or each.name in _KEPT_WHERE]
    return {each.name: getattr(settings, each.name) for each in wanted if getattr(settings, each.name) != each.default}


def _log_changes(findings: Findings) -> None:
    """Say which DAG files were read again."""
    for path, answer in findings.answers.items():
        failed = ", with errors" if answer["errors"] else ""
        dags_log.info("%s was read again: %d DAGs%s", path, len(answer["dags"]), failed)
    for path in findings.gone:
        dags_log.info("%s is gone; its DAGs are not active any more", path)


def _warm_up(deployment: Deployment) -> None:
    """Build the app; the routes of a collection are made for whoever asks for one first."""
    from mock_airflow.corridor.app import create_app

    create_app(deployment.settings.profile, deployment.generation)
