"""Users' temporary tokens and the platform's own; sdk_tests/authlib checks such tokens' signatures."""

import base64
import json

from werkzeug.test import Client

from .asking import AIRFLOW, DEPLOYMENT, LIST, get, graphql, new_key

LOGIN = """mutation ($name: String, $password: String) {
  createToken(identity: $name, password: $password) { token { value payload { iat exp uuid } } user { id username } }
}"""


def claims_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_users_token_is_good_for_a_day(software):
    told = graphql(software, LOGIN, {}, name="vera", password="vera")["data"]["createToken"]
    token, user = told["token"]["value"], told["user"]
    claims = claims_of(token)
    assert claims["exp"] - claims["iat"] == 86400
    assert claims["uuid"] == user["id"] == told["token"]["payload"]["uuid"]

    for opens in ({"Authorization": token}, {"Authorization": f"Bearer {token}"}):
        assert get(software, f"{AIRFLOW}/api/v1/dags", opens).status_code == 200
    assert software.calls[-1].principal == "vera"
    assert get(software, f"{AIRFLOW}/api/v1/users", opens).status_code == 403  # a Viewer

    software.clock.advance(hours=24)
    assert get(software, f"{AIRFLOW}/api/v1/dags", opens).status_code == 302
    assert (software.calls[-1].rule, software.calls[-1].since) == ("token: expired", software.clock.now())


def test_wrong_password_and_unknown_user(software):
    wrong = graphql(software, LOGIN, {}, name="vera", password="no")["errors"][0]
    assert wrong["message"] == "Invalid password and username combination"
    unknown = graphql(software, LOGIN, {}, name="nobody", password="no")["errors"][0]
    assert unknown["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_token_page_is_for_who_is_logged_in(software):
    browser = Client(software.deployment.wsgi)
    assert browser.get("/token").headers["Location"] == "/login"
    target = "http://localhost/quasar-1234/airflow/api/v1/dags"
    refused = browser.post(f"/login?rd={target}", data={"identity": "vera", "password": "no"})
    assert (refused.status_code, "Set-Cookie" in refused.headers) == (200, False)
    logged_in = browser.post(f"/login?rd={target}", data={"identity": "vera", "password": "vera"})
    assert (logged_in.status_code, logged_in.headers["Location"]) == (302, target)

    assert browser.get(target).status_code == 200  # by the cookie alone
    page = browser.get("/token")
    token = page.text.split('<pre id="token">')[1].split("</pre>")[0]
    assert page.headers.getlist("Cache-Control") == ["no-store"]
    assert get(software, f"{AIRFLOW}/api/v1/dags", {"Authorization": token}).status_code == 200

    elsewhere = Client(software.deployment.wsgi).post(
        "/login?rd=http://localhost.evil.example/", data={"identity": "vera", "password": "vera"}
    )
    assert elsewhere.headers["Location"] == "/token"


def test_administrator_who_logged_in_makes_keys(software):
    token = graphql(software, LOGIN, {}, name="adam", password="adam")["data"]["createToken"]["token"]["value"]
    admin = {"Authorization": token}
    assert "errors" not in graphql(software, LIST, admin, deploymentUuid=DEPLOYMENT)
    assert graphql(software, "{ self { isAdmin user { username } } }", admin)["data"]["self"] == {
        "isAdmin": True,
        "user": {"username": "adam"},
    }


def test_token_ends_with_its_user(software):
    token = graphql(software, LOGIN, {}, name="vera", password="vera")["data"]["createToken"]["token"]["value"]
    assert get(software, f"{AIRFLOW}/api/v1/users/vera", method="DELETE").status_code == 204
    assert get(software, f"{AIRFLOW}/api/v1/dags", {"Authorization": token}).status_code == 302
    assert software.calls[-1].rule == "unknown user"


def test_authorization_subrequest(software):
    made = new_key(software)
    url = "https://deployments.example.com/quasar-1234/airflow/api/v1/dags"

    def asked(key, original):
        headers = {"X-Original-URL": original} | ({"Authorization": key} if key else {})
        return get(software, "/v1/authorization", headers)

    let_in = asked(made["apiKey"], url)
    assert (let_in.status_code, let_in.text) == (200, "OK")
    claims = claims_of(let_in.headers["Authorization"].removeprefix("Bearer "))
    assert {name: claims[name] for name in ("aud", "sub", "roles", "email", "full_name")} == {
        "aud": "deployments.example.com/quasar-1234",
        "sub": made["id"],
        "roles": ["User"],
        "email": f"{made['id']}@sa.astro.io",
        "full_name": "Service Account: ci",
    }
    for key, original, answer in (
        (None, url, (401, "Unauthorized")),
        ("f" * 32, url, (401, "Unauthorized")),
        (made["apiKey"], "https://grafana.example.com/quasar-1234/airflow", (401, "Unauthorized")),
        (made["apiKey"], "https://deployments.example.com/nova-1/airflow", (403, "Forbidden")),
        (made["apiKey"], "", (401, "Unauthorized")),
    ):
        refused = asked(key, original)
        assert (refused.status_code, refused.text) == answer
        assert refused.content_type == "text/plain; charset=utf-8"
        assert software.calls[-1].rule
    # the gate's own token says who calls Airflow; it is nobody's at Houston
    platform = let_in.headers["Authorization"]
    assert get(software, f"{AIRFLOW}/api/v1/dags", {"Authorization": platform}).status_code == 302
