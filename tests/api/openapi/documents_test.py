"""What an API tells of itself: OpenAPI as JSON and YAML, and the reference page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st
from werkzeug.test import Client

from mock_airflow._version import __version__
from mock_airflow.answers import NO_CONTENT
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.schema import Field, Schema, nested
from mock_airflow.api.api import Api
from mock_airflow.api.openapi.block_yaml import yaml_text
from mock_airflow.api.openapi.document import document
from mock_airflow.api.v1 import API
from mock_airflow.deployment import Deployment
from mock_airflow.settings import Settings

TYPES = {"openapi.json": "application/json", "openapi.yaml": "text/yaml", "ui/": "text/html; charset=utf-8"}
PREFIXES = ["/api/v1", "/auth/fab/v1", "/__mock__"]


def client(**settings: Any) -> Client:
    deployment = Deployment(Settings.of(**settings))
    deployment.begin()
    return Client(deployment.wsgi)


def served(prefix: str = "/api/v1", **settings: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client(**settings).get(f"{prefix}/openapi.json").data)
    return found


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_open_to_everybody_as_the_real_ones(prefix: str, name: str) -> None:
    calls = client(auth_role_public="")

    assert calls.get(f"{prefix}/{name}", auth=("admin", "wrong")).status_code == 200
    answer = calls.get(f"{prefix}/{name}?bogus=1")
    assert (answer.status_code, answer.content_type) == (200, TYPES[name])
    head = calls.head(f"{prefix}/{name}")
    assert (head.status_code, head.data) == (200, b"")
    assert calls.post(f"{prefix}/{name}").status_code == 405


def test_page_without_its_slash_is_sent_on() -> None:
    answer = client().get("/api/v1/ui")

    assert (answer.status_code, answer.location) == (308, "http://localhost/api/v1/ui/")


def test_behind_a_gate_they_need_the_key_too() -> None:
    deployment = Deployment(Settings.of(profile="datacoves"))
    headers = deployment.profile.headers(deployment.credentials, deployment)
    calls = Client(deployment.wsgi)

    assert calls.get("/api/v1/openapi.json").status_code == 401
    told = json.loads(calls.get("/api/v1/openapi.json", headers=headers).data)
    assert told["security"] == [{"Token": []}]
    assert told["paths"]["/health"]["get"].get("security") is None


@pytest.mark.parametrize("prefix", PREFIXES)
def test_yaml_says_what_json_says(prefix: str) -> None:
    assert yaml.safe_load(client().get(f"{prefix}/openapi.yaml").text) == served(prefix)


def test_version_and_address() -> None:
    deployment = Deployment(Settings.of(airflow_version="2.10.5"))
    told = json.loads(Client(deployment.wsgi).get("/api/v1/openapi.json", base_url="http://localhost/d/mine").data)

    assert told["info"]["version"] == "2.10.5"
    assert told["servers"] == [{"url": "/d/mine/api/v1"}]
    assert served("/__mock__")["info"]["version"] == __version__


def test_operations_tell_their_permissions() -> None:
    told = served()["paths"]

    assert told["/dags/{dag_id}/dagRuns"]["post"]["x-permissions"] == ["can_edit on DAGs", "can_create on DAG Runs"]
    assert told["/health"]["get"]["security"] == []
    assert "security" not in told["/pools"]["get"]


@pytest.mark.parametrize(("token", "expected"), [(None, []), ("t0ken", None)])
def test_control_api_needs_what_it_is_set_to(token: str | None, expected: list[str] | None) -> None:
    settings = {"control_token": token} if token else {}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    told = json.loads(client(**settings).get("/__mock__/openapi.json", headers=headers).data)

    assert told["paths"]["/reset"]["post"].get("security") == expected
    assert told["security"] == [{"ControlToken": []}]


def test_every_reference_leads_somewhere() -> None:
    told = served()
    names = re.findall(r'"#/([^"]+)"', json.dumps(told))

    assert names
    for name in set(names):
        found = told
        for part in name.split("/"):
            found = found[part]


def made_up() -> Api:
    """A small API with one of everything that a document can say."""
    api = Api("made-up", "/made/up", "Made up")
    operation = api.tagged("Thing")
    part = Schema("Part", Field("name"), nullable=True)
    thing = Schema(
        "Thing",
        Field("id", "integer", read_only=True),
        Field("secret", write_only=True, min_length=1),
        Field("kind", nullable=True, enum=("a", None)),
        Field("old", "boolean", default=False, deprecated=True),
        Field("gone", answered=False),
        Field("extra", documented=False),
        nested("parts", part, many=True),
        Field("anything", "any"),
        required=("kind",),
        more=Field("", "integer"),
    )

    @operation(
        "POST",
        "/things/{path}",
        "post_thing",
        access=None,
        query=(Query("wide", "array", explode=False), Query("must", required=True)),
        body=thing,
        answer=thing,
        or_answer=part,
        media=("application/json", "text/plain"),
        conflicts=True,
        converters={"path": "path"},
    )
    def post_thing(call: Any) -> Any:
        """Make a ``thing``."""

    @operation(
        "GET", "/things/{number}", "get_things", access=None, answer=part, listed="parts", converters={"number": "int"}
    )
    def get_things(call: Any) -> Any:
        """List."""

    @operation("DELETE", "/things", "delete_things", access=None, success=204)
    def delete_things(call: Any) -> Any:
        """Delete."""
        return NO_CONTENT

    return api


def test_what_a_description_becomes() -> None:
    told = document(made_up(), title="T", version="1", server="/s", security={})
    schemas, post = told["components"]["schemas"], told["paths"]["/things/{path}"]["post"]

    assert schemas["Thing"] == {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "secret": {"type": "string", "writeOnly": True, "minLength": 1},
            "kind": {"type": "string", "nullable": True, "enum": ["a", None]},
            "old": {"type": "boolean", "deprecated": True, "default": False},
            "gone": {"type": "string"},
            "extra": {"type": "string"},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
            "anything": {},
        },
        "required": ["kind"],
        "additionalProperties": {"type": "integer"},
        "x-undocumented": ["extra"],
        "x-never-answered": ["gone"],
    }
    assert schemas["Part"]["nullable"]
    assert [*schemas["PartCollection"]["properties"]] == ["parts", "total_entries"]
    assert post["summary"] == "Make a `thing`"
    assert [(each["name"], each["in"], each["required"]) for each in post["parameters"]] == [
        ("path", "path", True),
        ("wide", "query", False),
        ("must", "query", True),
    ]
    assert post["parameters"][0]["schema"] == {"type": "string", "format": "path"}
    assert post["parameters"][1]["explode"] is False
    assert [*post["responses"]] == ["200", "400", "404", "406", "409", "415"]
    assert post["responses"]["200"]["content"] == {
        "application/json": {
            "schema": {"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"$ref": "#/components/schemas/Part"}]}
        },
        "text/plain": {"schema": {"type": "string"}},
    }
    assert told["paths"]["/things/{number}"]["get"]["parameters"][0]["schema"] == {"type": "integer"}
    assert told["paths"]["/things"]["delete"]["responses"] == {"204": {"description": "Done."}}


def test_two_schemas_of_one_name_are_refused() -> None:
    api = made_up()
    operation = api.tagged("Thing")
    operation("GET", "/other", "get_other", access=None, answer=Schema("Part", Field("else")))(lambda call: NO_CONTENT)

    with pytest.raises(AssertionError, match="Part"):
        document(api, title="T", version="1", server="/s", security={})


names = st.text(max_size=80)  # a key without a mark before it ends within 1,024 characters, says YAML
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(names, plain, min_size=1, max_size=4))
def test_yaml_is_read_as_what_was_written(value: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(value)) == value


def test_page_has_every_operation_and_nothing_from_elsewhere() -> None:
    page = client().get("/api/v1/ui/").text

    for operation in API:
        assert f'<details id="{operation.operation_id}"' in page
    assert "can_create on DAG Runs" in page
    assert not re.findall(r'(?:src|href)="(?!#|\.\./openapi|data:,)[^"]*"', page)
    assert "@import" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_page_escapes_what_it_is_told() -> None:
    from mock_airflow.api.openapi.reference_page import reference_page

    api = made_up()
    told = document(api, title="<script>alert(1)</script>", version="1", server="/s", security={})

    assert "<script>alert" not in reference_page(told)
