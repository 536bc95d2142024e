"""The backends of [api] auth_backends: in every order, alone and together, under both of their names."""

from __future__ import annotations

from itertools import permutations

import pytest
import requests

from mock_airflow import MockAirflow

KINDS = ("basic_auth", "session", "deny_all")
ORDERS = [order for count in (1, 2, 3) for order in permutations(KINDS, count)]


@pytest.mark.parametrize("public", ["Public", ""], ids=["public", "no public"])
@pytest.mark.parametrize("order", ORDERS, ids=",".join)
def test_a_credential_opens_where_its_backend_is_in_any_order(order, public):
    with MockAirflow(auth_backends=",".join(order), auth_role_public=public) as mock:
        refused = 403 if public else 401
        basic = requests.get(f"{mock.api_url}/dags", headers=mock.headers)
        nobody = requests.get(f"{mock.api_url}/dags")

    assert basic.status_code == (200 if "basic_auth" in order else refused)
    assert nobody.status_code == refused


def test_airflows_full_names_are_taken():
    names = "airflow.api.auth.backend.session,airflow.api.auth.backend.basic_auth"
    with MockAirflow(auth_backends=names) as mock:
        assert requests.get(f"{mock.api_url}/dags", headers=mock.headers).status_code == 200
    with MockAirflow(auth_backends="airflow.api.auth.backend.deny_all") as mock:
        assert requests.get(f"{mock.api_url}/dags", headers=mock.headers).status_code == 403
