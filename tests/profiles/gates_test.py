"""What holds for the gates of several vendors: tokens that open nothing, and refusals that the document tells of."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.access import signing
from mock_airflow.answers import TokenRefused
from mock_airflow.profiles.astronomer_software.identity import user_id
from mock_airflow.profiles.base import by_name
from mock_airflow.settings import PROFILES


def _signed(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, signing.private_key(), algorithm="RS256", headers={"kid": signing.key_id()})


@pytest.mark.parametrize("profile", ["astro", "airbyte"])
def test_a_token_that_never_ends_opens_nothing(profile: str) -> None:
    with MockAirflow(profile=profile, frozen=True) as mock:
        sent = mock.headers["Authorization"].split(" ")[-1]
        if sent.count(".") != 2:
            raise AssertionError("its first credential is not a token")
        algorithm = jwt.get_unverified_header(sent)["alg"]
        claims = jwt.decode(sent, options={"verify_signature": False})
        key = signing.private_key() if algorithm == "RS256" else signing.secret(mock.settings.seed)
        with_exp, without = (claims, {name: value for name, value in claims.items() if name != "exp"})
        headers = jwt.get_unverified_header(sent)
        good, endless = (jwt.encode(each, key, algorithm=algorithm, headers=headers) for each in (with_exp, without))
        assert mock.deployment.tokens.read(good, algorithm=algorithm)["exp"]
        with pytest.raises(TokenRefused, match="has no exp"):
            mock.deployment.tokens.read(endless, algorithm=algorithm)


def test_a_platforms_token_for_airflow_is_no_login() -> None:
    with MockAirflow(profile="astronomer-software", frozen=True, user=["vera:s3cret:Admin"]) as mock:
        user = next(iter(mock.deployment.airflow.users))
        now = int(mock.clock.now().timestamp())
        claims = {"uuid": user_id(user), "iat": now, "exp": now + 60}
        url = f"{mock.api_url}/dags"
        statuses = [
            requests.get(url, headers={"Authorization": _signed(each)}, allow_redirects=False).status_code
            for each in (claims, {**claims, "aud": "another-release"})
        ]
        assert statuses[0] == 200
        assert statuses[1] in (302, 401)


@pytest.mark.parametrize("profile", [name for name in PROFILES if by_name(name).gateway])
def test_a_gates_401_stands_at_every_operation_of_the_document(profile: str) -> None:
    with MockAirflow(profile=profile, frozen=True) as mock:
        document = requests.get(f"{mock.api_url}/openapi.json", headers=mock.headers).json()
        refused = requests.get(f"{mock.api_url}/health", allow_redirects=False)
    told = [one["responses"] for path in document["paths"].values() for one in path.values()]
    assert all("401" in responses for responses in told)
    assert "RefusedByTheGate" in document["components"]["responses"]
    assert refused.status_code in (302, 401, 403)
