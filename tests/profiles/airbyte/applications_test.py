"""Airbyte's applications and tokens: the exchange by every way, its answers, its refusals by edition."""

from __future__ import annotations

import json
from uuid import UUID

import jwt
import pytest
import requests

from mock_airflow import MockAirflow

CLOCK = "2025-01-01T06:00:00Z"
EXCHANGES = ("/api/v1/applications/token", "/api/public/v1/applications/token", "/v1/applications/token")


@pytest.fixture
def airbyte():
    with MockAirflow(profile="airbyte", clock=CLOCK, frozen=True) as mock:
        yield mock


def hal(path, message="Unauthorized", error="Unauthorized"):
    told = {"message": message, "_links": {"self": {"href": path, "templated": False}}}
    return {**told, "_embedded": {"errors": [{"message": error, "_links": {}, "_embedded": {}}]}}


# ------------------------------------------------------------------------------------------------------------ exchange


def test_the_pages_three_steps(airbyte):
    pair = airbyte.credentials
    exchanged = requests.post(f"{airbyte.url}/api/v1/applications/token", json=pair)
    assert exchanged.status_code == 200
    assert list(exchanged.json()) == ["access_token"]

    token = exchanged.json()["access_token"]
    listed = requests.get(f"{airbyte.url}/api/public/v1/workspaces", headers={"Authorization": f"Bearer {token}"})
    assert listed.status_code == 200
    assert [(row["name"], row["dataResidency"]) for row in listed.json()["data"]] == [("Default Workspace", "auto")]

    airbyte.clock.advance(minutes=59, seconds=59)
    again = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{airbyte.url}/api/public/v1/workspaces", headers=again).status_code == 200
    airbyte.clock.advance(1)
    assert requests.get(f"{airbyte.url}/api/public/v1/workspaces", headers=again).status_code == 401


@pytest.mark.parametrize("path", ["/api/public/v1/applications/token", "/v1/applications/token", "/applications/token"])
@pytest.mark.parametrize("form", ["json", "data"])
@pytest.mark.parametrize("grant", [{}, {"grant_type": "client_credentials"}, {"grant-type": "client_credentials"}])
def test_the_public_endpoints_take_both_forms_and_any_spelling_of_the_grant(airbyte, path, form, grant):
    answer = requests.post(airbyte.url + path, **{form: {**airbyte.credentials, **grant}})

    assert answer.status_code == 200
    assert list(answer.json()) == ["access_token", "token_type", "expires_in"]
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("minutes", "seconds"), [("3", 180), ("15", 900), ("60", 3600), ("1440", 86400)])
def test_a_tokens_life_is_a_setting(minutes, seconds):
    with MockAirflow(profile="airbyte", airbyte_token_minutes=minutes, clock=CLOCK, frozen=True) as mock:
        answer = requests.post(f"{mock.url}/applications/token", json=mock.credentials).json()
        claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert answer["expires_in"] == claims["exp"] - claims["iat"] == seconds


def test_what_expires_in_says_may_be_another_thing_than_what_the_token_says():
    settings = {"airbyte_token_minutes": "3", "airbyte_expires_in": "900"}
    with MockAirflow(profile="airbyte", clock=CLOCK, frozen=True, **settings) as mock:
        answer = requests.post(f"{mock.url}/api/public/v1/applications/token", json=mock.credentials).json()
        claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
        assert (answer["expires_in"], claims["exp"] - claims["iat"]) == (900, 180)
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        mock.clock.advance(179)
        assert requests.get(f"{mock.url}/api/public/v1/workspaces", headers=headers).status_code == 200
        mock.clock.advance(2)
        assert requests.get(f"{mock.url}/api/public/v1/workspaces", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("edition", "algorithm", "own"),
    [
        ("enterprise", "HS256", {}),
        ("cloud", "RS256", {}),
        ("community", "HS256", {"sub": str(UUID(int=0))}),
    ],
)
def test_the_claims_by_edition(edition, algorithm, own):
    with MockAirflow(profile="airbyte", airbyte_edition=edition, clock=CLOCK, frozen=True) as mock:
        token = mock.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})

    assert jwt.get_unverified_header(token)["alg"] == algorithm
    assert claims["aud"] == "airbyte-server"
    assert own.items() <= claims.items()
    assert ("roles" in claims) is (edition == "community")


def test_a_token_of_another_server_with_the_same_seed_counts(airbyte):
    headers = airbyte.headers
    with MockAirflow(profile="airbyte", clock=CLOCK, frozen=True) as other:
        assert requests.get(f"{other.url}/api/v1/dags", headers=headers).status_code == 200
    with MockAirflow(profile="airbyte", clock=CLOCK, frozen=True, seed=1) as stranger:
        assert requests.get(f"{stranger.url}/api/v1/dags", headers=headers).status_code == 401


