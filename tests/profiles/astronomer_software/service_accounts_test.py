"""Houston's service accounts: made, listed, changed, deleted in GraphQL, and what their keys then open."""

import re

import pytest

from .asking import AIRFLOW, CREATE, DELETE, DEPLOYMENT, LIST, WORKSPACE, answered, get, graphql, new_key


def test_new_one_is_told_with_its_key_and_told_again(software):
    made = new_key(software)

    assert re.fullmatch(r"[0-9a-f]{32}", made["apiKey"])
    assert re.fullmatch(r"ck[0-9a-z]{23}", made["id"])
    assert {
        name: made[name] for name in ("label", "category", "active", "lastUsedAt", "entityType", "deploymentUuid")
    } == {
        "label": "ci",
        "category": "default",
        "active": True,
        "lastUsedAt": None,
        "entityType": "DEPLOYMENT",
        "deploymentUuid": DEPLOYMENT,
    }
    assert made["createdAt"] == made["updatedAt"] == "2020-07-22T15:44:28.000Z"

    software.clock.advance(days=30)
    listed = graphql(software, LIST, deploymentUuid=DEPLOYMENT)["data"]["deploymentServiceAccounts"]
    assert [(row["id"], row["apiKey"], row["entityUuid"]) for row in listed] == [
        (made["id"], made["apiKey"], DEPLOYMENT)
    ]


def test_key_is_starred_after_a_while_where_houston_is_set_so(software):
    from mock_airflow import MockAirflow

    with MockAirflow(profile="astronomer-software", astronomer_software_key_shown_minutes=10, frozen=True) as mock:
        key = new_key(mock)["apiKey"]
        mock.clock.advance(minutes=9)
        assert graphql(mock, LIST, deploymentUuid=DEPLOYMENT)["data"]["deploymentServiceAccounts"][0]["apiKey"] == key
        mock.clock.advance(minutes=1)
        told = graphql(mock, LIST, deploymentUuid=DEPLOYMENT)["data"]["deploymentServiceAccounts"][0]["apiKey"]
        assert told == key[:6] + "*" * 26
        assert get(mock, f"{AIRFLOW}/api/v1/dags", {"Authorization": key}).status_code == 200


def test_last_use_is_noted(software):
    key = new_key(software)["apiKey"]
    software.clock.advance(minutes=5)
    assert get(software, f"{AIRFLOW}/api/v1/pools", {"Authorization": key}).status_code == 200

    listed = graphql(software, LIST, deploymentUuid=DEPLOYMENT)["data"]["deploymentServiceAccounts"]
    assert listed[0]["lastUsedAt"] == "2020-07-22T15:49:28.000Z"


def test_deleted_one_is_refused_on_the_very_next_request(software):
    made = new_key(software)
    opens = {"Authorization": made["apiKey"]}
    assert get(software, f"{AIRFLOW}/api/v1/pools", opens).status_code == 200

    gone = graphql(software, DELETE, serviceAccountUuid=made["id"], deploymentUuid=DEPLOYMENT)
    assert gone["data"]["deleteDeploymentServiceAccount"] == {
        "id": made["id"],
        "apiKey": made["apiKey"],
        "label": "ci",
        "roleBinding": {"role": "DEPLOYMENT_EDITOR"},
    }
    assert get(software, f"{AIRFLOW}/api/v1/pools", opens).status_code == 302
    assert software.calls[-1].rule == "unknown key"
    again = graphql(software, DELETE, serviceAccountUuid=made["id"], deploymentUuid=DEPLOYMENT)
    assert again["data"] is None
    assert again["errors"][0]["extensions"] == {"code": "RESOURCE_NOT_FOUND"}
    assert again["errors"][0]["message"] == "The requested resource was not found"


def test_revoked_one_is_refused_and_told_as_inactive(software):
    made = new_key(software)
    software.keys.revoke(made["id"])

    assert get(software, f"{AIRFLOW}/api/v1/pools", {"Authorization": made["apiKey"]}).status_code == 302
    assert (software.calls[-1].rule, software.calls[-1].since) == ("revoked key", software.clock.now())
    assert graphql(software, LIST, deploymentUuid=DEPLOYMENT)["data"]["deploymentServiceAccounts"][0]["active"] is False


