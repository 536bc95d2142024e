"""A proxy of one's own: each kind of credential, roles by mapping, words by template, settings that make no sense."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import AccessKeyError, FailureError, SettingError
from mock_airflow.failures.catalogue import CATALOGUE

CLOCK = "2025-01-01T06:00:00Z"
NOW = 1735711200  # the same moment
ROLES = ("data-team=Op", "analysts=Viewer")
KINDS: dict[str, dict[str, Any]] = {
    "key": {"gateway_header": "X-Api-Key", "gateway_scheme": ""},
    "jwt": {"gateway_credential": "jwt"},
    "basic": {"gateway_credential": "basic"},
    "dn": {"gateway_credential": "subject", "gateway_header": "X-Ssl-Client-S-Dn"},
    "xfcc": {
        "gateway_credential": "subject",
        "gateway_header": "X-Forwarded-Client-Cert",
        "gateway_subject_form": "xfcc",
    },
}


def mock_of(**settings: Any) -> MockAirflow:
    return MockAirflow(profile="gateway", clock=CLOCK, frozen=True, **settings)


@pytest.fixture(params=KINDS)
def gateway(request: pytest.FixtureRequest) -> Iterator[MockAirflow]:
    with mock_of(gateway_mount="/data/airflow", **KINDS[request.param]) as mock:
        yield mock


def ask(mock: MockAirflow, headers: Any = None, path: str = "/dags", method: str = "GET", **more: Any) -> Any:
    return requests.request(method, mock.api_url + path, headers=headers, allow_redirects=False, **more)


def pool(mock: MockAirflow, headers: Any) -> int:
    return int(ask(mock, headers, "/pools", "POST", json={"name": "p", "slots": 1}).status_code)


def test_each_kind_opens_airflow_below_its_mount_and_nothing_else_does(gateway: MockAirflow) -> None:
    assert gateway.api_url.endswith("/data/airflow/api/v1")
    assert ask(gateway, gateway.headers).status_code == 200
    viewer = gateway.principal("Viewer").headers
    assert [ask(gateway, viewer).status_code, pool(gateway, viewer)] == [200, 403]
    assert ask(gateway).status_code == 401
    assert gateway.calls[-1].rule == "no credential"
    for name, value in gateway.headers.items():
        assert ask(gateway, {name: value[:-6] + "wrong!"}).status_code == 401
    assert requests.get(f"{gateway.url}/api/v1/dags", headers=gateway.headers).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_each_failure_is_met(kind: str) -> None:
    base = mock_of(**KINDS[kind])
    for name, failure in CATALOGUE.items():
        try:
            look = base.failures.look(name)
        except FailureError:
            continue
        if failure.kind in ("credential", "permission"):
            assert look.status in (401, 403), name
            assert look.reason


# ---------------------------------------------------------------------------------------------------------------- roles


def test_roles_follow_from_names() -> None:
    with mock_of(gateway_roles=ROLES) as mock:
        for name, expected in (("data-team", [200, 200]), ("analysts", [200, 403]), ("others", [403, 403])):
            key = mock.keys.create(name=name, scope="read-only")
            sent = {"Authorization": f"Bearer {key.secret}"}
            assert [ask(mock, sent).status_code, pool(mock, sent)] == expected
        assert mock.calls[-1].rule == "no role"
    with mock_of(gateway_roles=("*=Viewer",), gateway_credential="basic", user=("vera:s3cret:Admin",)) as mock:
        answer = requests.get(f"{mock.api_url}/dags", auth=("vera", "s3cret"))
        assert answer.status_code == 200
        pools = f"{mock.api_url}/pools"
        assert requests.post(pools, json={"name": "p", "slots": 1}, auth=("vera", "s3cret")).status_code == 403


# ------------------------------------------------------------------------------------------------------------------ JWT


def test_a_client_gets_a_jwt_for_its_audience_and_it_ends_by_the_clock() -> None:
    with mock_of(gateway_credential="jwt", gateway_issuer="https://sso.example", gateway_token_seconds=600) as mock:
        told = requests.get(f"{mock.url}/.well-known/openid-configuration").json()
        form = {**mock.credentials, "grant_type": "client_credentials", "audience": "airflow"}
        made = requests.post(told["token_endpoint"], data=form).json()
        claims = jwt.decode(made["access_token"], options={"verify_signature": False})
        assert (claims["iss"], claims["aud"], claims["roles"]) == ("https://sso.example", "airflow", ["Admin"])
        sent = {"Authorization": f"Bearer {made['access_token']}"}
        assert ask(mock, sent).status_code == 200
        mock.clock.advance(seconds=600)
        assert (ask(mock, sent).status_code, mock.calls[-1].rule) == (401, "expired")
        for changed, error in (
            ({"client_secret": "x"}, (401, "invalid_client")),
            ({"grant_type": "password"}, (400, "unsupported_grant_type")),
            ({"audience": "another"}, (400, "invalid_target")),
        ):
            answer = requests.post(told["token_endpoint"], data={**form, **changed})
            assert (answer.status_code, answer.json()["error"]) == error
    with mock_of() as mock:
        assert requests.get(f"{mock.url}/.well-known/jwks.json").status_code == 404


@pytest.fixture(scope="module")
def provider() -> tuple[Any, str]:
    """Somebody else's key, and its JWKS."""
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return key, json.dumps({"keys": [{**public, "kid": "theirs", "alg": "ES256"}]})


