"""The document of `/api/v2`: as a real one serves it, and every recorded answer fits it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client

from mock_airflow.corridor.app import create_app
from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings

FILES = sorted((Path(__file__).resolve().parents[3] / "fixtures/recordings").glob("airflow-3*/answers/*.json"))
UNTOLD = {500}  # failures; Airflow's document has none either


def client(**settings: Any) -> Client:
    deployment = Deployment(Settings.of(airflow_version="3.3.2", **settings))
    deployment.begin()
    return Client(deployment.wsgi)


@cache
def document() -> Mapping[str, Any]:
    found: Mapping[str, Any] = client().get("/openapi.json").json
    return found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/openapi.json", "application/json"),
        ("/docs", "text/html; charset=utf-8"),
        ("/redoc", "text/html; charset=utf-8"),
    ],
)
def test_open_to_everybody_as_the_real_ones(path: str, kind: str) -> None:
    answer = client().get(path, headers={"Authorization": "Bearer nonsense"})

    assert (answer.status_code, answer.content_type) == (200, kind)
    refused = client().post(path)
    assert (refused.status_code, refused.json) == (405, {"detail": "Method Not Allowed"})


def test_behind_a_gate_they_need_the_key_too() -> None:
    deployment = Deployment(Settings.of(airflow_version="3.3.2", profile="datacoves"))
    headers = deployment.profile.headers(deployment.credentials, deployment)

    assert Client(deployment.wsgi).get("/openapi.json").status_code == 401
    told = Client(deployment.wsgi).get("/openapi.json", headers=headers).json
    assert [*told["components"]["securitySchemes"]] == ["Token"]
    assert told["paths"]["/api/v2/version"]["get"]["security"] == [{"Token": []}]
    assert "429" in told["paths"]["/api/v2/version"]["get"]["responses"]


def test_what_it_says_of_itself() -> None:
    told = document()

    assert told["openapi"] == "3.1.0"
    assert told["info"]["version"] == "2"
    assert "servers" not in told
    assert [*told["components"]["securitySchemes"]] == ["OAuth2PasswordBearer", "HTTPBearer"]
    assert "security" not in told["paths"]["/api/v2/version"]["get"]
    trigger = told["paths"]["/api/v2/dags/{dag_id}/dagRuns"]["post"]
    assert trigger["x-permissions"] == ["can_edit on DAGs", "can_create on DAG Runs"]


def test_a_path_before_it_is_told() -> None:
    told = client().get("/openapi.json", base_url="http://localhost/team-a").json

    assert told["servers"] == [{"url": "/team-a"}]


def test_the_page_lists_every_operation() -> None:
    page = client().get("/docs").text

    for path in document()["paths"].values():
        for operation in path.values():
            assert f'id="{operation["operationId"]}"' in page


def test_it_is_a_document_of_openapi_3_1() -> None:
    for name, schema in document()["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema == {} or schema["title"], name


@cache
def strict() -> Mapping[str, Any]:
    """The document, stricter: nothing unnamed may be added."""
    found: Mapping[str, Any] = _strict(document())
    return found


def _strict(value: Any) -> Any:
    if isinstance(value, list):
        return [_strict(item) for item in value]
    if not isinstance(value, dict):
        return value
    told = {key: _strict(item) for key, item in value.items()}
    if isinstance(told.get("properties"), dict) and told.get("type") == "object":
        told.setdefault("additionalProperties", False)
    return told


def answered(file: Path) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """The steps of a file that our operations answer, with what the document says of the operation."""
    steps = json.loads((file.parents[1] / "scenarios" / file.name).read_text("utf-8"))["steps"]
    recorded = {step["id"]: step for step in json.loads(file.read_text("utf-8"))["steps"]}
    routes = create_app("airflow3", 3).routes.url_map.bind("localhost")
    operations = {each["operationId"]: each for item in strict()["paths"].values() for each in item.values()}
    for step in steps:
        answer = recorded.get(step["id"])
        if answer is None or "json" not in answer:
            continue
        method, _, path = answer["request"].partition(" ")
        try:
            endpoint, _ = routes.match(path.partition("?")[0], method)
        except HTTPException:
            continue
        api, _, operation_id = endpoint.partition(".")
        if api == "v2" and answer["status"] not in UNTOLD:
            yield f"{file.stem} {step['id']} {operation_id}", operations[operation_id], answer


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_recorded_answers_fit(file: Path) -> None:
    found = {step: why for step, told, answer in answered(file) if (why := complaint(told, answer))}

    # A line of a log without a time is answered with null, which Airflow's own document does not allow.
    assert {
        step: why for step, why in found.items() if not why.endswith(".timestamp: None is not of type 'string'")
    } == {}


def complaint(told: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Why an answer does not fit; empty when it does."""
    response = told["responses"].get(str(answer["status"]))
    if response is None:
        return f"{answer['status']} is not in the document"
    kind = answer["headers"].get("content-type", "").partition(";")[0]
    content = response.get("content", {})
    if kind not in content:
        return f"{kind} is not in the document" if content else ""
    return misfit(json.dumps(content[kind]["schema"]), json.dumps(answer["json"]))


