"""Airflow's official Python client through each of Astronomer's headers."""

from __future__ import annotations

import airflow_client.client as airflow
import pytest
from airflow_client.client.api.dag_api import DAGApi
from airflow_client.client.api.dag_run_api import DAGRunApi
from airflow_client.client.model.dag_run import DAGRun

from mock_airflow import MockAirflow


def client(mock: MockAirflow, authorization: str) -> airflow.ApiClient:
    found = airflow.ApiClient(airflow.Configuration(host=mock.api_url))
    found.set_default_header("Authorization", authorization)
    return found


@pytest.mark.parametrize("form", ["raw", "bearer"])
def test_astronomer_software(form):
    with MockAirflow(profile="astronomer-software") as mock:
        mock.add_dag("etl", ["extract"])
        key = mock.credentials["api_key"]
        calls = client(mock, key if form == "raw" else f"Bearer {key}")
        assert [dag.dag_id for dag in DAGApi(calls).get_dags().dags] == ["etl"]
        run = DAGRunApi(calls).post_dag_run("etl", DAGRun(conf={}))
        assert run.dag_id == "etl"

        with pytest.raises(airflow.ApiException) as refused:
            DAGApi(calls).get_dag("none")
        assert refused.value.status == 404
        assert b"<h1>404</h1>" in refused.value.body.encode()


def test_astronomer_softwares_login_page_is_no_list_of_dags():
    with (
        MockAirflow(profile="astronomer-software") as mock,
        pytest.raises(airflow.ApiTypeError, match="Log in to Astronomer"),
    ):
        DAGApi(client(mock, "f" * 32)).get_dags()


@pytest.mark.parametrize("kind", ["key", "api token"])
def test_astro(kind):
    with MockAirflow(profile="astro") as mock:
        mock.add_dag("etl", ["extract"])
        bearer = mock.headers["Authorization"]
        if kind == "api token":
            from werkzeug.test import Client

            web = Client(mock.deployment.wsgi)
            headers = {"Authorization": bearer}
            organization = web.get("/v1/organizations", headers=headers).json["organizations"][0]["id"]
            body = {"name": "ci", "type": "ORGANIZATION", "role": "ORGANIZATION_OWNER"}
            made = web.post(f"/v1/organizations/{organization}/tokens", json=body, headers=headers).json
            bearer = f"Bearer {made['token']}"
        assert [dag.dag_id for dag in DAGApi(client(mock, bearer)).get_dags().dags] == ["etl"]

        mock.tokens.expire_all()
        with pytest.raises(airflow.ApiException) as refused:
            DAGApi(client(mock, bearer)).get_dags()
        assert (refused.value.status, mock.calls[-1].rule) == (401, "expired")
