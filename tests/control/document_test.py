"""The control API's own OpenAPI document: it is valid, and says what goes in and comes out of every operation."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from jsonschema import Draft4Validator

from mock_airflow.control.api import API
from tests.support import Deploy

BODILESS = set("reset exhaust_limits rewind take_snapshot restore_snapshot rotate_key expire_key expire_tokens".split())


@pytest.fixture
def document(deploy: Deploy) -> dict[str, Any]:
    told: dict[str, Any] = deploy().get("/__mock__/openapi.json").get_json()
    return told


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["operationId"]: each for path in document["paths"].values() for each in path.values()}


def test_document_can_be_read_by_a_tool_that_nobody_here_wrote(document: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(document)

    found = {each.ok().definition.raw["operationId"] for each in schema.get_all_operations()}
    assert found == operations(document).keys()


def test_every_operation_says_what_goes_in_and_comes_out(document: dict[str, Any]) -> None:
    found = operations(document)
    assert found.keys() == {operation.operation_id for operation in API}
    for path, methods in document["paths"].items():
        for method, each in methods.items():
            name = each["operationId"]
            if method in ("post", "put") and name not in BODILESS and not name.startswith("heal"):
                assert "requestBody" in each, name
            success = next(status for status in each["responses"] if status.startswith("2"))
            assert success == "204" or "content" in each["responses"][success], name
            for parameter in each.get("parameters", ()):
                assert parameter["schema"], (path, parameter)


def test_answers_are_as_it_says(deploy: Deploy, document: dict[str, Any]) -> None:
    call = deploy(rate_limit="1/minute", profile="datacoves")
    key = call.deployment.credentials["api_key"]
    for _ in range(2):
        call.get("/api/v1/pools", by=None, headers={"Authorization": f"Token {key}"})
    call.post("/__mock__/faults", json={"where": "GET /api/v1/dags", "status": 503})
    known = _with_null(document)
    checked = set()
    for path, methods in document["paths"].items():
        if "get" in methods and "{id}" not in path and path != "/metrics":  # which only a server that runs has
            answer = call.get("/__mock__" + path.replace("{call}", "2").replace("{name}", "no-credential"), by=None)
            schema = methods["get"]["responses"]["200"]["content"][answer.mimetype]["schema"]
            assert answer.status_code == 200
            body = answer.get_json() if answer.mimetype == "application/json" else answer.text
            Draft4Validator({**known, **schema}).validate(body)
            checked.add(path)
    assert {"/journal", "/explain/{call}", "/limits", "/keys", "/faults", "/clock"} <= checked


def _with_null(value: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` as JSON Schema says it."""
    if isinstance(value, list):
        return [_with_null(each) for each in value]
    if not isinstance(value, dict):
        return value
    told = {name: _with_null(each) for name, each in value.items()}
    if told.pop("nullable", False) is True:
        return {"anyOf": [told, {"type": "null"}]}
    return told
