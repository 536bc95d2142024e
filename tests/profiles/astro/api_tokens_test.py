"""API tokens: made, listed, read, changed, rotated, deleted through the API, and what they open."""

import pytest

from .asking import AIRFLOW, DEPLOYMENT, ORGANIZATION, TOKENS, WORKSPACE, ask, claims_of, key_token, new_token

IAM = f"/iam/v1beta1/organizations/{ORGANIZATION}/tokens"
OLDER = f"/v1alpha1/organizations/{ORGANIZATION}"
KINDS = [
    ("DEPLOYMENT", "DEPLOYMENT_ADMIN", DEPLOYMENT),
    ("WORKSPACE", "WORKSPACE_OWNER", WORKSPACE),
    ("ORGANIZATION", "ORGANIZATION_OWNER", None),
]


@pytest.mark.parametrize(("kind", "role", "entity"), KINDS)
def test_each_kind_is_used_as_it_is(astro, kind, role, entity):
    made = new_token(astro, kind, role, entity, description="for CI", tokenExpiryPeriodInDays=30)

    assert made["roles"] == [{"entityType": kind, "entityId": entity or ORGANIZATION, "role": role}]
    assert {name: made[name] for name in ("name", "description", "type", "startAt", "endAt", "expiryPeriodInDays")} == {
        "name": "ci",
        "description": "for CI",
        "type": kind,
        "startAt": "2023-05-04T10:00:00Z",
        "endAt": "2023-06-03T10:00:00Z",
        "expiryPeriodInDays": 30,
    }
    assert made["createdBy"] == made["updatedBy"]
    assert made["createdBy"]["subjectType"] == "SERVICEKEY"
    assert ask(astro, f"{AIRFLOW}/api/v1/users", made["token"]).status_code == 200


@pytest.mark.parametrize(("kind", "role", "entity"), KINDS)
def test_claims_that_the_command_line_reads(astro, kind, role, entity):
    made = new_token(astro, kind, role, entity)
    claims = claims_of(made["token"])

    assert claims["apiTokenId"] == made["id"]
    assert claims["isAstronomerGenerated"] is True
    assert {"org_id", "scope", "version", "kid", "exp"} <= {*claims}
    named = dict(permission.split(":") for permission in claims["permissions"])
    assert named["organizationId"] == ORGANIZATION
    assert ("workspaceId" in named) == (kind != "ORGANIZATION")
    assert "endAt" not in made


def test_list_and_get_never_tell_the_value(astro):
    made = new_token(astro)
    by = key_token(astro)
    listed = ask(astro, TOKENS, by).json
    assert {name: listed[name] for name in ("limit", "offset", "totalCount")} == {
        "limit": 20,
        "offset": 0,
        "totalCount": 1,
    }
    assert [row["id"] for row in listed["tokens"]] == [made["id"]]
    for row in (*listed["tokens"], ask(astro, f"{IAM}/{made['id']}", by).json):
        assert "token" not in row
        assert made["token"].endswith(row["shortToken"])


def test_lists_come_in_pages_and_by_what_they_are_for(astro):
    by = key_token(astro)
    for number in range(3):
        new_token(astro, by=by, name=f"o{number}")
    new_token(astro, "WORKSPACE", "WORKSPACE_MEMBER", WORKSPACE, by=by, name="w")

    second = ask(astro, f"{TOKENS}?offset=1&limit=2", by).json
    assert ([row["name"] for row in second["tokens"]], second["totalCount"]) == (["o1", "o2"], 4)
    of_workspace = ask(astro, f"{TOKENS}?workspaceId={WORKSPACE}", by).json
    assert [row["name"] for row in of_workspace["tokens"]] == ["w"]
    assert ask(astro, f"{TOKENS}?includeOnlyOrganizationTokens=true", by).json["totalCount"] == 3
    assert ask(astro, f"{TOKENS}?limit=x", by).status_code == 400


