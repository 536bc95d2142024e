"""Roles over the API: what they may permit, in which order that is told, and how soon it counts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Caller, Deploy

ROLES = "/api/v1/roles"
WORLD = {"dags": [{"dag_id": "etl", "tasks": ["one"]}, {"dag_id": "report", "tasks": ["one"]}]}


@pytest.fixture
def call(deploy: Deploy) -> Caller:
    return deploy(WORLD)


def body(name: str, *permissions: str) -> dict[str, Any]:
    pairs = [permission.split(" ", 1) for permission in permissions]
    return {"name": name, "actions": [{"action": {"name": a}, "resource": {"name": r}} for a, r in pairs]}


def permitted(role: dict[str, Any]) -> list[str]:
    return [f"{pair['action']['name']} {pair['resource']['name']}" for pair in role["actions"]]


def read(call: Caller, name: str) -> list[str]:
    return permitted(call.get(f"{ROLES}/{name}").get_json())


def listed(call: Caller) -> dict[str, list[str]]:
    return {role["name"]: permitted(role) for role in call.get(ROLES).get_json()["roles"]}


def somebody(call: Caller, *roles: str) -> None:
    names = [{"name": role} for role in roles]
    person = {"username": "vera", "email": "v@example.com", "first_name": "V", "last_name": "V", "password": "vera"}
    call.post("/api/v1/users", json={**person, "roles": names})


def detail(answer: Any) -> tuple[int, Any]:
    return answer.status_code, answer.get_json()["detail"]


def test_fresh_airflow_has_five_roles_and_five_actions(call: Caller) -> None:
    counts = {name: len(permissions) for name, permissions in listed(call).items()}

    assert counts == {"Admin": 92, "Op": 63, "Public": 0, "User": 39, "Viewer": 30}
    assert call.get("/api/v1/permissions").get_json() == {
        "actions": [{"name": n} for n in ("can_edit", "can_read", "can_create", "can_delete", "menu_access")],
        "total_entries": 5,
    }
    assert [role["name"] for role in call.get(f"{ROLES}?order_by=role_id").get_json()["roles"]] == [
        "Admin",
        "Public",
        "Viewer",
        "User",
        "Op",
    ]


def test_list_tells_permissions_as_they_were_made_and_a_single_role_as_it_got_them(call: Caller) -> None:
    assert read(call, "Viewer")[:2] == ["can_read DAGs", "can_read DAG Dependencies"]
    assert listed(call)["Viewer"][:2] == ["can_edit My Password", "can_read My Password"]
    call.post(ROLES, json=body("first", "can_create Configurations"))
    call.post(ROLES, json=body("mixed", "can_create Plugins", "can_create Configurations", "can_read Pools"))

    assert read(call, "mixed") == ["can_create Plugins", "can_create Configurations", "can_read Pools"]
    assert listed(call)["mixed"] == ["can_read Pools", "can_create Configurations", "can_create Plugins"]


def test_captured_world_keeps_both_orders(deploy: Deploy, call: Caller) -> None:
    roles = call.get(ROLES).get_json()["roles"]

    again = deploy({**WORLD, "roles": roles})
    assert again.get(ROLES).get_json() == call.get(ROLES).get_json()
    assert read(again, "Op") == read(call, "Op")


def test_made_role_is_answered_with_nothing(call: Caller) -> None:
    made = call.post(ROLES, json=body("pools", "can_read Pools", "can_read Pools"))

    assert (made.status_code, made.get_json()) == (200, {})
    assert call.get(f"{ROLES}/pools").get_json() == body("pools", "can_read Pools")


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"name": ""}, 400, "'' should be non-empty - 'name'"),
        ({"name": "x", "actions": "y"}, 400, "'y' is not of type 'array' - 'actions'"),
        ({"name": "x", "actions": [{"action": "y"}]}, 400, "'y' is not of type 'object' - 'actions.0.action'"),
        ({}, 400, "{'name': ['Missing data for required field.']}"),
        ({"name": "x" * 65}, 400, "{'name': ['Longer than maximum length 64.']}"),
        ({"name": "x", "bogus": 1}, 400, "{'bogus': ['Unknown field.']}"),
        (
            {"name": "x", "actions": [{}, {"action": {"x": 1}}]},
            400,
            "{'actions': {1: {'action': {'name': ['Missing data for required field.'], 'x': ['Unknown field.']}}}}",
        ),
        (body("x", "can_fly Pools"), 400, "The specified action: 'can_fly' was not found"),
        (body("x", "can_read pools"), 400, "The specified resource: 'pools' was not found"),
        (body("x", "can_read DAG:none"), 400, "The specified resource: 'DAG:none' was not found"),
        (body("Op"), 409, "Role with name 'Op' already exists; please update with the PATCH endpoint"),
        ({"name": "Op"}, 409, "Role with name 'Op' already exists; please update with the PATCH endpoint"),
    ],
)
def test_bad_body_makes_no_role(call: Caller, sent: dict[str, Any], status: int, told: str) -> None:
    assert detail(call.post(ROLES, json=sent)) == (status, told)
    assert len(listed(call)) == 5


@pytest.mark.parametrize("actions", [None, [{"action": {"name": "can_read"}}], [{"resource": {"name": "Pools"}}]])
def test_missing_parts_break_airflow_while_its_bugs_are_on(deploy: Deploy, actions: Any) -> None:
    sent = {"name": "x"} if actions is None else {"name": "x", "actions": actions}

    assert deploy().post(ROLES, json=sent).status_code == 500
    assert deploy(airflow_bugs=False).post(ROLES, json=sent).status_code == 400
    assert deploy().post(ROLES, json={"name": "x", "actions": [{}]}).status_code == 200


def test_patch_adds_and_never_takes_away(call: Caller) -> None:
    call.post(ROLES, json=body("x", "can_read Pools"))

    answer = call.patch(f"{ROLES}/x", json=body("x", "can_edit Pools", "can_read Pools"))
    assert answer.get_json() == body("x", "can_read Pools", "can_edit Pools")
    call.patch(f"{ROLES}/x?update_mask=name", json=body("x", "can_delete Pools"))
    call.patch(f"{ROLES}/x", json=body("x"))
    assert read(call, "x") == ["can_read Pools", "can_edit Pools"]


def test_renamed_role_stays_with_its_users(call: Caller) -> None:
    call.post(ROLES, json=body("x", "can_read Pools"))
    somebody(call, "Public", "x")

    assert call.patch(f"{ROLES}/x", json={"name": "y"}).get_json()["name"] == "y"
    assert call.get(f"{ROLES}/x").status_code == 404
    assert call.get("/api/v1/users/vera").get_json()["roles"] == [{"name": "Public"}, {"name": "y"}]
    assert call.get("/api/v1/pools", by="vera").status_code == 200


def test_taken_name_is_passed_over(call: Caller) -> None:
    call.post(ROLES, json=body("x", "can_read Pools"))

    answer = call.patch(f"{ROLES}/x", json=body("Op", "can_edit Pools"))
    assert (answer.status_code, answer.get_json()) == (200, body("x", "can_read Pools", "can_edit Pools"))
    assert len(read(call, "Op")) == 63


@pytest.mark.parametrize(
    ("path", "sent", "status", "told"),
    [
        ("none", {"bogus": 1}, 400, "{'name': ['Missing data for required field.'], 'bogus': ['Unknown field.']}"),
        ("none?update_mask=nope", {"name": "x"}, 404, "Role with name 'none' was not found"),
        ("Op?update_mask=nope", {"name": "Op"}, 400, "'nope' in update_mask is unknown"),
        ("Op?update_mask=permissions", body("Op"), 400, "'permissions' in update_mask is unknown"),
        ("Op?update_mask=", {"name": "Op"}, 400, "'' in update_mask is unknown"),
        ("Op", body("Op", "can_fly Pools"), 400, "The specified action: 'can_fly' was not found"),
    ],
)
def test_refused_patch_changes_nothing(call: Caller, path: str, sent: dict[str, Any], status: int, told: str) -> None:
    before = listed(call)

    assert detail(call.patch(f"{ROLES}/{path}", json=sent)) == (status, told)
    assert listed(call) == before


def test_mask_without_the_actions_it_names_breaks_airflow(call: Caller) -> None:
    assert call.patch(f"{ROLES}/Op?update_mask= actions", json={"name": "Op"}).status_code == 500


def test_deleted_role_counts_for_nothing_at_once(call: Caller) -> None:
    somebody(call, "Op", "Viewer")
    assert call.get("/api/v1/variables", by="vera").status_code == 200

    assert call.delete(f"{ROLES}/Op").status_code == 204
    assert call.get("/api/v1/variables", by="vera").status_code == 403
    assert call.get("/api/v1/pools", by="vera").status_code == 200
    assert call.get("/api/v1/users/vera").get_json()["roles"] == [{"name": "Viewer"}]
    assert detail(call.delete(f"{ROLES}/Op")) == (404, "Role with name 'Op' was not found")


@pytest.mark.parametrize("order", ["-name", "id", ""])
def test_other_orders_are_refused(call: Caller, order: str) -> None:
    expected = f"Ordering with '{order}' is disallowed or the attribute does not exist on the model"

    assert detail(call.get(ROLES, query_string={"order_by": order})) == (400, expected)


# single DAGs


def test_role_for_one_dag_sees_that_dag_only(call: Caller) -> None:
    call.post(ROLES, json=body("etl", "can_edit DAG:etl", "can_read DAG:etl", "can_read DAG Runs"))
    somebody(call, "etl")

    assert [dag["dag_id"] for dag in call.get("/api/v1/dags", by="vera").get_json()["dags"]] == ["etl"]
    assert call.get("/api/v1/dags/report", by="vera").status_code == 403
    assert call.get("/api/v1/dags/etl/dagRuns", by="vera").status_code == 200
    assert call.get("/api/v1/dags/report/dagRuns", by="vera").status_code == 403
    assert listed(call)["etl"] == ["can_read DAG Runs", "can_edit DAG:etl", "can_read DAG:etl"]


def test_runs_can_be_permitted_for_one_dag(call: Caller) -> None:
    call.post(ROLES, json=body("runs", "can_read DAGs", "can_read DAG Run:etl"))
    somebody(call, "runs")

    assert call.get("/api/v1/dags/etl/dagRuns", by="vera").status_code == 200
    assert call.get("/api/v1/dags/report/dagRuns", by="vera").status_code == 403
    assert call.get("/api/v1/dags/~/dagRuns", by="vera").status_code == 403


@pytest.mark.parametrize("lacking", ["can_read DAG Runs", "can_read Task Instances", "can_read DAGs"])
def test_task_instances_need_their_runs_too(call: Caller, lacking: str) -> None:
    needed = ["can_read DAGs", "can_read DAG Runs", "can_read Task Instances"]
    call.post(ROLES, json=body("all", *needed))
    call.post(ROLES, json=body("less", *(permission for permission in needed if permission != lacking)))
    somebody(call, "all")
    path = "/api/v1/dags/etl/dagRuns/~/taskInstances"

    assert call.get(path, by="vera").status_code == 200
    person = {"username": "vera", "email": "v@example.com", "first_name": "V", "last_name": "V"}
    call.patch("/api/v1/users/vera", json={**person, "roles": [{"name": "less"}]})
    assert call.get(path, by="vera").status_code == 403


def test_roles_of_a_world_are_numbered_before_those_made_later(deploy: Deploy) -> None:
    call = deploy({"roles": [{"name": "Zoo", "actions": []}]})
    call.post(ROLES, json=body("Aviary"))

    by_number = call.get(ROLES, query_string={"order_by": "role_id"}).get_json()["roles"]
    assert [role["name"] for role in by_number][-2:] == ["Zoo", "Aviary"]
