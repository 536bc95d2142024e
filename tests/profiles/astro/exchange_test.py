"""The exchange of a Deployment API key for a token, with Auth0's answers, and what the token then opens."""

import base64
import json
import logging

import pytest
import requests

from mock_airflow import MockAirflow

from .asking import AIRFLOW, DEPLOYMENT, ORGANIZATION, WORKSPACE, ask, claims_of, exchange, key_token, pair


def test_the_pages_exchange_and_call(astro):
    answer = requests.post(f"{astro.url}/oauth/token", json=pair(astro))

    assert answer.status_code == 200
    told = answer.json()
    assert {name: told[name] for name in told if name != "access_token"} == {
        "scope": "",
        "expires_in": 86400,
        "token_type": "Bearer",
    }
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    assert astro.api_url == f"{astro.url}{AIRFLOW}/api/v1"
    assert requests.get(f"{astro.api_url}/dags", headers=bearer).json() == {"dags": [], "total_entries": 0}
    assert requests.get(f"{astro.url}/api/v1/dags", headers=bearer).status_code == 200


def test_a_form_and_a_basic_header_do_as_well(astro):
    form = requests.post(f"{astro.url}/oauth/token", data=pair(astro))
    assert form.json()["token_type"] == "Bearer"
    basic = (astro.credentials["key_id"], astro.credentials["key_secret"])
    bare = pair(astro, client_id=None, client_secret=None)
    assert requests.post(f"{astro.url}/oauth/token", data=bare, auth=basic).status_code == 200


def test_claims(astro):
    claims = claims_of(key_token(astro))
    id = astro.credentials["key_id"]
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("http://localhost/", "astronomer-ee", f"{id}@clients")
    assert (claims["azp"], claims["gty"]) == (id, "client-credentials")
    assert claims["exp"] - claims["iat"] == 86400
    assert claims["iat"] == int(astro.clock.now().timestamp())
    assert claims["permissions"] == [
        f"deploymentId:{DEPLOYMENT}",
        f"workspaceId:{WORKSPACE}",
        f"organizationId:{ORGANIZATION}",
    ]


@pytest.mark.parametrize(
    ("changed", "status", "error", "description", "rule"),
    [
        ({"client_secret": "wrong"}, 401, "access_denied", "Unauthorized", "wrong secret"),
        ({"client_id": "nobody"}, 401, "access_denied", "Unauthorized", "unknown key"),
        ({"audience": "other"}, 403, "access_denied", "Service not found: other", "audience"),
        (
            {"audience": None},
            403,
            "access_denied",
            "No audience parameter was provided, and no default audience has been configured",
            "audience",
        ),
        (
            {"grant_type": "password"},
            403,
            "unauthorized_client",
            "Grant type 'password' not allowed for the client.",
            "grant type",
        ),
        ({"grant_type": None}, 400, "invalid_request", "Missing required parameter: grant_type", "missing parameter"),
        ({"client_id": None}, 400, "invalid_request", "Missing required parameter: client_id", "missing parameter"),
        (
            {"client_secret": None},
            400,
            "invalid_request",
            "Missing required parameter: client_secret",
            "missing parameter",
        ),
        ({"client_id": "x" * 10_000}, 401, "access_denied", "Unauthorized", "unknown key"),
        ({"client_secret": "\xe9\u2603"}, 401, "access_denied", "Unauthorized", "wrong secret"),
    ],
)
@pytest.mark.parametrize("form", ["json", "data"])
def test_refusals_are_auth0s(astro, changed, status, error, description, rule, form):
    answer = ask(astro, "/oauth/token", method="POST", **{form: pair(astro, **changed)})

    assert (answer.status_code, answer.json) == (status, {"error": error, "error_description": description})
    call = astro.calls[-1]
    assert (call.decision, call.rule) == ("refused", rule)
    assert call.reason
    assert call.would_pass
    assert call.read_from


def test_a_body_that_is_no_json(astro):
    answer = ask(astro, "/oauth/token", method="POST", data="{", content_type="application/json")
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert ask(astro, "/oauth/token", method="POST").json["error"] == "invalid_request"
    assert ask(astro, "/oauth/token", method="POST", body=[1]).json["error"] == "invalid_request"
    assert exchange(astro, client_secret=5).json["error"] == "invalid_request"


def test_a_missing_parameters_status_is_a_setting():
    with MockAirflow(profile="astro", astro_missing_parameter_status="403") as mock:
        assert exchange(mock, grant_type=None).status_code == 403


