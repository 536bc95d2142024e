"""`--url`: how the verbs find the control API of a server that runs."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from mock_airflow import MockAirflow
from mock_airflow.cli import main


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[int, str]]:
    """What `clock show` says at a URL, and its exit code."""

    def told(url: str) -> tuple[int, str]:
        code = main(["clock", "show", "--url", url])
        said = capsys.readouterr()
        return code, said.out + said.err

    return told


@pytest.fixture(params=[{}, {"airflow_version": "3.3.2"}, {"profile": "datacoves"}], ids=["2", "3", "gate"])
def airflow(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    with MockAirflow(clock="2025-01-01", frozen=True, **request.param) as mock:
        yield mock


@pytest.mark.parametrize(
    "path", ["", "/", "/api/v1", "/api/v1/", "/api/v2", "/api/v1/dags?limit=1", "/__mock__", "/__mock__/clock", "/home"]
)
def test_it_is_found_from_any_url_of_the_server(airflow: MockAirflow, told, path: str) -> None:
    assert told(airflow.url + path) == (0, "2025-01-01T00:00:00+00:00, it stands still\n")
    assert told(airflow.url.removeprefix("http://") + path)[0] == 0


def test_it_is_found_where_airflow_is_mounted(told) -> None:
    with MockAirflow(base_url="http://localhost:8080/team-a", clock="2025-01-01", frozen=True) as airflow:
        assert told(airflow.api_url)[0] == 0
        assert told(airflow.url)[0] == 0
        assert told(f"{airflow.url}/team-a/")[0] == 0


def test_it_is_found_behind_a_proxy_that_gives_it_a_path(told) -> None:
    clock = b'{"now": "2025-01-01T00:00:00+00:00", "frozen": true, "speed": 1.0}'
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            taken, _ = listening.accept()
            with taken:
                known = taken.recv(1000).startswith(b"GET /proxied/__mock__/clock ")
                status, body = (b"200 OK", clock) if known else (b"404 Not Found", b"{}")
                taken.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/proxied/api/v1/dags"
        assert told(url) == (0, "2025-01-01T00:00:00+00:00, it stands still\n")
        thread.join()


def test_https_on_a_server_of_http_is_said(airflow: MockAirflow, told) -> None:
    url = airflow.url.replace("http", "https")

    assert told(f"{url}/api/v1") == (
        2,
        f"mock-airflow: The server at {url}/api/v1 does not speak https; `mock-airflow serve` is at"
        f" --url {airflow.url}/api/v1.\n",
    )


def test_a_certificate_that_nobody_trusts_is_told(told, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            taken, _ = listening.accept()
            with taken, pytest.raises(ssl.SSLError):
                context.wrap_socket(taken, server_side=True)

        thread = threading.Thread(target=answer)
        thread.start()
        code, said = told(f"https://127.0.0.1:{listening.getsockname()[1]}")
        thread.join()

    assert code == 2
    assert "The certificate of the server at https://127.0.0.1:" in said
    assert "is not trusted (unable to get local issuer certificate); --ca-file names the file" in said


def test_what_is_no_mock_airflow_is_said(told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.recv(1000)
                taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert told(url) == (
            2,
            f"mock-airflow: What answers at {url} is no Mock Airflow; --url takes what `serve` prints as its url.\n",
        )
        thread.join()
