"""dagster-airlift's way into MWAA at our server, over TLS. Airflow 2 alone: it looks for no other cookie."""

from __future__ import annotations

import pytest

from mock_airflow import MockAirflow

core = pytest.importorskip("dagster_airlift.core", reason="dagster brings 350 MB, so CI goes without")


@pytest.mark.filterwarnings("ignore:Class .* is currently in beta")  # dagster warns of its own classes
def test_airlift_reads_the_dags(airflow: MockAirflow) -> None:
    if airflow.deployment.generation == 3:
        pytest.skip("dagster-airlift 0.29 takes the cookie session alone")
    import boto3
    from dagster_airlift.mwaa import MwaaSessionAuthBackend

    backend = MwaaSessionAuthBackend(mwaa_client=boto3.client("mwaa"), env_name="MyAirflowEnvironment")
    instance = core.AirflowInstance(name="mock", auth_backend=backend)

    assert "daily_sales" in [dag.dag_id for dag in instance.list_dags()]
    run_id = instance.trigger_dag("daily_sales")
    assert airflow.dag_run("daily_sales", run_id).state == "queued"