def signed(provider: tuple[Any, str], kid: str = "theirs", **claims: Any) -> dict[str, str]:
    told = {"iss": "https://sso.example", "aud": "airflow", "sub": "vera", "exp": NOW + 60, **claims}
    return {"Authorization": "Bearer " + jwt.encode(told, provider[0], algorithm="ES256", headers={"kid": kid})}


def test_a_companys_own_keys_are_pasted_and_its_groups_have_roles(provider: tuple[Any, str]) -> None:
    settings = {"gateway_credential": "jwt", "gateway_jwks": provider[1], "gateway_issuer": "https://sso.example"}
    with mock_of(**settings, gateway_role_claim="realm_access.roles", gateway_roles=ROLES) as mock:
        good = {"realm_access": {"roles": ["staff", "data-team"]}}
        assert pool(mock, signed(provider, **good)) == 200
        assert mock.calls[-1].principal == "vera"
        assert ask(mock, signed(provider)).status_code == 403
        for wrong, rule in (
            ({"iss": "https://another.example"}, "issuer"),
            ({"aud": "another"}, "audience"),
            ({"exp": NOW - 1}, "expired"),
            ({"kid": "unknown"}, "signature"),
        ):
            assert (ask(mock, signed(provider, **{**good, **wrong})).status_code, mock.calls[-1].rule) == (401, rule)
        assert mock.headers == {}
        with pytest.raises(AccessKeyError, match="reads no keys"):
            mock.keys.create()


# -------------------------------------------------------------------------------------------------------------- subject


def test_a_certificates_subject_as_nginx_and_envoy_pass_it() -> None:
    nginx = {**KINDS["dn"], "gateway_roles": ROLES, "gateway_verified_header": "X-Ssl-Client-Verify"}
    with mock_of(**nginx) as mock:
        dn = {"X-Ssl-Client-S-Dn": "CN=analysts,OU=data,O=Example"}
        assert ask(mock, dn).status_code == 401
        assert ask(mock, {**dn, "X-Ssl-Client-Verify": "FAILED:expired"}).status_code == 401
        assert ask(mock, {**dn, "X-Ssl-Client-Verify": "SUCCESS"}).status_code == 200
    with mock_of(**KINDS["xfcc"], gateway_roles=("spiffe://example/etl=Op",)) as mock:
        sent = {"X-Forwarded-Client-Cert": 'Hash=ab;Subject="CN=etl,O=Example";URI=spiffe://example/etl'}
        assert pool(mock, sent) == 200
        assert ask(mock, {"X-Forwarded-Client-Cert": "Hash=ab"}).status_code == 401
        assert ask(mock, {"X-Forwarded-Client-Cert": "Hash=ab;URI=spiffe://example/other"}).status_code == 401


# ------------------------------------------------------------------------------------------------------------ templates


def test_statuses_and_bodies_are_templates() -> None:
    with mock_of(
        gateway_missing_status=302,
        gateway_sign_in="https://sso.example/start?rd=$url",
        gateway_refused_body='{"code": $status, "why": "$reason", "id": "$request_id"}',
        gateway_challenge='Bearer realm="data"',
        gateway_forbidden_status=404,
        gateway_forbidden_body="",
        gateway_roles=("nobody=Viewer",),
    ) as mock:
        missing = ask(mock)
        assert missing.status_code == 302
        assert missing.headers["Location"].startswith("https://sso.example/start?rd=http%3A%2F%2F127.0.0.1")
        refused = ask(mock, {"Authorization": 'Bearer with"quotes"-in-it'})
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="data"')
        assert refused.json()["why"] == "There is no key that begins with 'with\"quo'."
        other = mock.keys.create(name="somebody")
        assert ask(mock, {"Authorization": f"Bearer {other.secret}"}).status_code == 404
    with mock_of(gateway_limited_body='{"wait": $retry_after}', limit_headers="ietf", rate_limit="1/minute") as mock:
        answers = [ask(mock, mock.headers), ask(mock, mock.headers)]
        assert [answers[1].status_code, answers[1].json()] == [429, {"wait": 60}]
        assert "RateLimit" in answers[1].headers


def test_open_paths_need_no_credential() -> None:
    with mock_of(gateway_open_paths=("/api/v1/health",)) as mock:
        assert ask(mock, path="/health").status_code == 200
        assert ask(mock, path="/version").status_code == 401


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"gateway_refused_body": "$nothing"}, r"\$nothing is no name of a template; there are \$status, \$title"),
        ({"gateway_refused_body": "5 $"}, r"every \$ in it has to begin a name, or to be written as \$\$"),
        ({"gateway_roles": "data-team"}, "NAME=ROLE is expected, such as data-team=Op, and not 'data-team'"),
        ({"gateway_roles": "data-team=Operator"}, "there is no such role; there are Admin"),
        ({"gateway_mount": "data/"}, "a path such as /data/airflow, without a slash at its end"),
        ({"gateway_header": "X Api"}, "the name of a header, such as X-Api-Key, is expected"),
        (
            {"gateway_credential": "jwt", "gateway_jwks": "/nowhere.json"},
            "cannot be read from '/nowhere.json': No such",
        ),
        ({"gateway_credential": "jwt", "gateway_jwks": "{}"}, "no JWKS that can be used"),
        ({"gateway_credential": "token"}, "gateway_credential"),
    ],
)
def test_settings_that_make_no_sense_are_one_clear_sentence(settings: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        mock_of(**settings).headers  # noqa: B018