def test_token_ends_after_a_day(astro):
    token = key_token(astro)
    astro.clock.advance(hours=23, minutes=59, seconds=59)
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code == 200
    astro.clock.advance(1)

    answer = ask(astro, f"{AIRFLOW}/api/v1/dags", token)
    assert (answer.status_code, answer.text, answer.content_type) == (
        401,
        "Not authorized\n",
        "text/plain; charset=utf-8",
    )
    assert (astro.calls[-1].rule, astro.calls[-1].since) == ("expired", astro.clock.now())


def test_deleted_key_is_gone_for_good_and_what_it_was_exchanged_for_is_not(astro):
    token = key_token(astro)
    astro.keys.delete(astro.credentials["key_id"])

    answer = exchange(astro)
    assert (answer.status_code, answer.json["error_description"]) == (401, "Unauthorized")
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code == 200


@pytest.mark.parametrize("how", ["delete", "revoke", "expire"])
def test_tokens_may_go_with_their_key(how):
    with MockAirflow(profile="astro", astro_tokens_outlive_keys=False) as mock:
        token = key_token(mock)
        getattr(mock.keys, how)(mock.credentials["key_id"])
        assert ask(mock, "/api/v1/dags", token).status_code == 401
        assert exchange(mock).status_code == 401
        assert mock.calls[-1].reason


def test_rotated_secret_stops_at_once(astro):
    issued = astro.keys.rotate(astro.credentials["key_id"])
    assert exchange(astro).json["error"] == "access_denied"
    assert exchange(astro, client_secret=issued.secret).status_code == 200


def test_all_tokens_expire_in_the_middle_of_a_run(astro):
    token = key_token(astro)
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code == 200
    assert astro.tokens.expire_all() == 1
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code == 401
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", key_token(astro)).status_code == 200


@pytest.mark.parametrize(("role", "sees", "deletes"), [("Viewer", 403, 403), ("User", 403, 204), ("Admin", 200, 204)])
def test_a_keys_scope_is_its_role_in_airflow(astro, role, sees, deletes):
    astro.add_dag("etl", ["extract"])
    headers = astro.principal(role).headers
    token = headers["Authorization"].removeprefix("Bearer ")
    assert ask(astro, f"{AIRFLOW}/api/v1/dags/etl", token).status_code == 200
    assert ask(astro, f"{AIRFLOW}/api/v1/users", token).status_code == sees
    assert ask(astro, f"{AIRFLOW}/api/v1/dags/etl", token, "DELETE").status_code == deletes


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        (None, "no credential"),
        ("{}", "scheme"),
        ("Token {}", "scheme"),
        ("Basic {}", "scheme"),
        ("Bearer", "scheme"),
        ("Bearer {0},Bearer {0}", "scheme"),
        ("Bearer x.y.z", "malformed"),
        ("Bearer {}x", "signature"),
        ("Bearer " + "x" * 10_000, "malformed"),
        ("Bearer \xe9", "malformed"),
    ],
)
def test_what_the_gate_refuses(astro, header, rule):
    token = key_token(astro)
    headers = {} if header is None else {"Authorization": header.format(token)}
    from werkzeug.test import Client

    answer = Client(astro.deployment.wsgi).get(f"{AIRFLOW}/health", headers=headers)
    assert (answer.status_code, answer.text) == (401, "Not authorized\n")
    call = astro.calls[-1]
    assert call.rule in (rule, "malformed") if rule == "signature" else call.rule == rule
    assert call.would_pass
    assert token not in json.dumps(call.told(), default=str)


def test_the_schemes_spelling_and_spaces_do_not_matter(astro):
    from werkzeug.test import Client

    for form in ("bearer {}", "BEARER {} ", "  Bearer   {}"):
        headers = {"Authorization": form.format(key_token(astro))}
        assert Client(astro.deployment.wsgi).get(f"{AIRFLOW}/health", headers=headers).status_code == 200


def test_secrets_that_begin_alike_are_told_apart(astro):
    keys = astro.deployment.keys
    made = [keys.create(name=str(number), secret="same-first-" + str(number) * 40).key.public_id for number in (1, 2)]
    assert exchange(astro, client_id=made[0], client_secret="same-first-" + "1" * 40).status_code == 200
    assert exchange(astro, client_id=made[0], client_secret="same-first-" + "2" * 40).status_code == 401
    assert exchange(astro, client_id=made[0], client_secret="same-fir").status_code == 401
    assert (
        exchange(astro, client_id=str(keys.get(made[0]).id), client_secret="same-first-" + "1" * 40).status_code == 401
    )


