"""What ``mock-airflow serve`` runs: one deployment on a port of its own, and what there is to say about it.

Nothing is printed here; the texts are for the command line to print.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import os
import shlex
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mock_airflow._version import __version__
from mock_airflow.deployment import Deployment
from mock_airflow.errors import ServerError, SettingError
from mock_airflow.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from mock_airflow.cli.options import Listening
    from mock_airflow.dag_files.folder import Findings, Watcher
    from mock_airflow.domain.records import Dag
    from mock_airflow.server.live import LiveServer
    from mock_airflow.world.reading import World

dags_log = logging.getLogger("mock_airflow.dags")
_LONG = 200  # characters of a header, such as a signed token

_DEFAULTS = {each.name: each.default for each in fields(Settings)}
requests_log = logging.getLogger("mock_airflow.requests")


def log_to_stderr(verbose: bool) -> None:
    """Have warnings and errors on stderr, and with ``verbose`` a line per request."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    dags_log.setLevel(logging.INFO)
    if verbose:
        requests_log.setLevel(logging.INFO)


class Service:
    """A deployment that listens and can answer; ``run()`` answers until it is stopped.

    Raises a MockAirflowError when the settings, the world or the port cannot be used.
    """

    def __init__(self, settings: Settings, world: World, where: Listening) -> None:
        self._ready_file = where.ready_file
        if self._ready_file is not None:
            _clear(self._ready_file)
        self.world = world
        self._about_dag_files: list[str] = []
        self.deployment = _begun(settings, world)
        self._watcher: Watcher | None = None
        if settings.dags_folder is not None:
            from mock_airflow.dag_files.folder import DagFolder, Watcher, told_on_a_terminal

            self.deployment.dag_folder = folder = DagFolder(settings)
            self._about_dag_files = folder.load(self.deployment, told_on_a_terminal())
            if settings.reload:
                self._watcher = Watcher(self.deployment, _log_changes)
        self._other = self.deployment.seen_as(where.also) if where.also is not None else None
        if self._other is self.deployment:
            raise SettingError(f"The server is an Airflow {where.also} by itself; --also names another version.")
        if settings.saved is None:
            self.deployment.begin()
        self.server = _listening(self.deployment, where, where.port)
        self._other_server: LiveServer | None = None
        if self._other is not None:
            port = where.also_port
            if port is None:
                port = where.port + 1 if 0 < where.port < 65535 else 0
            try:
                self._other_server = _listening(self._other, where, port)
            except ServerError as error:
                self.server.stop()
                raise ServerError(f"{error} (It is the port for --also; --also-port chooses it.)") from None
        _warm_up(self.deployment)

    def run(self) -> None:
        """Say in the ready file that requests are answered, and answer them until Stopped or the like is raised."""
        if self._ready_file is not None:
            _write(self._ready_file, json.dumps(self.ready, indent=2) + "\n")
        if self._watcher is not None:
            self._watcher.start()
        with self._other_server or contextlib.nullcontext():
            self.server.serve_forever()

    @cached_property
    def ready(self) -> dict[str, Any]:
        """What a program needs to know that wants to use the server; ``also`` tells of the other face."""
        told = _told(self.deployment, self.server)
        if self._other is not None and self._other_server is not None:
            told["also"] = _told(self._other, self._other_server)
        return told

    def banner(self) -> str:
        """What a person needs to know: the URL, the credentials, and calls to paste."""
        told, count = self.ready, len(self.deployment.airflow.dags)
        sources = [*self.world.sources, *filter(None, [self.deployment.settings.dags_folder])]
        world = ", ".join(sources) or "empty"
        rows = [("url", told["url"]), ("api url", told["api_url"])]
        rows += [("world", f"{world} ({count} DAG{'' if count == 1 else 's'})")]
        rows += [(name.replace("_", " "), value) for name, value in told["credentials"].items()]
        if self._other is not None:
            also = told["also"]
            rows += [("also", f"{also['api_url']}, Airflow {also['airflow_version']} over the same world")]
            rows += [(f"  {name}".replace("_", " "), value) for name, value in also["credentials"].items()]
        lines = [f"Mock Airflow {__version__} is {self.deployment.profile.title} (profile {told['profile']}).", ""]
        lines += [f"  {name:<10} {value}" for name, value in rows]
        title, calls = self.calls()
        lines += ["", title, ""]
        lines += [f"  {name}={shlex.quote(value)}" for name, value in self._spelt_out().items()]
        lines += [f"  {call}" for call in calls]
        lines += ["", "The variables that scripts read:", ""]
        lines += [f"  export {name}={shlex.quote(value)}" for name, value in told["env"].items()]
        return "\n".join([*lines, "", "Ctrl-C ends it."])

    def calls(self) -> tuple[str, list[str]]:
        """Calls to paste into a shell, with a title: of a DAG that exists, or of what every Airflow has."""
        told = self.ready
        api = told["api_url"]
        variables = {value: name for name, value in self._spelt_out().items()}
        carried = (
            f'-H "{name}: ${variables[value]}"' if value in variables else f"-H {shlex.quote(f'{name}: {value}')}"
            for name, value in told["headers"].items()
        )
        curl = " ".join(["curl", *carried])
        dag = _to_try(self.deployment.airflow.dags)
        if dag is None:
            paths = ("version", "health" if self.deployment.generation == 2 else "monitor/health", "pools")
            return "There is no DAG; look at what every Airflow has:", [f"{curl} {api}/{path}" for path in paths]
        runs = f"{api}/dags/{quote(dag.dag_id, safe='')}/dagRuns"
        body = {"note": "by hand"} if self.deployment.generation == 2 else {"logical_date": None, "note": "by hand"}
        post = f"-X POST -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}"
        return f"List the DAGs, trigger a run of {dag.dag_id}, look at it:", [
            f"{curl} {api}/dags",
            f"{curl} {post} {shlex.quote(runs)}",
            f"{curl} {shlex.quote(f'{runs}?order_by=-id&limit=1')}",
        ]

    def _spelt_out(self) -> dict[str, str]:
        """Variables for the shell, by name: header values that are too long to stand in each call."""
        headers: dict[str, str] = self.ready["headers"]
        return {name.upper().replace("-", "_"): value for name, value in headers.items() if len(value) > _LONG}

    def warnings(self) -> list[str]:
        """What a person should not overlook: what its DAG files lack, and who else can reach the server."""
        lines = list(self._about_dag_files)
        host, port = self.server.host, self.server.port
        if not _is_loopback(host):
            everywhere = host in ("0.0.0.0", "::")
            where = f"all addresses of this machine ({host})" if everywhere else f"{host}, which is not loopback"
            control = "answers this machine only"
            if self.deployment.settings.control_token is not None:
                control = "answers whoever has the control token"
            lines.append(
                f"Listening on {where}, port {port}: other machines can reach this server. Its control API (/__mock__)"
                f" {control}. Use --host 127.0.0.1 to keep to this machine."
            )
        return lines