@pytest.mark.parametrize(
    ("role", "status"), [("DEPLOYMENT_VIEWER", 403), ("DEPLOYMENT_EDITOR", 200), ("DEPLOYMENT_ADMIN", 200)]
)
def test_role_maps_to_airflows(software, role, status):
    software.add_dag("etl", ["extract"])
    opens = {"Authorization": new_key(software, role)["apiKey"]}

    assert get(software, f"{AIRFLOW}/api/v1/dags/etl", opens).status_code == 200
    answer = get(software, f"{AIRFLOW}/api/v1/dags/etl/dagRuns", opens, "POST", json={})
    assert answer.status_code == status
    mayhap = get(software, f"{AIRFLOW}/api/v1/users", opens).status_code
    assert mayhap == (200 if role == "DEPLOYMENT_ADMIN" else 403)


def test_change_of_a_role_counts_at_once(software):
    made = new_key(software, "DEPLOYMENT_VIEWER")
    changing = """mutation ($id: Uuid!, $d: Uuid!, $p: JSON) {
      updateDeploymentServiceAccount(serviceAccountUuid: $id, deploymentUuid: $d, payload: $p) {
        label category apiKey roleBinding { role deployment { releaseName } }
      }
    }"""
    payload = {"label": "nightly", "role": "DEPLOYMENT_ADMIN", "apiKey": "mine"}
    told = graphql(software, changing, id=made["id"], d=DEPLOYMENT, p=payload)
    assert told["data"]["updateDeploymentServiceAccount"] == {
        "label": "nightly",
        "category": "default",
        "apiKey": made["apiKey"],
        "roleBinding": {"role": "DEPLOYMENT_ADMIN", "deployment": {"releaseName": "quasar-1234"}},
    }
    assert get(software, f"{AIRFLOW}/api/v1/users", {"Authorization": made["apiKey"]}).status_code == 200


def test_workspaces_role_holds_in_its_deployments(software):
    making = """mutation ($w: Uuid!) {
      createWorkspaceServiceAccount(label: "team", category: "", workspaceUuid: $w, role: WORKSPACE_EDITOR) {
        id apiKey workspaceUuid entityType
      }
    }"""
    made = graphql(software, making, w=WORKSPACE)["data"]["createWorkspaceServiceAccount"]
    assert (made["workspaceUuid"], made["entityType"]) == (WORKSPACE, "WORKSPACE")
    opens = {"Authorization": made["apiKey"]}
    assert get(software, f"{AIRFLOW}/api/v1/dags", opens).status_code == 200
    assert get(software, f"{AIRFLOW}/api/v1/users", opens).status_code == 403

    rows = graphql(software, "query ($w: Uuid!) { workspaceServiceAccounts(workspaceUuid: $w) { id } }", w=WORKSPACE)
    assert made["id"] in [row["id"] for row in rows["data"]["workspaceServiceAccounts"]]
    assert graphql(software, LIST, deploymentUuid=DEPLOYMENT)["data"]["deploymentServiceAccounts"] == []


def test_oldest_verbs(software):
    making = """mutation { createServiceAccount(
      label: "old", category: "c", entityType: DEPLOYMENT, entityUuid: "ckd0000000001", role: DEPLOYMENT_VIEWER
    ) { id apiKey entityUuid } }"""
    made = graphql(software, making)["data"]["createServiceAccount"]
    assert made["entityUuid"] == DEPLOYMENT
    reading = '{ serviceAccounts(entityType: DEPLOYMENT, entityUuid: "ckd0000000001") { id label } }'
    assert graphql(software, reading)["data"]["serviceAccounts"] == [{"id": made["id"], "label": "old"}]
    gone = graphql(software, f'mutation {{ deleteServiceAccount(serviceAccountUuid: "{made["id"]}") {{ label }} }}')
    assert gone["data"]["deleteServiceAccount"] == {"label": "old"}

    mixed = making.replace("role: DEPLOYMENT_VIEWER", "role: WORKSPACE_VIEWER")
    refused = graphql(software, mixed)["errors"][0]
    assert (refused["message"], refused["extensions"]["code"]) == (
        "Entity and role types don't match",
        "BAD_USER_INPUT",
    )


