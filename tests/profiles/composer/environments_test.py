"""The Composer API: the environment and its errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.access.signing import private_key

PLACE = "/v1/projects/mock-project/locations/us-central1/environments"


@pytest.fixture
def composer() -> Iterator[MockAirflow]:
    with MockAirflow(profile="composer", clock="2025-01-01T06:00:00Z", frozen=True) as mock:
        yield mock


def ask(mock: MockAirflow, path: str = PLACE, headers: Any = None, **more: Any) -> Any:
    return requests.get(mock.url + path, headers=mock.headers if headers is None else headers, **more)


def test_the_environment_is_listed_and_told(composer: MockAirflow) -> None:
    (listed,) = ask(composer).json()["environments"]
    assert listed == ask(composer, f"{PLACE}/mock-airflow").json()
    assert listed["config"]["airflowUri"] == composer.url
    assert (listed["state"], listed["createTime"]) == ("RUNNING", "2025-01-01T06:00:00.000000Z")
    assert listed["config"]["softwareConfig"]["imageVersion"] == "composer-3-airflow-2.11.2"
    assert ask(composer, PLACE.replace("us-central1", "-")).json()["environments"]
    assert ask(composer, PLACE.replace("us-central1", "us-east1")).json() == {}
    assert ask(composer, f"{PLACE}?$alt=json;enum-encoding=int").json()["environments"][0]["state"] == 2


def error(answer: Any) -> tuple[int, str, str | None]:
    told = answer.json()["error"]
    assert told["code"] == answer.status_code
    details = told.get("details") or [{}]
    return answer.status_code, told["status"], details[0].get("reason")


def test_the_apis_errors(composer: MockAirflow) -> None:
    nobody = ask(composer, headers={})
    assert error(nobody) == (401, "UNAUTHENTICATED", "CREDENTIALS_MISSING")
    assert nobody.headers["WWW-Authenticate"] == 'Bearer realm="https://accounts.google.com/"'
    wrong = ask(composer, headers={"Authorization": "Bearer ya29.x"})
    assert error(wrong) == (401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED")
    assert error(ask(composer, f"{PLACE}/another")) == (404, "NOT_FOUND", None)
    assert error(ask(composer, PLACE.replace("mock-project", "another")))[:2] == (403, "PERMISSION_DENIED")
    headers = composer.headers
    composer.clock.advance(hours=1)
    assert error(ask(composer, headers=headers)) == (401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED")
    url = f"{composer.url}/computeMetadata/v1/instance/service-accounts/default/token?scopes=openid"
    token = requests.get(url, headers={"Metadata-Flavor": "Google"}).json()["access_token"]
    unscoped = ask(composer, headers={"Authorization": f"Bearer {token}"})
    assert error(unscoped) == (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    composer.failures.provoke("wrong-deployment")
    assert error(ask(composer)) == (403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED")


def test_a_limit_is_googles_quota(composer: MockAirflow) -> None:
    composer.limits.set("1/minute")
    answers = [ask(composer), ask(composer)]
    assert answers[0].status_code == 200
    assert error(answers[1]) == (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")
    assert answers[1].headers["Retry-After"] == "60"


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"aud": "https://composer.googleapis.com/"}, 200),
        ({"scope": "https://www.googleapis.com/auth/cloud-platform"}, 200),
        ({"aud": "https://storage.googleapis.com/"}, 401),
        ({"scope": "openid"}, 403),
    ],
)
def test_a_jwt_that_the_account_signed_itself(composer: MockAirflow, claims: dict[str, str], status: int) -> None:
    held = composer.credentials
    told = {"iss": held["client_email"], "sub": held["client_email"], "iat": 0, "exp": 3600, **claims}
    text = jwt.encode(told, private_key(), algorithm="RS256", headers={"kid": held["private_key_id"]})
    assert ask(composer, headers={"Authorization": f"Bearer {text}"}).status_code == status