def _listening(deployment: Deployment, where: Listening, port: int) -> LiveServer:
    """The server of a deployment, its port taken. Raises ServerError."""
    app = _logged(deployment) if where.verbose else deployment.wsgi
    return deployment.live_server(app, where.host, port).listen()


def _told(deployment: Deployment, server: LiveServer) -> dict[str, Any]:
    url, profile, credentials = server.url, deployment.profile, deployment.credentials
    return {
        "url": url,
        "api_url": f"{url}{deployment.mount}{deployment.api_path}",
        "airflow_version": deployment.settings.airflow_version,
        "pid": os.getpid(),
        "profile": profile.name,
        "credentials": credentials,
        "headers": profile.headers(credentials, deployment),
        "env": profile.environment(url, credentials),
    }


def _begun(settings: Settings, world: World) -> Deployment:
    """The deployment with its world, or the one that was saved."""
    if settings.saved is None:
        deployment = Deployment(settings)
        world.apply(deployment)
        return deployment
    from mock_airflow.persistence.files import load

    given = {each.name: getattr(settings, each.name) for each in fields(settings) if not each.metadata.get("unsaved")}
    return load(Path(settings.saved), {name: value for name, value in given.items() if value != _DEFAULTS[name]})


def _log_changes(findings: Findings) -> None:
    """Say which DAG files were read again."""
    for path, answer in findings.answers.items():
        failed = ", with errors" if answer["errors"] else ""
        dags_log.info("%s was read again: %d DAGs%s", path, len(answer["dags"]), failed)
    for path in findings.gone:
        dags_log.info("%s is gone; its DAGs are not active any more", path)


def _to_try(dags: Iterable[Dag]) -> Dag | None:
    """The DAG that is best to play with: active, unpaused, with params that have values, doing something."""

    def place(dag: Dag) -> tuple[bool, bool, bool, int]:
        incomplete = any(param.get("value") is None for param in dag.params.values())
        return not dag.is_active, bool(dag.is_paused), incomplete, -len(dag.tasks)

    return min(dags, key=place, default=None)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _warm_up(deployment: Deployment) -> None:
    """Build the app, and have it answer once: what is only made on first use is then there. Leaves no trace."""
    from werkzeug.test import create_environ  # Flask has loaded it already

    environ = create_environ("/__mock__/health", "http://127.0.0.1", environ_base={"REMOTE_ADDR": "127.0.0.1"})
    for _ in deployment.wsgi(environ, lambda status, headers, exc_info=None: lambda data: None):
        pass


def _logged(deployment: Deployment) -> Any:
    """The application of a deployment, with a line in the log for each request; never with a secret in it."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        status = "-"

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, headers, exc_info)

        try:
            return deployment.wsgi(environ, start)
        finally:
            exchange = environ.get("mock_airflow.exchange")
            who = exchange.principal.name if exchange is not None and exchange.principal is not None else "-"
            path, reason = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"), ""
            if exchange is not None:
                path, reason = exchange.without_secrets(path), exchange.without_secrets(exchange.why.reason)
            if exchange is not None and exchange.delivery is not None and not exchange.delivery.head:
                status = "-"  # nobody hears it
            path = quote(path, safe="/~:@!$&'()*+,;=")
            spent = (time.perf_counter() - started) * 1000
            line = f"{environ['REQUEST_METHOD']} {path} {status} {who} {spent:.1f} ms  {' '.join(reason.split())}"
            requests_log.info("%s", "".join(each if each.isprintable() else "?" for each in line.rstrip()))

    return app


def _clear(path: Path) -> None:
    """Take away what an earlier server said, so that nobody reads it; nothing but a file is ever replaced."""
    with contextlib.suppress(FileNotFoundError), _telling(path):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ServerError(f"The ready file {path} cannot be written: there is something else than a file.")
        path.unlink()


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner may read, as a whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with _telling(path):
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if path.parent.is_dir():
            raise
        raise ServerError(f"The ready file {path} cannot be written: there is no folder {path.parent}.") from error
    except OSError as error:
        raise ServerError(f"The ready file {path} cannot be written: {error.strerror or error}.") from error