@cache
def misfit(schema: str, answer: str) -> str:
    """Why a value does not fit; both as JSON, as two of three answers are equal to another one."""
    whole = {**json.loads(schema), "components": strict()["components"]}
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(whole).iter_errors(json.loads(answer)))
    return "" if error is None else f"{error.json_path}: {error.message[:200]}"


FAB_ALONE = {f"/fab/v1/{path}" for path in ("roles", "roles/{name}", "permissions", "users", "users/{username}")}


@pytest.mark.parametrize(
    ("manager", "title", "paths"),
    [
        ("simple", "Simple auth manager sub application", {"/token", "/token/cli", "/token/login"}),
        ("fab", "FAB auth manager API", {"/token", "/token/cli", "/logout"} | FAB_ALONE),
    ],
)
def test_an_auth_manager_tells_of_its_own_paths(manager: str, title: str, paths: set[str]) -> None:
    asked = client(auth_manager=manager)
    told = asked.get("/auth/openapi.json").json

    assert (told["info"]["title"], told["servers"], {*told["paths"]}) == (title, [{"url": "/auth"}], paths)
    signed_in = told["paths"]["/token"]["post"]["responses"]
    assert signed_in["201"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/LoginResponse"}
    assert ("415" in signed_in) == (manager == "simple")
    assert told["components"]["schemas"]["LoginResponse"]["required"] == ["access_token"]
    for page in ("/auth/docs", "/auth/redoc"):
        assert title in asked.get(page).text


@pytest.mark.parametrize(
    ("manager", "method", "path", "status", "told"),
    [
        ("simple", "POST", "/auth/openapi.json", 405, {"Allow": "GET, HEAD"}),
        ("simple", "GET", "/static/x.js", 404, {}),
        ("simple", "GET", "/auth/static/x.js", 404, {}),
        ("simple", "POST", "/auth/fab/v1/users", 405, {"Allow": "GET"}),
        ("simple", "GET", "/auth/logout", 200, {}),
        ("simple", "POST", "/execution/x", 404, {}),
        ("fab", "PUT", "/auth/token", 404, {}),
        ("fab", "GET", "/auth/nowhere", 404, {}),
        ("fab", "GET", "/auth/login?next=/x", 308, {"Location": "http://localhost/auth/login/?next=/x"}),
        ("fab", "GET", "/auth/login/", 200, {}),
        ("fab", "GET", "/auth/logout", 307, {"Location": "http://localhost/auth/login/"}),
        ("fab", "GET", "/auth/", 302, {"Location": "http://localhost"}),
    ],
)
def test_what_lies_beside_an_auth_managers_operations(
    manager: str, method: str, path: str, status: int, told: Mapping[str, str]
) -> None:
    answer = client(auth_manager=manager).open(path, method=method)

    assert answer.status_code == status
    assert {name: answer.headers[name] for name in told} == told
