"""Airflow's official Python client with the vendor's header: by key and by access token."""

from __future__ import annotations

import airflow_client.client as airflow
import pytest
from airflow_client.client.api.dag_api import DAGApi
from airflow_client.client.api.dag_run_api import DAGRunApi
from airflow_client.client.model.dag_run import DAGRun

from .oauth_client import OAuthClient


def client(armor, bearer):
    found = airflow.ApiClient(airflow.Configuration(host=armor.api_url))
    found.set_default_header("Authorization", f"Bearer {bearer}")
    return found


@pytest.mark.parametrize("kind", ["key", "access token"])
def test_it_gets_through_the_gate(armor, kind):
    bearer = armor.credentials["api_key"] if kind == "key" else OAuthClient(armor).signed_in()["access_token"]
    calls = client(armor, bearer)
    assert "bad_variable_usage" in [dag.dag_id for dag in DAGApi(calls).get_dags().dags]
    assert DAGRunApi(calls).post_dag_run("bad_variable_usage", DAGRun(conf={})).dag_id == "bad_variable_usage"


@pytest.mark.parametrize(("scope", "status"), [("read-only", 403), ("read-write", 200)])
def test_its_writes_take_the_scope(armor, scope, status):
    calls = client(armor, armor.keys.create(scope=scope).secret)
    if status == 200:
        assert DAGRunApi(calls).post_dag_run("bad_variable_usage", DAGRun(conf={})).state is not None
        return
    with pytest.raises(airflow.ApiException) as refused:
        DAGRunApi(calls).post_dag_run("bad_variable_usage", DAGRun(conf={}))
    assert (refused.value.status, '"code":"FORBIDDEN"' in refused.value.body) == (status, True)


def test_a_revoked_key_is_401(armor):
    made = armor.keys.create()
    calls = client(armor, made.secret)
    DAGApi(calls).get_dags()
    armor.keys.revoke(made)
    with pytest.raises(airflow.ApiException) as refused:
        DAGApi(calls).get_dags()
    assert refused.value.status == 401