def test_last_use_is_told(astro):
    made = new_token(astro)
    assert "lastUsedAt" not in made
    astro.clock.advance(minutes=1)
    ask(astro, f"{AIRFLOW}/api/v1/dags", made["token"])
    assert ask(astro, f"{TOKENS}/{made['id']}", key_token(astro)).json["lastUsedAt"] == "2023-05-04T10:01:00Z"


def test_update_changes_name_and_description(astro):
    made, by = new_token(astro), key_token(astro)
    changed = ask(astro, f"{TOKENS}/{made['id']}", by, "POST", body={"name": "nightly", "description": "d"}).json
    assert (changed["name"], changed["description"], changed["id"]) == ("nightly", "d", made["id"])
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", made["token"]).status_code == 200

    roles = [{"entityType": "WORKSPACE", "entityId": WORKSPACE, "role": "WORKSPACE_MEMBER"}]
    assert ask(astro, f"{IAM}/{made['id']}/roles", by, "POST", body={"roles": roles}).json == {"roles": roles}
    assert ask(astro, f"{AIRFLOW}/api/v1/users", made["token"]).status_code == 403  # at once, with the same value


@pytest.mark.parametrize("by_the_tools", [False, True])
def test_rotation_stops_the_old_value_at_once(astro, by_the_tools):
    made = new_token(astro, tokenExpiryPeriodInDays=10)
    astro.clock.advance(days=4)
    if by_the_tools:
        value = astro.keys.rotate(made["id"]).secret
    else:
        told = ask(astro, f"{TOKENS}/{made['id']}/rotate", key_token(astro), "POST").json
        assert (told["id"], told["startAt"], told["endAt"]) == (
            made["id"],
            "2023-05-08T10:00:00Z",
            "2023-05-18T10:00:00Z",
        )
        value = told["token"]

    assert value != made["token"]
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", made["token"]).status_code == 401
    assert (astro.calls[-1].rule, astro.calls[-1].since) == ("revoked", astro.clock.now())
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", value).status_code == 200


def test_deletion_is_at_once_and_for_good(astro):
    made, by = new_token(astro), key_token(astro)
    assert ask(astro, f"{TOKENS}/{made['id']}", by, "DELETE").status_code == 204

    assert ask(astro, f"{AIRFLOW}/api/v1/dags", made["token"]).status_code == 401
    gone = ask(astro, f"{TOKENS}/{made['id']}", by)
    assert (gone.status_code, gone.json["message"], gone.json["statusCode"]) == (404, "API token not found", 404)
    assert gone.json["requestId"]
    assert ask(astro, TOKENS, by).json["totalCount"] == 0


def test_expiry_is_on_the_clock(astro):
    made = new_token(astro, tokenExpiryPeriodInDays=1)
    astro.clock.advance(hours=24)
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", made["token"]).status_code == 401
    assert astro.calls[-1].rule == "expired"


def test_one_that_is_revoked_by_the_tools_is_refused(astro):
    made = new_token(astro)
    astro.keys.revoke(made["id"])
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", made["token"]).status_code == 401
    assert made["id"] in astro.calls[-1].reason


@pytest.mark.parametrize(
    ("role", "airflow"),
    [
        ("WORKSPACE_OWNER", "Admin"),
        ("WORKSPACE_OPERATOR", "Op"),
        ("WORKSPACE_AUTHOR", "User"),
        ("WORKSPACE_MEMBER", "Viewer"),
        ("WORKSPACE_ACCESSOR", None),
    ],
)
def test_workspaces_roles_map_to_airflows(astro, role, airflow):
    astro.add_dag("etl", ["extract"])
    token = new_token(astro, "WORKSPACE", role, WORKSPACE)["token"]
    statuses = [
        ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code,
        ask(astro, f"{AIRFLOW}/api/v1/dags/etl/dagRuns", token, "POST", body={}).status_code,
        ask(astro, f"{AIRFLOW}/api/v1/variables", token).status_code,
        ask(astro, f"{AIRFLOW}/api/v1/users", token).status_code,
    ]
    assert (
        statuses
        == {
            "Admin": [200, 200, 200, 200],
            "Op": [200, 200, 200, 403],
            "User": [200, 200, 403, 403],
            "Viewer": [200, 403, 403, 403],
            None: [403, 403, 403, 403],
        }[airflow]
    )