# ------------------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("edition", "status"), [("enterprise", 401), ("cloud", 401), ("community", 400)], ids=lambda value: str(value)
)
@pytest.mark.parametrize("wrong", [{"client_secret": "no"}, {"client_id": "no"}], ids=["secret", "id"])
def test_a_wrong_pair_by_edition(edition, status, wrong):
    with MockAirflow(profile="airbyte", airbyte_edition=edition) as mock:
        answers = [requests.post(mock.url + path, json={**mock.credentials, **wrong}) for path in EXCHANGES]
        reasons = [call.rule for call in mock.calls]
    assert {answer.status_code for answer in answers} == {status}
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/json"}
    assert set(reasons) == {"wrong secret" if "client_secret" in wrong else "unknown key"}
    if status == 400:
        assert answers[0].json() == hal(EXCHANGES[0], "Bad Request", "Invalid client id or token")
    else:
        assert [list(answer.json()) for answer in answers] == [["errorId"]] * 3


@pytest.mark.parametrize("chosen", ["400", "401", "500"])
def test_the_status_of_a_wrong_pair_is_a_setting(chosen):
    with MockAirflow(profile="airbyte", airbyte_wrong_pair=chosen) as mock:
        wrong = requests.post(mock.url + EXCHANGES[0], json={"client_id": "x", "client_secret": "y"})
    assert wrong.status_code == int(chosen)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": "{", "headers": {"Content-Type": "application/json"}}, 422),
        ({"json": {}}, 400),
        ({"json": {"client_id": "x"}}, 400),
        ({"json": {"client_id": 1, "client_secret": "y"}}, 400),
        ({"json": []}, 400),
        ({}, 400),
        ({"json": {"client_id": "x", "client_secret": "y", "grant_type": "password"}}, 400),
    ],
)
def test_a_body_that_cannot_be(airbyte, body, status):
    answer = requests.post(airbyte.url + EXCHANGES[1], **body)
    assert answer.status_code == status
    assert list(answer.json()) == ["errorId"]


def test_a_form_may_be_refused():
    with MockAirflow(profile="airbyte", airbyte_json_only=True) as mock:
        assert requests.post(mock.url + EXCHANGES[1], data=mock.credentials).status_code == 401
        assert requests.post(mock.url + EXCHANGES[1], json=mock.credentials).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/dags", "/api/v1/health", "/api/public/v1/workspaces", "/nowhere"])
@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        ({}, "no credential"),
        ({"Authorization": "Token abc"}, "scheme"),
        ({"Authorization": "Bearer"}, "malformed token"),
        ({"Authorization": "Bearer abc"}, "malformed token"),
        ({"Authorization": "Bearer " + "x" * 10_000}, "malformed token"),
    ],
)
def test_a_bearer_token_is_demanded_everywhere(airbyte, path, sent, rule):
    answer = requests.get(airbyte.url + path, headers=sent)

    assert (answer.status_code, answer.json()) == (401, hal(path))
    assert (airbyte.calls[-1].rule, airbyte.calls[-1].read_from) == (rule, "the Authorization header")


@pytest.mark.parametrize(
    ("chosen", "starts"), [("empty", ""), ("problem", '{"status":401,"type":"https'), ("hal", '{"message"')]
)
def test_the_body_of_a_refused_token_is_a_setting(chosen, starts):
    with MockAirflow(profile="airbyte", airbyte_unauthorized_body=chosen) as mock:
        text = requests.get(mock.api_url + "/dags").text
    assert text.startswith(starts)
    assert bool(text) is bool(starts)


# -------------------------------------------------------------------------------------------------------- applications


def test_applications_are_made_listed_told_again_and_deleted(airbyte):
    call = requests.Session()
    call.headers.update(airbyte.headers)
    v1, public = f"{airbyte.url}/api/v1/applications", f"{airbyte.url}/api/public/v1/applications"
    made = call.post(f"{v1}/create", json={"name": "ci"})
    assert made.status_code == 200
    application = made.json()
    assert list(application) == ["id", "name", "clientId", "clientSecret", "createdAt"]
    assert application["createdAt"] == 1735711200
    assert len(application["clientSecret"]) == 64

    assert call.get(f"{public}/{application['id']}").json() == application
    assert call.post(f"{v1}/list").json() == call.get(public).json()
    assert call.get(public).json()["applications"][-1] == application

    pair = {"client_id": application["clientId"], "client_secret": application["clientSecret"]}
    token = requests.post(f"{v1}/token", json=pair).json()["access_token"]
    assert call.delete(f"{public}/{application['id']}").json() == application
    assert call.get(f"{public}/{application['id']}").json()["title"] == "resource-not-found"
    assert requests.post(f"{v1}/token", json=pair).status_code == 401
    still = requests.get(f"{airbyte.api_url}/dags", headers={"Authorization": f"Bearer {token}"})
    assert still.status_code == 200  # a token outlives its application

    other = call.post(public, json={"name": "again"}).json()
    deleted = call.post(f"{v1}/delete", json={"applicationId": other["id"]})
    assert (deleted.status_code, deleted.text) == (200, "")


