"""Variables: what may be set, how they are changed, and the order they come in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy

VARIABLES = "/api/v1/variables"
WORLD = {"variables": [{"key": "region", "value": "north", "description": "Where"}, {"key": "api_key", "value": "k-1"}]}


def keys(call: Any, query: str = "") -> list[str]:
    return [row["key"] for row in call.get(VARIABLES + query).get_json()["variables"]]


def test_values_are_told_in_lists_and_alone(deploy: Deploy) -> None:
    call = deploy(WORLD)

    assert call.get(VARIABLES).get_json() == {
        "total_entries": 2,
        "variables": [
            {"description": "Where", "key": "region", "value": "north"},
            {"description": None, "key": "api_key", "value": "k-1"},
        ],
    }
    assert call.get(f"{VARIABLES}/api_key").get_json() == {"description": None, "key": "api_key", "value": "k-1"}


@pytest.mark.parametrize("body", [{"key": "v", "value": ""}, {"key": "v", "value": "1", "description": ""}])
def test_answer_to_post_has_what_was_sent(deploy: Deploy, body: dict[str, str]) -> None:
    answer = deploy().post(VARIABLES, json=body)

    assert (answer.status_code, answer.get_json()) == (200, body)


def test_post_replaces_a_variable_and_its_place(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.post(VARIABLES, json={"key": "region", "value": "south"})

    assert call.get(f"{VARIABLES}/region").get_json() == {"description": None, "key": "region", "value": "south"}
    assert keys(call) == ["api_key", "region"]
    assert keys(call, "?order_by=value") == ["api_key", "region"]  # written in the same second


@pytest.mark.parametrize("key", ["a/b", "a//b", "trailing/", "with space", "ü", "a?b"])
def test_keys_are_any_text(deploy: Deploy, key: str) -> None:
    call = deploy()
    call.post(VARIABLES, json={"key": key, "value": "x"})
    path = f"{VARIABLES}/{key.replace('?', '%3F')}"

    assert call.get(path).get_json()["key"] == key
    assert call.patch(path, json={"key": key, "value": "y"}).get_json()["value"] == "y"
    gone = call.delete(path)
    assert (gone.status_code, gone.headers["Content-Type"]) == (204, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "{'key': ['Missing data for required field.'], 'value': ['Missing data for required field.']}"),
        ({"key": "k", "val": "x"}, "{'value': ['Missing data for required field.'], 'val': ['Unknown field.']}"),
        ({"key": "k", "value": "x", "description": None}, "{'description': ['Field may not be null.']}"),
        (
            {"description": None},
            "{'key': ['Missing data for required field.'], 'value': ['Missing data for required field.'], "
            "'description': ['Field may not be null.']}",
        ),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_form_is_refused_as_a_whole(deploy: Deploy, method: str, body: dict[str, Any], detail: str) -> None:
    call = deploy(WORLD)
    answer = call(method, VARIABLES if method == "POST" else f"{VARIABLES}/region", json=body)

    assert (answer.status_code, answer.get_json()["title"]) == (400, "Invalid Variable schema")
    assert answer.get_json()["detail"] == detail


@pytest.mark.parametrize("value", [5, 1.5, True, None, [], {}])
def test_values_are_texts(deploy: Deploy, value: Any) -> None:
    answer = deploy().post(VARIABLES, json={"key": "v", "value": value})

    assert answer.get_json()["detail"] == f"{value!r} is not of type 'string' - 'value'"


def test_patch_keeps_a_description_that_is_not_sent(deploy: Deploy) -> None:
    answer = deploy(WORLD).patch(f"{VARIABLES}/region", json={"key": "region", "value": "south"})

    assert answer.get_json() == {"description": "Where", "key": "region", "value": "south"}


@pytest.mark.parametrize(
    ("mask", "value", "description"),
    [
        ("val", "new", "Where"),
        (" val", "new", "Where"),
        ("description", "north", "There"),
        ("val,description", "new", "There"),
        ("val&update_mask=description", "north", "There"),  # repeated: the last one counts
    ],
)
def test_update_mask(deploy: Deploy, mask: str, value: str, description: str) -> None:
    body = {"key": "region", "value": "new", "description": "There"}
    answer = deploy(WORLD).patch(f"{VARIABLES}/region?update_mask={mask}", json=body)

    assert answer.get_json() == {"description": description, "key": "region", "value": value}


@pytest.mark.parametrize(("mask", "wrong"), [("value", "value"), ("key", "key"), ("", ""), ("val,zap", "zap")])
def test_update_mask_with_a_wrong_name_changes_nothing(deploy: Deploy, mask: str, wrong: str) -> None:
    call = deploy(WORLD)
    answer = call.patch(f"{VARIABLES}/region?update_mask={mask}", json={"key": "region", "value": "new"})

    assert answer.get_json()["detail"] == f"'{wrong}' is unknown or cannot be updated."
    assert call.get(f"{VARIABLES}/region").get_json()["value"] == "north"


def test_key_of_the_body_is_compared_before_the_variable_is_looked_for(deploy: Deploy) -> None:
    call = deploy(WORLD)
    other = call.patch(f"{VARIABLES}/none", json={"key": "other", "value": "x"}).get_json()
    none = call.patch(f"{VARIABLES}/none", json={"key": "none", "value": "x"}).get_json()

    assert (other["status"], other["title"]) == (400, "Invalid post body")
    assert other["detail"] == "key from request body doesn't match uri parameter"
    assert (none["status"], none["title"], none["detail"]) == (404, "Variable not found", "Variable does not exist")


@pytest.mark.parametrize(("method", "detail"), [("GET", "Variable does not exist"), ("DELETE", None)])
def test_unknown_variable(deploy: Deploy, method: str, detail: str | None) -> None:
    told = deploy()(method, f"{VARIABLES}/none").get_json()

    assert (told["status"], told["title"], told["detail"]) == (404, "Variable not found", detail)


def test_order_by_value_is_the_order_of_the_ciphertexts(deploy: Deploy) -> None:
    call = deploy({"variables": [{"key": "first", "value": "z"}, {"key": "second", "value": "a"}]})
    assert keys(call, "?order_by=value") == ["first", "second"]

    call.deployment.clock.advance(1)
    call.patch(f"{VARIABLES}/first?update_mask=description", json={"key": "first", "value": "b", "description": "d"})
    assert keys(call, "?order_by=value") == ["first", "second"]
    call.patch(f"{VARIABLES}/first", json={"key": "first", "value": "b"})
    assert keys(call, "?order_by=value") == ["second", "first"]


@pytest.mark.parametrize("order", ["val", "description", "is_encrypted", ""])
def test_orders_that_do_not_exist(deploy: Deploy, order: str) -> None:
    told = deploy().get(f"{VARIABLES}?order_by={order}").get_json()

    assert told["detail"] == f"Ordering with '{order}' is disallowed or the attribute does not exist on the model"


def test_value_is_in_no_repr(deploy: Deploy) -> None:
    assert "k-1" not in repr(list(deploy(WORLD).deployment.airflow.variables))