def test_a_token_of_nobody_and_one_that_is_unsigned(astro):
    import jwt

    claims = dict(claims_of(key_token(astro)))
    unsigned = jwt.encode(claims, "", algorithm="none")
    by_secret = jwt.encode(claims, "x" * 32, algorithm="HS256")
    for forged in (unsigned, by_secret):
        assert ask(astro, "/api/v1/dags", forged).status_code == 401


def test_refusals_as_json_and_the_redirect_are_settings():
    with MockAirflow(profile="astro", astro_refusal_body="json", astro_no_token="redirect") as mock:
        answer = ask(mock, "/api/v1/dags", "x.y.z")
        assert set(answer.json) == {"message", "requestId", "statusCode"}
        assert answer.json["statusCode"] == answer.status_code == 401
        redirect = ask(mock, "/api/v1/dags")
        assert redirect.status_code == 307
        assert redirect.headers["Location"].startswith("https://auth.astronomer.io/authorize?client_id=")


def test_another_issuer_and_audience():
    with MockAirflow(profile="astro", astro_issuer="https://auth.example.com/", astro_audience="mine") as mock:
        assert exchange(mock).status_code == 403
        token = exchange(mock, audience="mine").json["access_token"]
        assert claims_of(token)["iss"] == "https://auth.example.com/"
        assert ask(mock, "/api/v1/dags", token).status_code == 200


def test_root_can_be_off():
    with MockAirflow(profile="astro", astro_root=False) as mock:
        token = key_token(mock)
        assert ask(mock, f"{AIRFLOW}/api/v1/dags", token).status_code == 200
        assert ask(mock, "/api/v1/dags", token).status_code == 404
        assert ask(mock, f"{AIRFLOW}/oauth/token", token, "POST").status_code == 404


def test_limit_is_in_the_gates_form():
    with MockAirflow(profile="astro", rate_limit="1/minute") as mock:
        token = key_token(mock)
        assert ask(mock, "/api/v1/dags", token).status_code == 200
        answer = ask(mock, "/api/v1/dags", token)
    assert (answer.status_code, answer.text) == (429, "Too many requests\n")
    assert int(answer.headers["Retry-After"]) > 0


def test_users_temporary_token(astro):
    assert ask(astro, "/token").content_type == "text/html; charset=utf-8"
    wrong = ask(astro, "/token", method="POST", data={"username": "vera", "password": "no"})
    assert "Wrong username or password." in wrong.text
    page = ask(astro, "/token", method="POST", data={"username": "vera", "password": "vera"})
    token = page.text.split('<pre id="token">')[1].split("</pre>")[0]

    assert ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code == 200
    assert astro.calls[-1].principal == "vera"
    assert ask(astro, f"{AIRFLOW}/api/v1/users", token).status_code == 403
    assert ask(astro, "/userinfo", token).json["email"] == "vera@example.com"
    astro.clock.advance(hours=24)
    assert ask(astro, f"{AIRFLOW}/api/v1/dags", token).status_code == 401
    assert ask(astro, "/userinfo", token).status_code == 401


def test_secrets_stay_out_of_sight(astro, caplog):
    from .asking import new_token

    caplog.set_level(logging.DEBUG)
    token, api_token = key_token(astro), new_token(astro)["token"]
    rotated = ask(
        astro, f"/v1/organizations/{ORGANIZATION}/tokens/{claims_of(api_token)['apiTokenId']}/rotate", token, "POST"
    )
    ask(astro, "/oauth/token", method="POST", data=pair(astro, client_secret="wrong-s3cret-value"))
    basic = base64.b64encode(f"{astro.credentials['key_id']}:{astro.credentials['key_secret']}".encode()).decode()
    from werkzeug.test import Client

    Client(astro.deployment.wsgi).post("/oauth/token", data=pair(astro), headers={"Authorization": f"Basic {basic}"})
    page = ask(astro, "/token", method="POST", data={"username": "vera", "password": "vera"}).text
    shown = page.split('<pre id="token">')[1].split("</pre>")[0]
    told = json.dumps([call.told() for call in astro.calls], default=str)
    told += repr(astro.deployment.keys.list()) + repr([*astro.deployment.tokens]) + caplog.text + repr(astro)

    for secret in (
        token,
        api_token,
        rotated.json["token"],
        shown,
        astro.credentials["key_secret"],
        "wrong-s3cret-value",
        basic,
    ):
        assert secret not in told