def test_tokens_may_go_with_their_application():
    with MockAirflow(profile="airbyte", airbyte_tokens_outlive_application=False) as mock:
        headers = mock.headers
        mine = requests.get(f"{mock.url}/api/public/v1/applications", headers=headers).json()["applications"][0]
        requests.delete(f"{mock.url}/api/public/v1/applications/{mine['id']}", headers=headers)
        assert requests.get(f"{mock.api_url}/dags", headers=headers).status_code == 401
        assert mock.calls[-1].rule == "revoked token"


def test_keycloak_allows_two_under_names_that_differ():
    with MockAirflow(profile="airbyte", airbyte_edition="cloud") as mock:
        v1, headers = f"{mock.url}/api/v1/applications", mock.headers
        taken = requests.post(f"{v1}/create", json={"name": "first application"}, headers=headers)
        second = requests.post(f"{v1}/create", json={"name": "second"}, headers=headers)
        third = requests.post(f"{v1}/create", json={"name": "third"}, headers=headers)
    assert (taken.status_code, second.status_code, third.status_code) == (400, 200, 400)
    assert second.json()["id"] == second.json()["clientId"]
    assert "a key with this name" in taken.text
    assert "2 Applications" in third.text


def test_the_community_edition_makes_and_deletes_none():
    with MockAirflow(profile="airbyte", airbyte_edition="community") as mock:
        v1, headers = f"{mock.url}/api/v1/applications", mock.headers
        (only,) = requests.post(f"{v1}/list", headers=headers).json()["applications"]
        made = requests.post(f"{v1}/create", json={"name": "ci"}, headers=headers)
        gone = requests.post(f"{v1}/delete", json={"applicationId": only["id"]}, headers=headers)
    assert (made.status_code, gone.status_code) == (500, 500)


# ---------------------------------------------------------------------------------------------------------- workspaces


def test_workspaces_come_in_pages_with_one_empty_page_at_the_end(airbyte):
    listed = f"{airbyte.url}/api/public/v1/workspaces"
    for number in range(4):
        requests.post(listed, json={"name": f"Team {number}"}, headers=airbyte.headers)
    sizes, url = [], f"{listed}?limit=2"
    while url:
        page = requests.get(url, headers=airbyte.headers).json()
        sizes.append(len(page["data"]))
        url = page["next"]
    assert sizes == [2, 2, 1, 0]
    assert page["previous"] == f"{airbyte.url}/v1/workspaces?includeDeleted=false&limit=2&offset=4"


def test_deleted_workspaces_are_listed_on_demand_and_ids_pick(airbyte):
    listed, headers = f"{airbyte.url}/api/public/v1/workspaces", airbyte.headers
    made = requests.post(listed, json={"name": "Old", "dataResidency": "eu"}, headers=headers).json()["workspaceId"]
    assert requests.delete(f"{listed}/{made}", headers=headers).status_code == 204

    def names(**query):
        return [row["name"] for row in requests.get(listed, params=query, headers=headers).json()["data"]]

    assert names() == ["Default Workspace"]
    assert names(includeDeleted="true") == ["Default Workspace", "Old"]
    assert names(includeDeleted="true", workspaceIds=[made]) == ["Old"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "offset=-1"])
def test_a_page_that_cannot_be(airbyte, query):
    answer = requests.get(f"{airbyte.url}/api/public/v1/workspaces?{query}", headers=airbyte.headers)
    assert (answer.status_code, answer.json()["title"]) == (400, "bad-request")


def test_a_read_only_application_changes_nothing(airbyte):
    viewer = airbyte.principal("Viewer")
    listed = f"{airbyte.url}/api/public/v1/workspaces"
    refused = requests.post(listed, json={"name": "x"}, headers=viewer.headers)

    assert (refused.status_code, refused.json()["title"]) == (403, "forbidden")
    assert refused.json()["type"] == "https://reference.airbyte.com/reference/errors#forbidden"
    assert airbyte.calls[-1].would_pass == "an application with the scope read-write"
    assert (
        requests.post(f"{airbyte.api_url}/pools", json={"name": "p", "slots": 1}, headers=viewer.headers).status_code
        == 403
    )
    assert requests.get(f"{airbyte.api_url}/dags", headers=viewer.headers).status_code == 200


# -------------------------------------------------------------------------------------------------------------- secrets


def test_no_secret_is_told_where_none_belongs(airbyte, caplog):
    pair = airbyte.credentials
    token = requests.post(f"{airbyte.url}/applications/token", data=pair).json()["access_token"]
    requests.post(f"{airbyte.url}/applications/token", json={**pair, "client_id": "unknown"})
    requests.get(f"{airbyte.api_url}/dags", headers={"Authorization": f"Bearer {token}"})
    told = [json.dumps(entry.told(), default=str) for entry in airbyte.calls]
    told += [repr(airbyte), repr(airbyte.deployment.keys.list()), repr(list(airbyte.deployment.tokens)), caplog.text]
    told += [requests.get(f"{airbyte.url}/__mock__/{path}").text for path in ("journal", "keys", "tokens")]

    assert not [text for text in told if token in text]
    assert not [text for text in told if pair["client_secret"] in text]
