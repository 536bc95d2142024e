"""`mock-airflow doctor`: what it finds out about a machine, and that it changes nothing there."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from mock_airflow.cli import main
from tests.persistence.postgres import Postgres, programs

from .processes import COMMAND, PATIENCE, as_process, command, serving, surroundings


def examined(*options: str, **environment: str) -> tuple[int, dict[str, list[tuple[str, str]]], str]:
    """The exit code, and the state and detail of each finding by its subject."""
    done = command("doctor", "--json", *options, **environment)
    assert done.stderr == ""
    told = json.loads(done.stdout)
    found: dict[str, list[tuple[str, str]]] = {}
    for each in told["findings"]:
        found.setdefault(each["subject"], []).append((each["state"], each["detail"]))
    assert told["ok"] == (done.returncode == 0)
    return done.returncode, found, done.stdout


def test_a_machine_on_which_all_is_well() -> None:
    code, found, _ = examined("--port", "0")

    assert code == 0
    assert {state for each in found.values() for state, _ in each} <= {"ok", "note"}
    assert {"mock-airflow", "python", "library", "clock", "port", "extra yaml"} <= found.keys()
    assert any(detail.startswith("flask ") for _, detail in found["library"])
    assert "extra browser" not in found  # of use to our own tests alone
    assert "cryptography" in found["extra jwt"][0][1]  # which pyjwt[crypto] asks for, so that its tokens can be signed


def test_people_get_a_table_and_a_sentence() -> None:
    done = as_process("doctor", "--port", "0")
    assert done.returncode == 0
    assert done.stdout.endswith("\n\nNothing is wrong.\n")
    assert "ok" in done.stdout.splitlines()[0]


def test_settings_are_told_with_who_gives_them_and_no_secret(tmp_path: Path) -> None:
    code, found, text = examined(
        *("--profile", "datacoves", "--set", "seed=7", "--key", "s3cret:admin"),
        MOCK_AIRFLOW_PORT="0",
        MOCK_AIRFLOW_PROFILE="astro",
        MOCK_AIRFLOW_CONTROL_TOKEN="t0ken",
    )

    assert code == 0
    assert sorted(detail for _, detail in found["setting"]) == [
        "control_token = *** (MOCK_AIRFLOW_CONTROL_TOKEN in the environment)",
        "key = *** (--key)",
        "port = 0 (MOCK_AIRFLOW_PORT in the environment)",
        "profile = datacoves (--profile)",
        "seed = 7 (--set)",
    ]
    assert "s3cret" not in text
    assert "t0ken" not in text


@pytest.mark.parametrize(
    ("options", "environment", "subject", "words"),
    [
        (["--profile", "nope"], {}, "setting", "--profile: The value 'nope' cannot be used"),
        ([], {"MOCK_AIRFLOW_PROFIL": "astro"}, "setting", "did you mean MOCK_AIRFLOW_PROFILE?"),
        (["--port", "x"], {}, "setting", "--port: a port from 0 to 65535"),
        (["--world", "nope.json"], {}, "world", "nope.json"),
        (["--set", "rate_limit=foo"], {}, "world", "The limit 'foo' cannot be understood"),
        (["--workers", "2"], {}, "workers", "name one with --database"),
        (["--log-file", "/no/such/x.log"], {}, "log file", "there is no folder /no/such"),
        (["--ready-file", "/no/such/x"], {}, "ready file", "there is no folder /no/such"),
        (["--dags-folder", "/no/such"], {}, "dag folder", "There is no folder /no/such"),
        (["--database", "sqlite:////no/such/x.db"], {}, "database", "there is no folder /no/such"),
        (["--database", "mysql://u:s3cret@h/d"], {}, "database", "A database is given as sqlite:///FILE"),
        (["--tls-cert", "/no/such.pem"], {}, "tls", "/no/such.pem of the certificate cannot be read"),
        (["--host", "203.0.113.1"], {}, "port", "not one of this machine's"),
    ],
)
def test_what_is_wrong_is_told_and_the_exit_code_says_so(
    options: list[str],
    environment: dict[str, str],
    subject: str,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert main(["doctor", "--json", *(options if "--port" in options else [*options, "--port", "0"])]) == 1

    text = capsys.readouterr().out
    told = json.loads(text)
    [wrong] = [each for each in told["findings"] if each["state"] not in ("ok", "note")]
    assert (told["ok"], wrong["subject"], wrong["state"]) == (False, subject, "error")
    assert words in wrong["detail"]
    assert "s3cret" not in text


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(PATIENCE)
        port = str(taken.getsockname()[1])
        process = subprocess.Popen([*COMMAND, "doctor", "--port", port], env=surroundings(), stdout=subprocess.PIPE)
        asking, _ = taken.accept()
        asking.close()  # which is no Mock Airflow
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert b"the port is in use" in out
    with serving(tmp_path, "--control-token", "t0ken") as server:
        code, found, _ = examined("--port", str(server.address[1]))
        assert (code, found["port"]) == (
            0,
            [("warning", f"a Mock Airflow answers at {server.told['url']} already; it is ready")],
        )


def test_a_file_for_a_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "airflow.db"
    url = f"sqlite:///{file}"

    assert examined("--port", "0", "--database", url)[1]["database"][0][0] == "ok"
    assert not file.exists()
    with serving(tmp_path, "--database", url):
        pass
    before = file.read_bytes()
    [(state, detail)] = examined("--port", "0", "--database", url)[1]["database"]
    assert (state, detail.endswith(", 1 deployments")) == ("ok", True)
    assert file.read_bytes() == before
    file.write_bytes(b"something else " * 100)
    code, found, _ = examined("--port", "0", "--database", url)
    assert (code, "is damaged" in found["database"][0][1]) == (1, True)
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    assert "of another program" in examined("--port", "0", "--database", f"sqlite:///{other}")[1]["database"][0][1]


def test_postgresql_is_reached_or_not() -> None:
    found_programs = programs()
    if found_programs is None:
        assert "CI" not in os.environ
        pytest.skip("There is no PostgreSQL to start.")
    postgres = Postgres(found_programs)
    try:
        [(state, detail)] = examined("--port", "0", "--database", postgres.url)[1]["database"]
        assert (state, detail) == ("ok", "it is reached, and empty; `serve` makes its tables")
    finally:
        postgres.remove()
    code, found, _ = examined("--port", "0", "--database", postgres.url)
    assert (code, "cannot be reached" in found["database"][0][1]) == (1, True)


def test_a_dag_folder_and_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "dag.py").write_text("")
    ca_file = tmp_path / "ca.pem"
    options: list[Any] = ["--dags-folder", str(tmp_path), "--tls-self-signed", "--tls-ca-file", str(ca_file)]
    code, found, _ = examined("--port", "0", *options)

    assert code == 0
    assert found["dag folder"][0][1].endswith("has 1 Python files")
    assert found["tls"] == [("ok", "a certificate can be made up")]
    assert not ca_file.exists()


@pytest.mark.parametrize(
    ("days", "code", "state", "words"),
    [
        (400, 0, "ok", "it counts until "),
        (3, 0, "warning", "for 2 days"),
        (-1, 1, "error", "is refused by clients: certificate has expired"),
    ],
)
def test_the_end_of_a_certificate(tmp_path: Path, days: int, code: int, state: str, words: str) -> None:
    file = tmp_path / "both.pem"
    begin, end = (datetime.now(timezone.utc) + timedelta(days=each) for each in (-2, days))
    issued = trustme.CA().issue_cert("127.0.0.1", not_before=begin, not_after=end)
    issued.private_key_and_cert_chain_pem.write_to_path(str(file))

    done, found, _ = examined("--port", "0", "--tls-cert", str(file))

    assert (done, found["tls"][0][0]) == (code, state)
    assert words in found["tls"][0][1]


def test_what_does_nothing_is_told() -> None:
    code, found, _ = examined("--port", "0", "--set", "astro_root=no", "--airflow-version", "3.4.0")

    assert code == 0
    assert [detail for state, detail in found["setting"] if state == "warning"] == [
        "An Airflow 3.4.0 is answered for as 3.3.2 answers, the release that was measured; what is different in yours"
        " is not known here.",
        "The setting astro_root is for the profile astro, and the profile is airflow3, which does not look at it; set"
        " profile=astro as well, or leave it out.",
    ]