@pytest.mark.parametrize("role", ["ORGANIZATION_MEMBER", "ORGANIZATION_BILLING_ADMIN"])
def test_members_of_the_organization_have_no_way_in(astro, role):
    token = new_token(astro, role=role)["token"]
    answer = ask(astro, f"{AIRFLOW}/api/v1/dags", token)
    assert (answer.status_code, answer.text) == (403, "Forbidden\n")
    assert (astro.calls[-1].rule, role in astro.calls[-1].reason) == ("no role", True)


def test_a_token_manages_only_what_it_owns(astro):
    of_deployment = new_token(astro, "DEPLOYMENT", "DEPLOYMENT_ADMIN", DEPLOYMENT)["token"]
    member = new_token(astro, "WORKSPACE", "WORKSPACE_MEMBER", WORKSPACE)["token"]
    body = {"name": "x", "type": "ORGANIZATION", "role": "ORGANIZATION_OWNER"}

    refused = ask(astro, TOKENS, of_deployment, "POST", body=body)
    assert (refused.status_code, refused.json["statusCode"]) == (403, 403)
    assert astro.calls[-1].would_pass
    assert new_token(astro, "DEPLOYMENT", "DEPLOYMENT_ADMIN", DEPLOYMENT, by=of_deployment)["id"]
    assert ask(astro, TOKENS, of_deployment).json["totalCount"] == 2  # not the workspace's
    assert ask(astro, TOKENS, member).status_code == 403


def test_whether_a_key_manages_tokens_is_a_setting():
    from mock_airflow import MockAirflow

    with MockAirflow(profile="astro", astro_keys_manage_tokens=False) as mock:
        assert ask(mock, TOKENS, key_token(mock)).status_code == 403


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "type is required"),
        ({"type": "PLANET"}, "type is one of"),
        ({"type": "ORGANIZATION"}, "name is required"),
        ({"type": "ORGANIZATION", "name": "x", "role": "KING"}, "role is one of"),
        ({"type": "WORKSPACE", "name": "x", "role": "WORKSPACE_OWNER"}, "entityId is required"),
        (
            {"type": "ORGANIZATION", "name": "x", "role": "ORGANIZATION_OWNER", "tokenExpiryPeriodInDays": 0},
            "tokenExpiryPeriodInDays",
        ),
        ([], "a JSON object is expected"),
    ],
)
def test_a_body_that_makes_no_sense(astro, body, said):
    by = key_token(astro)
    answer = ask(astro, TOKENS, by, "POST", body=body)
    assert answer.status_code == 400
    assert said in answer.json["message"]
    assert ask(astro, TOKENS, by).json["totalCount"] == 0


def test_who_is_nobody_gets_the_apis_error(astro):
    for token in (None, "x.y.z"):
        answer = ask(astro, TOKENS, token)
        assert (answer.status_code, set(answer.json)) == (401, {"message", "requestId", "statusCode"})
        assert astro.calls[-1].rule
    elsewhere = ask(astro, "/v1/organizations/other/tokens", key_token(astro))
    assert elsewhere.status_code == 403