def test_key_of_another_deployment_is_refused_with_the_page(software):
    make = 'mutation { createDeployment(workspaceUuid: "ckw0000000001", label: "other", releaseName: "nova-7") { id } }'
    other = graphql(software, make)["data"]["createDeployment"]["id"]
    told = graphql(software, CREATE, label="x", deploymentUuid=other, role="DEPLOYMENT_ADMIN")
    opens = {"Authorization": told["data"]["createDeploymentServiceAccount"]["apiKey"]}

    answer = get(software, f"{AIRFLOW}/api/v1/dags", opens)
    assert (answer.status_code, answer.content_type) == (403, "text/html; charset=utf-8")
    assert software.calls[-1].rule == "no role"
    assert DEPLOYMENT in software.calls[-1].would_pass
    assert get(software, "/nova-7/airflow/api/v1/dags", opens).status_code == 503
    assert get(software, "/nova-7/airflow/api/v1/dags", {}).status_code == 302

    delete = f'mutation {{ deleteDeployment(deploymentUuid: "{other}") {{ id }} }}'
    assert graphql(software, delete)["data"]["deleteDeployment"] == {"id": other}
    assert get(software, f"{AIRFLOW}/api/v1/dags", opens).status_code == 302  # the key went with its deployment


def test_keys_go_with_the_deployment_and_so_does_its_airflow(software):
    opens = {"Authorization": new_key(software)["apiKey"]}
    graphql(software, 'mutation { deleteDeployment(deploymentUuid: "ckd0000000001") { id } }')

    assert get(software, f"{AIRFLOW}/api/v1/dags", opens).status_code == 302
    assert get(software, f"{AIRFLOW}/api/v1/dags").status_code == 404
    software.reset()
    assert get(software, f"{AIRFLOW}/api/v1/dags").status_code == 200


@pytest.mark.parametrize(
    ("headers", "code", "rule"),
    [({}, "UNAUTHENTICATED", "no credential"), ({"Authorization": "f" * 32}, "UNAUTHENTICATED", "unknown key")],
)
def test_strangers_are_refused_in_apollos_way(software, headers, code, rule):
    answer = answered(software, {"query": LIST, "variables": {"deploymentUuid": DEPLOYMENT}}, headers)

    assert answer.status_code == 200
    assert answer.json["data"] == {"deploymentServiceAccounts": None}
    assert answer.json["errors"] == [
        {
            "message": "You do not have the appropriate permissions for that",
            "locations": [{"line": 3, "column": 3}],
            "path": ["deploymentServiceAccounts"],
            "extensions": {"code": code},
        }
    ]
    call = software.calls[-1]
    assert (call.decision, call.rule) == ("refused", rule)
    assert "deployment.serviceAccounts.get" in call.reason


def test_viewer_lists_and_does_not_make(software):
    viewer = {"Authorization": new_key(software, "DEPLOYMENT_VIEWER")["apiKey"]}
    assert "errors" not in graphql(software, LIST, viewer, deploymentUuid=DEPLOYMENT)

    refused = graphql(software, CREATE, viewer, label="x", deploymentUuid=DEPLOYMENT, role="DEPLOYMENT_VIEWER")
    assert (refused["data"], refused["errors"][0]["extensions"]) == (None, {"code": "FORBIDDEN"})
    assert "deployment.serviceAccounts.create" in software.calls[-1].would_pass


def test_what_succeeded_before_a_refusal_stays(software):
    both = """mutation {
      a: createDeploymentServiceAccount(label: "a", deploymentUuid: "ckd0000000001", role: DEPLOYMENT_VIEWER) { id }
      b: createDeploymentServiceAccount(label: "b", deploymentUuid: "nowhere", role: DEPLOYMENT_VIEWER) { id }
    }"""
    told = graphql(software, both)
    assert (told["data"], told["errors"][0]["path"]) == (None, ["b"])
    listed = graphql(software, LIST, deploymentUuid=DEPLOYMENT)["data"]["deploymentServiceAccounts"]
    assert [row["label"] for row in listed] == ["a"]
