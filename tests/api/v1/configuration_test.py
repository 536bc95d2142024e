"""The configuration over the API: who sees it, in which form, and what of it is hidden."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import Deploy

CONFIG = "/api/v1/config"
ACCEPT = {"Accept": "application/json"}


def read(call: Any, path: str = "") -> Any:
    answer = call.get(CONFIG + path, headers=ACCEPT)
    assert answer.status_code == 200
    return {
        section["name"]: {option["key"]: option["value"] for option in section["options"]}
        for section in answer.get_json()["sections"]
    }


@pytest.mark.parametrize("path", ["", "?section=none", "/section/core/option/none"])
def test_not_exposed(deploy: Deploy, path: str) -> None:
    call = deploy()
    refused = call.get(CONFIG + path, headers=ACCEPT)

    assert refused.status_code == 403
    assert refused.get_json()["detail"] == (
        "Your Airflow administrator chose not to expose the configuration, most likely for security reasons."
    )
    assert call.get(CONFIG + path, by="viewer", headers=ACCEPT).get_json()["detail"] is None
    unacceptable = call.get(CONFIG + path, headers={"Accept": "text/html"})
    assert (unacceptable.status_code, unacceptable.get_data()) == (406, b"")


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("application/json", "application/json"),
        ("text/plain", "text/plain"),
        ("*/*", "text/plain"),
        ("text/*", "text/plain"),
        ("application/json, text/plain", "text/plain"),
        ("text/plain;q=0.1, application/json", "application/json"),
        ("application/json;q=0", None),
        ("text/plain; charset=utf-8", None),
        ("", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("path", ["", "/section/core/option/executor"])
def test_form_follows_accept(deploy: Deploy, path: str, accept: str | None, given: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = deploy(expose_config=True).get(CONFIG + path, headers=headers)

    expected = (406, "text/html; charset=utf-8") if given is None else (200, given)
    assert (answer.status_code, answer.headers["Content-Type"]) == expected


def test_text_is_an_ini_file_and_json_has_four_spaces(deploy: Deploy) -> None:
    call = deploy(expose_config=True)
    text = call.get(f"{CONFIG}?section=sentry", headers={"Accept": "text/plain"}).get_data(as_text=True)
    option = call.get(f"{CONFIG}/section/core/option/executor", headers=ACCEPT).get_data(as_text=True)
    whole = call.get(CONFIG, headers={"Accept": "text/plain"}).get_data(as_text=True)

    assert text == "[sentry]\nsentry_on = false\nsentry_dsn = \n"
    told = {"sections": [{"name": "core", "options": [{"key": "executor", "value": "SequentialExecutor"}]}]}
    assert option == json.dumps(told, indent=4)
    assert whole.startswith("[atlas]\nsasl_enabled = False\n")
    assert "\n\n[core]\n" in whole
    assert whole.endswith("\n[imap]\n\n")


def test_settings_show(deploy: Deploy) -> None:
    call = deploy(
        expose_config="true",
        test_connection="Hidden",
        maximum_page_limit=7,
        access_control_allow_origins="http://a.example,http://b.example",
    )

    api, core, webserver = (read(call, f"?section={name}")[name] for name in ("api", "core", "webserver"))
    assert (api["maximum_page_limit"], api["fallback_page_limit"]) == ("7", "100")
    assert api["access_control_allow_origins"] == "http://a.example http://b.example"
    assert api["auth_backends"] == "airflow.api.auth.backend.basic_auth,airflow.api.auth.backend.session"
    assert (core["test_connection"], webserver["expose_config"]) == ("Hidden", "True")


@pytest.mark.parametrize("name", ["none", "CORE", "DEFAULT", "celery"])
def test_sections_that_cannot_be_asked_for(deploy: Deploy, name: str) -> None:
    told = deploy(expose_config=True).get(f"{CONFIG}?section={name}", headers=ACCEPT).get_json()

    assert (told["status"], told["title"], told["detail"]) == (404, "section not found.", f"section={name} not found.")


def test_empty_section_means_all_and_all_has_the_fallbacks(deploy: Deploy) -> None:
    call = deploy(expose_config=True)

    assert read(call, "?section=") == read(call)
    assert read(call)["celery"]["pool"] == "prefork"
    assert [*read(call)][-1] == "imap"


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [
        ("core", "executor", "SequentialExecutor"),
        ("CORE", "Executor", "SequentialExecutor"),
        ("core", "logging_level", "INFO"),
        ("scheduler", "max_threads", "2"),
        ("admin", "sensitive_variable_fields", ""),
        ("core", "fernet_key", "< hidden >"),
        ("core", "sql_alchemy_conn", "< hidden >"),
        ("sentry", "sentry_dsn", "< hidden >"),
    ],
)
def test_options(deploy: Deploy, section: str, option: str, value: str) -> None:
    told = read(deploy(expose_config=True), f"/section/{section}/option/{option}")

    assert told == {section: {option: value}}


@pytest.mark.parametrize(
    ("section", "option"),
    [("core", "none"), ("none", "x"), ("celery", "pool"), ("smtp", "smtp_password"), ("imap", "x")],
)
def test_options_that_are_not_there(deploy: Deploy, section: str, option: str) -> None:
    path = f"{CONFIG}/section/{section}/option/{option}"
    told = deploy(expose_config=True).get(path, headers=ACCEPT).get_json()

    assert (told["status"], told["title"]) == (404, "Config not found.")
    assert told["detail"] == f"The option [{section}/{option}] is not found in config."


def test_non_sensitive_only_hides_values_that_are_there(deploy: Deploy) -> None:
    full, safe = read(deploy(expose_config=True)), read(deploy(expose_config="non-sensitive-only"))
    differing = {
        f"{section}/{option}"
        for section, options in full.items()
        for option, value in options.items()
        if safe[section][option] != value
    }

    assert differing == {
        "core/fernet_key",
        "core/internal_api_secret_key",
        "database/sql_alchemy_conn",
        "webserver/expose_config",
        "webserver/secret_key",
    }
    assert safe["core"]["fernet_key"] == "< hidden >"
    assert safe["sentry"]["sentry_dsn"] == ""


def test_drawn_keys_follow_the_seed(deploy: Deploy) -> None:
    one, same, other = (read(deploy(expose_config=True, seed=seed))["core"]["fernet_key"] for seed in (1, 1, 2))

    assert one == same != other


@pytest.mark.parametrize(("by", "status"), [("op", 200), ("user", 403), ("viewer", 403), (None, 403)])
def test_who_sees_it(deploy: Deploy, by: str | None, status: int) -> None:
    assert deploy(expose_config=True).get(CONFIG, by=by, headers=ACCEPT).status_code == status
