"""The command `armor`: login, status, logout, keys, reads, refreshes, and an exit code for each kind of refusal."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from anomalyarmor.cli import app
from typer.testing import CliRunner, Result

from mock_airflow import MockAirflow

SOURCE = "snowflake.prod"
ORDERS = f"{SOURCE}.warehouse.orders"
INVENTORY = f"{SOURCE}.warehouse.inventory"
OK, STALE, DENIED, MISSING, LIMITED, OTHER = range(6)


def armor_command(*words: str, url: str = "", key: str = "") -> Result:
    environment = {"COLUMNS": "200", **({"ARMOR_API_URL": url, "ARMOR_API_KEY": key} if url else {})}
    return CliRunner().invoke(app, [*words], env=environment)


@pytest.fixture
def run(armor: MockAirflow):
    def call(*words: str, key: str = "", expect: int = OK) -> str:
        done = armor_command(*words, url=armor.api_url, key=key or armor.credentials["api_key"])
        assert done.exit_code == expect, done.output
        return done.output

    return call


def test_login_status_and_logout(armor: MockAirflow, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from anomalyarmor import config

    monkeypatch.setattr(config, "DEMO_SESSION_PATH", home / ".armor" / ".demo-session.json")
    key = armor.credentials["api_key"]
    wrong = armor_command("auth", "login", "--api-key", "aa_live_wrong", "--api-url", armor.api_url)
    assert (wrong.exit_code, "Authentication failed" in wrong.output) == (DENIED, True)
    assert armor_command("auth", "login", "--api-key", "nonsense").exit_code == DENIED

    done = armor_command("auth", "login", "--api-key", key, "--api-url", armor.api_url)
    assert (done.exit_code, "Successfully authenticated" in done.output) == (OK, True)
    assert armor.calls[-1].path == "/api/v1/api-keys/usage"
    kept = home / ".armor" / "config.yaml"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert armor.api_url in armor_command("auth", "status").output
    assert ORDERS.rpartition(".")[2] in armor_command("assets", "list").output

    assert armor_command("auth", "logout").exit_code == OK
    assert not kept.exists()
    assert armor_command("auth", "status").exit_code == DENIED
    assert armor_command("assets", "list").exit_code == DENIED


def test_keys_are_made_listed_and_revoked(run, armor: MockAirflow) -> None:
    made = run("api-keys", "create", "--name", "airflow-prod", "--scope", "read-only")
    key = re.search(r"aa_live_[a-z0-9]{32}", made)
    assert key is not None
    assert "airflow-prod" in run("api-keys", "list")
    run("assets", "list", key=key[0])
    run("freshness", "refresh", ORDERS, key=key[0], expect=DENIED)
    row = next(row for row in armor.keys.list() if row.name == "airflow-prod")
    run("api-keys", "revoke", row.public_id, "--yes")
    run("assets", "list", key=key[0], expect=DENIED)
    assert "airflow-prod" not in run("api-keys", "list")
    assert "airflow-prod" in run("api-keys", "list", "--include-revoked")
    run("api-keys", "revoke", "none", "--yes", expect=MISSING)


def test_exit_codes(run, armor: MockAirflow) -> None:
    run("assets", "get", "no.such.table", expect=MISSING)
    run("assets", "list", key="aa_live_wrong", expect=DENIED)
    run("freshness", "get", INVENTORY, expect=STALE)
    run("freshness", "check", INVENTORY, expect=STALE)
    run("freshness", "check", ORDERS)
    run("freshness", "check", ORDERS, "--max-age", "0.1", expect=STALE)
    run("assets", "list", "--limit", "1000", expect=OTHER)
    armor.limits.exhaust()
    assert "Retry after" in run("assets", "list", expect=LIMITED)


@pytest.mark.parametrize(
    "words",
    [
        ["assets", "list", "--source", "snowflake"],
        ["assets", "get", ORDERS],
        ["freshness", "summary"],
        ["freshness", "list"],
        ["freshness", "get", ORDERS],
        ["freshness", "refresh", ORDERS],
        ["schema", "summary"],
        ["schema", "changes", "--asset", SOURCE],
        ["alerts", "summary"],
        ["alerts", "list"],
        ["alerts", "rules", "list"],
        ["alerts", "destinations", "list"],
        ["incidents", "list"],
        ["lineage", "get", ORDERS, "--depth", "2"],
        ["intelligence", "generate", SOURCE, "--json"],
        ["tags", "create", "t", "--asset", SOURCE, "--path", "warehouse.orders"],
        ["tags", "apply", "a,b", "--asset", SOURCE, "--paths", "warehouse.orders"],
        ["tags", "bulk-apply", "q", "--assets", SOURCE],
        ["tags", "list", "--asset", SOURCE],
        ["badges", "create", "Quality", "--asset", SOURCE],
        ["badges", "list", "--all"],
        ["metrics", "summary", SOURCE],
        ["metrics", "list", SOURCE],
        ["validity", "summary", SOURCE],
        ["validity", "list", SOURCE],
        ["referential", "list", SOURCE],
    ],
    ids=" ".join,
)
def test_every_verb_that_needs_nothing_first(run, words: list[str]) -> None:
    run(*words)


def test_verbs_on_what_there_is(run, client) -> None:
    rule, destination = client.alerts.rules()[0].id, client.alerts.list_destinations()[0].id
    assert rule in run("alerts", "rules", "get", rule)
    assert destination in run("alerts", "destinations", "get", destination)
    incident = client.alerts.list_incidents(severity="critical")[0].id
    run("incidents", "get", incident)
    assert "acknowledged" in run("incidents", "ack", incident, "--notes", "n")
    run("incidents", "comment", incident, "hello")
    assert "resolved" in run("incidents", "resolve", incident)
    metric = client.metrics.list(SOURCE)[0].id
    run("metrics", "get", SOURCE, metric)
    assert "Snapshots created: 1" in run("metrics", "capture", SOURCE, metric)
    valid = client.validity.list(SOURCE)[0].uuid
    run("validity", "get", SOURCE, valid)
    status = client.validity.check(SOURCE, valid).status
    run("validity", "check", SOURCE, valid, expect=OK if status == "pass" else STALE)
    check = client.referential.list(SOURCE)[0].id
    run("referential", "get", SOURCE, check)
    status = client.referential.execute(SOURCE, check).status
    run("referential", "execute", SOURCE, check, expect=OK if status == "pass" else STALE)
    assert "Check Results" in run("referential", "results", SOURCE, check)
    badge = client.badges.create(SOURCE).id
    for verb in ("get", "status"):
        assert badge in run("badges", verb, badge)
    run("badges", "delete", badge, "--yes")
    run("alerts", "rules", "delete", rule, "--yes")
    run("alerts", "destinations", "delete", destination, "--yes")
    run("intelligence", "ask", SOURCE, "what is there?", expect=1)  # its own advice to generate first
    job = json.loads(run("intelligence", "generate", SOURCE, "--json"))["job_id"]
    assert "completed" in run("jobs", "status", job)
    assert "warehouse.orders" in run("intelligence", "ask", SOURCE, "what is there?")


def test_contracts(run, client, tmp_path: Path) -> None:
    source, file, bundle = client.assets.get(SOURCE).id, tmp_path / "orders.yaml", tmp_path / "all.zip"
    run("contract", "pull", "--asset", source, "-o", str(file))
    assert f"{SOURCE} v1.0.0" in run("contract", "validate", "--file", str(file))
    assert "No changes" in run("contract", "plan", "--asset", source, "--file", str(file))
    file.write_text(file.read_text().replace("NOT_NULL", "UNIQUE"))
    assert "validity" in run("contract", "plan", "--asset", source, "--file", str(file))
    assert "Applied" in run("contract", "apply", "--asset", source, "--file", str(file))
    run("contract", "pull", "--all", "-o", str(bundle))
    assert bundle.read_bytes()[:2] == b"PK"
    file.write_text("a: [1")
    run("contract", "validate", "--file", str(file), expect=OTHER)


def test_the_installed_command(armor: MockAirflow, home: Path) -> None:
    command, environment = shutil.which("armor", path=str(Path(sys.executable).parent)), {"HOME": str(home)}
    assert command is not None
    login = [command, "auth", "login", "--api-key", armor.credentials["api_key"], "--api-url", armor.api_url]
    done = subprocess.run(login, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (OK, "")
    missing = subprocess.run([command, "assets", "get", "none"], env=environment, capture_output=True, timeout=60)
    assert missing.returncode == MISSING
