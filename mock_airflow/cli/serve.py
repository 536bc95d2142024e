"""``mock-airflow serve``: one deployment on a port of its own, until Ctrl-C."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_airflow.cli.serving.listening import listening, see_that_they_share
from mock_airflow.cli.serving.options import ServeVerb, given_settings, serve_options
from mock_airflow.cli.terminal import Progress, Said, complain, json_text
from mock_airflow.errors import ServerError, SettingError
from mock_airflow.settings import ENVIRONMENT_PREFIX, Settings

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
    from mock_airflow.world.reading import World

dags_log = logging.getLogger("mock_airflow.dags")
_OF_THE_SERVER = ("control_token", "read_only")  # settings that hold for all deployments of a database
_KEPT_WHERE = ("database", "deployment", "fresh")


_EPILOG = f"""Each option is also {ENVIRONMENT_PREFIX}<NAME> in the environment, and each setting a key of a world
file's `settings`. The command line counts before the environment, and that before the world file. There are
further settings: `--help-profile NAME` shows those of a profile (airflow2 has Airflow's own configuration),
`--help-profile all` every one."""


@click.command(cls=ServeVerb, late=serve_options, json=False, epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="say as JSON, on stdout, what the ready file has")
def serve(as_json: bool, **options: Any) -> Said:
    """Serve an Airflow that does not exist, until Ctrl-C. Without a world it is the built-in one named demo."""
    from mock_airflow.cli.serving.ready_file import ReadyFile
    from mock_airflow.cli.serving.stopping import Stopped, stopping_on_signals

    service: Service | None = None
    ready_file = ReadyFile(None)
    gc.disable()  # what is loaded now stays; to look for garbage in it takes a tenth of the start
    try:
        with stopping_on_signals() as stopping:
            where = listening(options, os.environ)
            ready_file = ReadyFile(where.ready_file)
            ready_file.clear()
            given = given_settings(options, os.environ)
            from mock_airflow.cli.serving.banner import banner, is_loopback, warnings
            from mock_airflow.world.reading import load_worlds

            log_to_stderr()
            names: tuple[str, ...] = given.get("world", () if given.keys() & {"dags_folder", "saved"} else ("demo",))
            if _goes_on(given):
                names = ()  # worlds are for beginnings
            world = load_worlds(names)
            settings = replace(Settings.of(**world.settings), **{**given, "world": names})
            made_up = settings.control_token is None and not is_loopback(where.host)
            if made_up:  # other machines can reach it, so nobody may command it without
                settings = replace(settings, control_token=os.urandom(16).hex())
            service = Service(settings, world, where, tells_token=made_up)
            for line in warnings(service):
                complain(line)
            print(json_text(service.ready) if as_json else banner(service), flush=True)
            gc.freeze()
            gc.enable()
            stopping.gently, stopping.at_once = service.end_soon, service.cut_short
            ready_file.write(json_text(service.ready))
            service.run()
    except Stopped:
        pass
    finally:
        gc.enable()
        ready_file.remove()
    return _at_the_end(service) if service is not None and service.deployment.settings.strict else Said("")


def _at_the_end(service: Service) -> Said:
    """What a strict server says, and exit code 1, after what nobody expected."""
    from mock_airflow.testing.expectations import check

    try:
        check(service.deployment)
    except AssertionError as error:
        return Said("", complaints=str(error), code=1)
    return Said("")


def log_to_stderr() -> None:
    """Have warnings and errors on stderr."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    dags_log.setLevel(logging.INFO)


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


def _goes_on(given: Mapping[str, Any]) -> bool:
    """Whether the database that is given has the deployment already."""
    if given.get("database") is None or given.get("fresh"):
        return False
    from mock_airflow.persistence.keeping import holds

    return holds(Settings.of(**given))


def _log_changes(findings: Findings) -> None:
    """Say which DAG files were read again."""
    for path, answer in findings.answers.items():
        failed = ", with errors" if answer["errors"] else ""
        dags_log.info("%s was read again: %d DAGs%s", path, len(answer["dags"]), failed)
    for path in findings.gone:
        dags_log.info("%s is gone; its DAGs are not active any more", path)


def _warm_up(deployment: Deployment) -> None:
    """Build the app, whose routes are sorted when the first is looked for; what few ask for is made when they do."""
    from mock_airflow.corridor.app import create_app

    create_app(deployment.settings.profile, deployment.generation).url_map.update()