@pytest.mark.parametrize(
    ("below", "role"),
    [
        ("", "ORGANIZATION_OWNER"),
        (f"/workspaces/{WORKSPACE}", "WORKSPACE_OWNER"),
        (f"/deployments/{DEPLOYMENT}", "DEPLOYMENT_ADMIN"),
    ],
)
def test_the_command_lines_older_paths(astro, below, role):
    by, path = key_token(astro), f"{OLDER}{below}/api-tokens"
    made = ask(astro, path, by, "POST", body={"name": "ci", "role": role}).json
    assert [row["id"] for row in ask(astro, path, by).json["apiTokens"]] == [made["id"]]
    changed = ask(astro, f"{path}/{made['id']}", by, "POST", body={"name": "new", "role": role}).json
    assert (changed["name"], changed["roles"]) == ("new", made["roles"])
    rotated = ask(astro, f"{path}/{made['id']}/rotate", by, "POST").json["token"]
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", rotated).status_code == 200
    assert ask(astro, f"{path}/{made['id']}", by, "DELETE").status_code == 204
    assert ask(astro, f"{path}/{made['id']}", by).status_code == 404


def test_deletion_of_the_deployment_takes_its_keys_along(astro):
    owner = new_token(astro)["token"]
    of_deployment = new_token(astro, "DEPLOYMENT", "DEPLOYMENT_ADMIN", DEPLOYMENT)["token"]
    exchanged = key_token(astro)
    path = f"/v1/organizations/{ORGANIZATION}/deployments/{DEPLOYMENT}"
    assert ask(astro, path, exchanged, "DELETE").status_code == 403  # a Deployment API key may not
    assert ask(astro, path, owner, "DELETE").status_code == 204

    for token in (exchanged, of_deployment):
        assert ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code == 401
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", owner).status_code == 404
    assert astro.calls[-1].rule == "deleted deployment"
    from .asking import exchange

    assert exchange(astro).status_code == 401
    assert ask(astro, f"/v1/organizations/{ORGANIZATION}/deployments", owner).json["totalCount"] == 0


def test_token_of_another_deployment_is_refused(astro):
    owner = new_token(astro)["token"]
    path = f"/v1/organizations/{ORGANIZATION}/deployments"
    assert ask(astro, path, key_token(astro), "POST", body={"name": "other"}).status_code == 403
    other = ask(astro, path, owner, "POST", body={"name": "other"}).json
    token = new_token(astro, "DEPLOYMENT", "DEPLOYMENT_ADMIN", other["id"], by=owner)["token"]

    assert ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code == 403
    assert DEPLOYMENT in astro.calls[-1].reason
    address = other["webServerAirflowApiUrl"].partition("/")[2]
    assert ask(astro, f"/{address}/dags", token).status_code == 404  # it has no Airflow here
    assert ask(astro, f"/{address}/dags", key_token(astro)).status_code == 403
    assert ask(astro, path, token).json["totalCount"] == 1


def test_tools_find_their_airflow(astro):
    by = key_token(astro)
    config = ask(astro, "/hub/auth-config").json
    assert (config["audience"], config["domainUrl"]) == ("astronomer-ee", "http://localhost/")
    assert ask(astro, "/private/v1alpha1/cli/auth-config").json == ask(astro, "/auth-config").json == config
    for version in ("v1", "platform/v1beta1", "v1alpha1"):
        (organization,) = ask(astro, f"/{version}/organizations", by).json["organizations"]
        base = f"/{version}/organizations/{organization['id']}"
        (deployment,) = ask(astro, f"{base}/deployments", by).json["deployments"]
        assert deployment["webServerAirflowApiUrl"] == "localhost/dz3uu847/api/v1"
        assert ask(astro, f"{base}/deployments/{deployment['id']}", by).json == deployment
        (workspace,) = ask(astro, f"{base}/workspaces", by).json["workspaces"]
        assert workspace["id"] == deployment["workspaceId"] == WORKSPACE
        assert organization["product"]


def test_reset_brings_keys_and_deployments_back(astro):
    owner = new_token(astro)["token"]
    ask(astro, f"/v1/organizations/{ORGANIZATION}/deployments/{DEPLOYMENT}", owner, "DELETE")
    astro.reset()
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", key_token(astro)).status_code == 200
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", owner).status_code == 401
