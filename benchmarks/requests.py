"""What a request costs: in process and over the live server, against a bare Flask view of the same bytes."""

from __future__ import annotations

import http.client
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from benchmarks.measure import Figure, at_least, at_most, side_by_side
from benchmarks.worlds import with_dags, with_runs
from mock_airflow.deployment import Deployment
from mock_airflow.server.live import LiveServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_ACCOUNT = {"rate_limit": "1000000/second", "burst": "1000000/second"}
REAL_AIRFLOW = 8.9  # requests a second of a real Airflow 2.11.2 for one page of DAGs, on a machine like this one


def environ_of(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> dict[str, Any]:
    """A WSGI environment for a request."""
    path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "SCRIPT_NAME": "",
    }
    if body:
        environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
    return environ | {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}


def call(app: WSGIApplication, environ: dict[str, Any], body: bytes = b"") -> bytes:
    """Answer one request in process."""
    status = ""

    def start(line: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
        nonlocal status
        status = line
        return data.append

    data: list[bytes] = []
    answer = app({**environ, "wsgi.input": io.BytesIO(body)}, start)
    data.extend(answer)
    getattr(answer, "close", lambda: None)()
    assert status[0] == "2", (status, data)
    return b"".join(data)


def bare_view(data: bytes) -> Flask:
    """A Flask app of one view that answers these bytes."""
    app = Flask("bare")
    app.add_url_rule("/api/v1/dags", view_func=lambda: Response(data, content_type="application/json"))
    return app


@contextmanager
def keep_alive(app: WSGIApplication, path: str, headers: dict[str, str]) -> Iterator[Callable[[], bytes]]:
    """One connection to a live server, and how to ask it the same again and again."""
    with LiveServer(app) as server:
        connection = http.client.HTTPConnection(server.host, server.port)

        def ask() -> bytes:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().read()

        yield ask
        connection.close()


def headers_of(deployment: Deployment) -> dict[str, str]:
    """The headers of a working credential."""
    return deployment.profile.headers(deployment.credentials, deployment)


def figures() -> Iterable[Figure]:
    """One page of 20 DAGs, with authentication, limits and the journal on."""
    deployment = with_dags(20, **_ACCOUNT)
    headers, path = headers_of(deployment), "/api/v1/dags?limit=20"
    ours = environ_of("GET", path, headers)
    page = call(deployment.wsgi, ours)
    assert len(json.loads(page)["dags"]) == 20
    bare = bare_view(page)
    theirs = environ_of("GET", path, headers)
    mine, plain, ratio = side_by_side(
        lambda: call(deployment.wsgi, ours), lambda: call(bare.wsgi_app, theirs), repeat=200
    )
    yield at_most(
        "GET a page of 20 DAGs, in process",
        ratio,
        "x",
        2.5,
        f"{mine * 1e6:.0f} us, a bare Flask view {plain * 1e6:.0f} us",
    )
    with keep_alive(deployment.wsgi, path, headers) as ask, keep_alive(bare.wsgi_app, path, headers) as ask_bare:
        mine, plain, ratio = side_by_side(ask_bare, ask, repeat=200)
        told = f"{1 / plain:,.0f} requests/s, a bare Flask view {1 / mine:,.0f}"
        yield at_least("the same over one connection, against the bare view", ratio, "x", 0.5, told)
        yield at_least(
            "the same, against a real Airflow", 1 / plain / REAL_AIRFLOW, "x", 5, f"{REAL_AIRFLOW} requests/s"
        )
    yield from _kept_watch()
    yield from _with_many_runs()


def _kept_watch() -> Iterable[Figure]:
    """What limits and the journal add to one page of 20 DAGs."""
    path = "/api/v1/dags?limit=20"
    bare, watched = with_dags(20, journal_size=0), with_dags(20, **_ACCOUNT)
    environs = [environ_of("GET", path, headers_of(deployment)) for deployment in (bare, watched)]
    mine, plain, ratio = side_by_side(
        lambda: call(watched.wsgi, environs[1]), lambda: call(bare.wsgi, environs[0]), repeat=200
    )
    told = f"{mine * 1e6:.0f} us, with neither {plain * 1e6:.0f} us"
    yield at_most("the same with limits and the journal, against neither", ratio, "x", 1.5, told)


def _with_many_runs() -> Iterable[Figure]:
    few, many = with_runs(1_000, **_ACCOUNT), with_runs(100_000, **_ACCOUNT)
    pages = [_listing(deployment) for deployment in (many, few)]
    mine, plain, ratio = side_by_side(pages[0], pages[1], repeat=100)
    yield at_most(
        "a page of 100 runs out of 100,000", ratio, "x", 1.5, f"{mine * 1e6:.0f} us, out of 1,000 {plain * 1e6:.0f} us"
    )
    triggers = [_triggering(deployment) for deployment in (many, few)]
    mine, plain, ratio = side_by_side(triggers[0], triggers[1], rounds=9, repeat=50)
    yield at_most(
        "a trigger beside 100,000 runs", ratio, "x", 1.5, f"{mine * 1e6:.0f} us, beside 1,000 {plain * 1e6:.0f} us"
    )


def _listing(deployment: Deployment) -> Callable[[], bytes]:
    environ = environ_of("GET", "/api/v1/dags/~/dagRuns?limit=100", headers_of(deployment))
    return lambda: call(deployment.wsgi, environ)


def _triggering(deployment: Deployment) -> Callable[[], bytes]:
    numbers = itertools.count()
    environ = environ_of("POST", "/api/v1/dags/dag_003/dagRuns", headers_of(deployment), b"{}")

    def trigger() -> bytes:
        body = json.dumps({"dag_run_id": f"bench_{next(numbers)}"}).encode()
        return call(deployment.wsgi, {**environ, "CONTENT_LENGTH": str(len(body))}, body)

    return trigger
