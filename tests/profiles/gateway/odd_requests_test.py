"""A proxy of one's own under attack: keys that are pasted, subjects that look like others', settings of nonsense."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from mock_airflow import MockAirflow
from mock_airflow.errors import SettingError
from tests.profiles.gateway.credentials_test import KINDS, NOW, ask, mock_of

FIRST, SECOND = (rsa.generate_private_key(65537, 2048) for _ in range(2))
CURVE, EDWARDS = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
CLAIMS = {"sub": "vera", "aud": "airflow", "exp": NOW + 60, "roles": ["Viewer"]}
SHARED = {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")}


def told(algorithm: Any, key: Any, **more: Any) -> dict[str, Any]:
    return {**json.loads(algorithm.to_jwk(key)), **more}


def public(algorithm: Any, key: Any, **more: Any) -> dict[str, Any]:
    return told(algorithm, key.public_key(), **more)


JWKS = {
    "keys": [
        public(RSAAlgorithm, FIRST, kid="first", use="sig"),
        public(RSAAlgorithm, SECOND, kid="second"),
        public(ECAlgorithm, CURVE, kid="curve"),
        public(OKPAlgorithm, EDWARDS, kid="edwards"),
        {"kty": "of the future", "kid": "odd"},
    ]
}


def answered(mock: MockAirflow, key: Any, algorithm: str, kid: str | None = None, **claims: Any) -> int:
    headers = {} if kid is None else {"kid": kid}
    token = jwt.encode({**CLAIMS, **claims}, key, algorithm=algorithm, headers=headers)
    return int(ask(mock, {"Authorization": f"Bearer {token}"}).status_code)


def test_which_of_the_pasted_keys_signed() -> None:
    with mock_of(gateway_credential="jwt", gateway_jwks=json.dumps(JWKS)) as mock:
        assert answered(mock, SECOND, "RS256", "second") == answered(mock, SECOND, "RS256") == 200
        assert answered(mock, CURVE, "ES256") == answered(mock, EDWARDS, "EdDSA", "edwards") == 200
        assert answered(mock, FIRST, "PS512", "first") == 200

        assert answered(mock, SECOND, "RS256", "first") == 401
        assert "'first'" in mock.calls[-1].reason
        assert answered(mock, CURVE, "ES256", "first") == answered(mock, b"x" * 32, "HS256", "first") == 401
        assert answered(mock, None, "none", "first") == answered(mock, None, "none") == 401
        assert answered(mock, FIRST, "RS256", exp="soon") == 401
        assert "not a time" in mock.calls[-1].reason


def test_a_key_is_for_its_own_algorithm() -> None:
    one = {"keys": [public(RSAAlgorithm, FIRST, alg="RS512")]}
    with mock_of(gateway_credential="jwt", gateway_jwks=json.dumps(one)) as mock:
        assert (answered(mock, FIRST, "RS512"), answered(mock, FIRST, "RS256")) == (200, 401)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "none of its keys"),
        ([public(RSAAlgorithm, FIRST, use="enc")], "none of its keys"),
        ([told(RSAAlgorithm, FIRST)], "paste the public keys alone"),
        ([*JWKS["keys"], SHARED], "paste the public keys alone"),
        ("keys", "is expected"),
    ],
)
def test_keys_that_check_nothing_or_sign_are_not_taken(keys: Any, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        mock_of(gateway_credential="jwt", gateway_jwks=json.dumps({"keys": keys}))


@pytest.mark.parametrize(
    "subject",
    [
        "CN=bob,O=x",
        "O=x\\,CN=admin,CN=bob",
        "O=x\\2CCN=admin,CN=bob",
        'O="x,CN=admin",CN=bob',
        "O=x/CN=admin,CN=bob",
        "OCN=admin,CN=bob",
        "/O=x,CN=admin/CN=bob",
        "OU=1+CN=bob",
        "CN = bob",
    ],
)
def test_a_subject_that_holds_anothers_name(subject: str) -> None:
    with mock_of(gateway_roles=("bob=Viewer", "admin=Admin"), **KINDS["dn"]) as mock:
        assert ask(mock, {"X-Ssl-Client-S-Dn": subject}).status_code == 200
        assert mock.calls[-1].principal == "bob"
        posted = ask(mock, {"X-Ssl-Client-S-Dn": subject}, "/pools", "POST", json={"name": "p", "slots": 1})
        assert posted.status_code == 403


@pytest.mark.parametrize(
    "before",
    ['Hash=1;Chain="x;Subject=CN=admin";', 'DNS="a,Subject=CN=admin";', 'Subject="CN=admin";Hash=1,', 'By="";'],
)
def test_what_stands_before_the_last_certificate_is_nobodys_word(before: str) -> None:
    with mock_of(gateway_roles=("bob=Viewer", "admin=Admin"), **KINDS["xfcc"]) as mock:
        header = {"X-Forwarded-Client-Cert": f'{before}Subject="CN=bob"'}
        assert ask(mock, header).status_code == 200
        assert ask(mock, header, "/pools", "POST", json={"name": "p", "slots": 1}).status_code == 403


@pytest.mark.parametrize(
    "odd",
    [
        {"gateway_scheme": "a b"},
        {"gateway_header": "Content-Length"},
        {"gateway_mount": "/../x"},
        {"gateway_mount": "/__mock__"},
        {"gateway_roles": ("a=Op", "a=Viewer")},
        {"gateway_sign_in": "https://sso.example\r\nX: y", "gateway_missing_status": 302},
        {"gateway_missing_status": 302},
        {"gateway_forbidden_status": 307},
        {"gateway_open_paths": ("health",)},
        {"gateway_content_type": ""},
        {"gateway_role_claim": "a..b"},
        {"gateway_role_claim": "sub.groups", "gateway_credential": "jwt"},
        {"gateway_name_claim": "exp", "gateway_credential": "jwt"},
        {"gateway_name_claim": "roles", "gateway_credential": "jwt"},
        {"gateway_token_seconds": 10**18, "gateway_credential": "jwt"},
        {"gateway_verified_header": "X Y"},
        {"gateway_verified_header": "authorization"},
    ],
)
def test_settings_that_make_no_sense_alone_or_together(odd: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(odd))):
        mock_of(**odd)


def test_a_client_shows_its_secret_in_a_basic_header_too() -> None:
    with mock_of(gateway_credential="jwt") as mock:
        held, url = mock.credentials, f"{mock.url}/oauth/token"
        pair, grant = (held["client_id"], held["client_secret"]), {"grant_type": "client_credentials"}
        made = requests.post(url, data=grant, auth=pair)
        assert ask(mock, {"Authorization": f"Bearer {made.json()['access_token']}"}).status_code == 200

        wrong = requests.post(url, data=grant, auth=(pair[0], "wrong"))
        assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
        told = requests.get(f"{mock.url}/.well-known/openid-configuration").json()
        assert "client_secret_basic" in told["token_endpoint_auth_methods_supported"]


@pytest.mark.parametrize("path", ["/api/v1/health", "/data/airflow/api/v1/health"])
def test_an_open_path_is_named_with_its_mount_or_without(path: str) -> None:
    with mock_of(gateway_mount="/data/airflow", gateway_open_paths=(path,)) as mock:
        assert ask(mock, path="/health").status_code == 200
        assert ask(mock).status_code == 401
