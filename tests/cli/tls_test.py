"""`mock-airflow serve` over TLS: with a certificate that is made up, or one that is given."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from mock_airflow.cli import main
from mock_airflow.errors import HubError
from mock_airflow.testing.remote import RemoteAirflow

from .processes import Server, command, curl, printed_calls, serving


def run(server: Server, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_at(server.told["url"], *arguments, **environment)


def run_at(url: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return command(*arguments, "--url", url, **environment)


def test_a_made_up_certificate_is_trusted_by_its_file(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world, "--tls-self-signed") as server:
        told = server.told
        ca_file = Path(told["ca_file"])

        assert told["api_url"].startswith("https://127.0.0.1:")
        for host in ("127.0.0.1", "localhost"):
            url = told["api_url"].replace("127.0.0.1", host)
            assert requests.get(f"{url}/dags", headers=told["headers"], verify=ca_file).status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{told['api_url']}/dags", headers=told["headers"])
        assert str(ca_file) in server.out
        for call in printed_calls(server.out):
            assert curl(call)[0] == 200, call
        assert server.end() == 0
    assert not ca_file.parent.exists()


def test_the_verbs_trust_it_by_an_option_or_by_the_environment(tmp_path: Path, world: str) -> None:
    with serving(tmp_path, "--world", world, "--tls-self-signed", "--frozen", "--clock", "2025-01-01") as server:
        ca_file = server.told["ca_file"]

        for done in (
            run(server, "clock", "show", "--ca-file", ca_file),
            run(server, "clock", "show", SSL_CERT_FILE=ca_file),
        ):
            assert (done.returncode, done.stdout) == (0, "2025-01-01T00:00:00+00:00, it stands still\n")
        untrusted = run(server, "clock", "show")
        assert untrusted.returncode == 2
        assert "is not trusted (" in untrusted.stderr
        assert "--ca-file names the file that `serve` prints" in untrusted.stderr
        plain = server.told["url"].replace("https", "http")
        spoken = run_at(plain, "clock", "show")
        told = f"speaks https alone; ask it as --url {server.told['url']} with --ca-file."
        assert (spoken.returncode, told in spoken.stderr) == (2, True)
        with pytest.raises(HubError, match="name the file that its `serve` prints as its ca file"):
            RemoteAirflow.create(server.told["url"])
        assert "no certificate is in it" in run(server, "clock", "show", "--ca-file", world).stderr


def test_a_hub_and_its_workers_speak_it(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'airflow.db'}"
    with serving(tmp_path, "--database", database, "--workers", "2", "--tls-self-signed") as server:
        ca_file = server.told["ca_file"]
        with RemoteAirflow.create(server.told["url"], ca_file=ca_file, frozen=True) as airflow:
            assert airflow.api_url.startswith("https://")
            assert requests.get(f"{airflow.api_url}/pools", headers=airflow.headers, verify=ca_file).status_code == 200
            assert airflow.clock.frozen
        server.end()
    ended = Path(ca_file).parent
    with serving(tmp_path, "--database", database, "--tls-self-signed") as server:  # it goes on, and has TLS again
        assert server.told["url"].startswith("https://")
    assert not ended.exists()


def test_the_authority_is_written_where_it_is_wanted_and_names_are_added(tmp_path: Path, world: str) -> None:
    ca_file = tmp_path / "ca.pem"
    options = ["--tls-ca-file", str(ca_file), "--tls-host", "airflow.example,10.0.0.7"]
    with serving(tmp_path, "--world", world, "--tls-self-signed", *options) as server:
        assert server.told["ca_file"] == str(ca_file)
        url = f"{server.told['url']}/health"
        pool = _pool(server, str(ca_file), "airflow.example")
        assert pool.request("GET", "/health").status == 200
        assert requests.get(url, verify=ca_file).status_code == 200
        assert "PRIVATE" not in ca_file.read_text()


def _pool(server: Server, ca_file: str, host: str) -> Any:
    """A connection to the server by an address, which expects a certificate of a name."""
    from urllib3 import HTTPSConnectionPool

    return HTTPSConnectionPool(*server.address, ca_certs=ca_file, assert_hostname=host, server_hostname=host)


@pytest.mark.parametrize("apart", [True, False], ids=["two files", "one file"])
def test_a_certificate_of_ones_own(tmp_path: Path, world: str, apart: bool) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    options = ["--tls-cert", str(tmp_path / "both.pem")]
    if apart:
        options = ["--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem")]

    with serving(tmp_path, "--world", world, *options) as server:
        assert "ca_file" not in server.told
        answer = requests.get(f"{server.told['url']}/health", verify=str(tmp_path / "ca.pem"))
        assert answer.status_code == 200


def _locked(folder: Path) -> list[str]:
    from cryptography.hazmat.primitives import serialization as pem

    issued = trustme.CA().issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    key = pem.load_pem_private_key(issued.private_key_pem.bytes(), None)
    locked = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.BestAvailableEncryption(b"secret-phrase"))
    (folder / "key.pem").write_bytes(locked)
    return ["--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem")]


def _of_others(folder: Path) -> list[str]:
    trustme.CA().issue_cert("127.0.0.1").cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(str(folder / "key.pem"))
    return ["--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem")]


def _no_pem(folder: Path) -> list[str]:
    (folder / "cert.pem").write_text("no certificate")
    return ["--tls-cert", str(folder / "cert.pem")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tls-self-signed", "--tls-cert", "x.pem"], "either made up (tls_self_signed) or given (tls_cert)"),
        (["--tls-key", "x.pem"], "The setting tls_key says nothing by itself; it goes with tls_cert."),
        (["--tls-host", "x"], "The setting tls_host says nothing by itself; it goes with tls_self_signed."),
        (["--tls-cert", "/no/such.pem"], "/no/such.pem of the certificate cannot be read: No such file"),
        (["--tls-self-signed", "--tls-ca-file", "/no/such.pem"], "/no/such.pem (tls_ca_file) cannot be written"),
        (["--tls-self-signed", "--tls-host", "not a name"], "No certificate can be made for not a name (tls_host)"),
        (_locked, "is locked with a passphrase"),
        (_of_others, "the key is not the certificate's"),
        (_no_pem, "it is no PEM with both"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: Any, words: str
) -> None:
    given = options if isinstance(options, list) else options(tmp_path)

    assert main(["serve", "--port", "0", *given]) == 2
    assert words in capsys.readouterr().err


def test_without_the_package_its_extra_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mock_airflow.server.tls import ThrowawayAuthority

    monkeypatch.setattr(ThrowawayAuthority, "_of_this_process", None)
    monkeypatch.setitem(__import__("sys").modules, "trustme", None)

    assert main(["serve", "--port", "0", "--tls-self-signed"]) == 2
    assert "install mock-airflow[tls]" in capsys.readouterr().err
