"""How a line is read, and what is the same for every verb: `--json`, completion, values that look like options."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from mock_airflow import MockAirflow
from mock_airflow.cli import main

from .processes import as_process, command, serving


@pytest.fixture
def airflow() -> Iterator[MockAirflow]:
    with MockAirflow(profile="datacoves", clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        yield mock


def completions(line: str) -> list[str]:
    """What a shell would offer at the end of a line."""
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_MOCK_AIRFLOW_COMPLETE": "bash_complete"}
    done = command(**asked)
    assert done.returncode == 0, done.stderr
    if line.endswith("fa"):  # one of them as a shell asks it
        assert as_process(**asked).stdout == done.stdout
    return [item.partition(",")[2] for item in done.stdout.split()]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("mock-airflow fa", ["failures", "faults"]),
        ("mock-airflow journal re", ["rewind"]),
        ("mock-airflow explain 40", ["400", "401", "403", "404", "405", "406", "409"]),
        ("mock-airflow keys create --scope read-w", ["read-write"]),
        ("mock-airflow serve --dags-f", ["--dags-folder"]),
        ("mock-airflow serve --profile da", ["datacoves"]),
        ("mock-airflow serve --retry-after ab", ["absent", "absurd"]),
        ("mock-airflow serve --expose-config non", ["non-sensitive-only"]),
        ("mock-airflow serve --frozen f", ["false"]),
        ("mock-airflow serve --dags-folder x", ["x"]),
        ("mock-airflow world check x", ["x"]),
        ("mock-airflow faults add --expire", ["--expire-credential"]),
        ("mock-airflow completion z", ["zsh"]),
    ],
)
def test_a_shell_completes_it(line: str, offered: list[str]) -> None:
    assert completions(line) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_has_to_read_for_that_is_printed(shell: str) -> None:
    done = (as_process if shell == "bash" else command)("completion", shell)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"_MOCK_AIRFLOW_COMPLETE={shell}_complete" in done.stdout


def test_an_unknown_shell_is_refused() -> None:
    done = command("completion", "tcsh")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "mock-airflow: SHELL: one of bash, zsh, fish is expected (did you mean 'zsh'?), not 'tcsh'.\n"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (["keys", "list"], lambda told: told[0]["name"] == "first key"),
        (["keys", "create", "--name", "mine"], lambda told: told["name"] == "mine" and told["secret"]),
        (["keys", "revoke", "1"], lambda told: told["revoked_at"] is not None),
        (["limits", "show"], lambda told: told["algorithm"] == "token-bucket"),
        (["limits", "clear"], lambda told: told == {"message": "No limit holds."}),
        (["faults", "add", "*", "--status", "503"], lambda told: told[0]["effects"] == {"status": 503}),
        (["faults", "list"], lambda told: told == []),
        (["journal", "show"], lambda told: told == []),
        (["journal", "export"], lambda told: told["log"]["entries"] == []),
        (["failures", "look", "revoked"], lambda told: told["looks"]["status"] == 401),
    ],
)
def test_every_verb_answers_json(airflow, capsys, line, wanted) -> None:
    assert main([*line, "--json", "--url", airflow.url]) == 0

    assert wanted(json.loads(capsys.readouterr().out))


def test_verbs_without_a_server_answer_json_too(capsys, world: str) -> None:
    for line, key in ((["explain"], "403"), (["explain", "403"], "causes"), (["faults", "presets"], "page-drift")):
        assert main([*line, "--json"]) == 0
        assert key in json.loads(capsys.readouterr().out)
    assert main(["world", "check", "--json", world]) == 0
    assert json.loads(capsys.readouterr().out) == {"mistakes": [], "counts": {"dags": 3}}


def test_a_server_tells_json_what_its_ready_file_has(tmp_path, world: str) -> None:
    with serving(tmp_path, "--world", world, "--json") as server:
        assert json.loads(server.out) == server.told


@pytest.mark.parametrize("value", ["-30", "-1.5"])
def test_a_negative_number_is_a_value(airflow, capsys, value: str) -> None:
    for line in (["--date-skew", value], [f"--date-skew={value}"]):
        assert main(["faults", "add", "*", *line, "--url", airflow.url, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[0]["effects"] == {"date_skew": json.loads(value)}


# ------------------------------------------------------------------------------------------------------ explain, routes


def test_explain_alone_lists_the_topics() -> None:
    done = as_process("explain")

    assert (done.returncode, done.stderr) == (0, "")
    assert "\n  403 " in done.stdout
    assert "\n  datacoves " in done.stdout


@pytest.mark.parametrize(
    ("words", "some", "prefix"),
    [
        (["dags"], "get_dags", None),
        (["POST", "xcom"], None, None),
        (["can_create on Pools"], "post_pool", "/api/v1"),
        (["DAGS", "--profile", "airflow3"], "get_dags", "/api/v2"),
        (["dags", "--airflow-version", "3.3.2"], "get_dags", "/api/v2"),
    ],
)
def test_routes_are_filtered_by_words(words, some, prefix) -> None:
    done = command("routes", *words, "--json")

    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)
    assert some is None or some in [row["operation_id"] for row in rows]
    assert some is not None or rows == []
    for row in rows:
        assert words[0].lower() in json.dumps(row).lower()
        assert prefix is None or row["path"].startswith((prefix, "/__mock__", "/ui"))


def test_routes_says_that_there_is_none() -> None:
    done = command("routes", "no-such-word")

    assert (done.returncode, done.stdout) == (0, "There is no such operation.\n")


# ----------------------------------------------------------------------------------------------------------- ready file


def test_the_ready_file_goes_with_its_server(tmp_path, world: str) -> None:
    with serving(tmp_path, "--world", world) as server:
        assert (tmp_path / "ready.json").exists()
        assert server.end() == 0

    assert sorted(os.listdir(tmp_path)) == ["err", "out", "world.json"]


def test_the_ready_file_of_another_server_stays(tmp_path, world: str) -> None:
    with serving(tmp_path, "--world", world) as server:
        (tmp_path / "ready.json").write_text("of another", "utf-8")
        assert server.end() == 0

    assert (tmp_path / "ready.json").read_text("utf-8") == "of another"


@pytest.mark.parametrize(
    "options", [["--runs", "timd"], ["--world", "none.json"], ["--set", "foo=1"], ["--user", "nobody"]], ids=" ".join
)
def test_an_old_ready_file_is_gone_however_the_start_fails(tmp_path, options: list[str]) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text("{}", "utf-8")

    assert main(["serve", "--port", "0", "--ready-file", str(ready), *options]) == 2
    assert not ready.exists()
