"""A deployment as a Flask app."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from mock_airflow import MockAirflow


def test_flasks_own_client_asks_it() -> None:
    with MockAirflow() as airflow:
        app = airflow.app
        airflow.add_dag("etl")
        answer = app.test_client().get("/api/v1/dags/etl", headers=airflow.headers)

        assert isinstance(app, Flask)
        assert (answer.status_code, answer.get_json()["dag_id"]) == (200, "etl")
        assert [call.path for call in airflow.calls] == ["/api/v1/dags/etl"]


def test_its_routes_are_those_that_are_answered() -> None:
    for version, path in (("2.11.2", "/api/v1/version"), ("3.3.2", "/api/v2/version")):
        with MockAirflow(airflow_version=version) as airflow:
            assert path in {rule.rule for rule in airflow.app.url_map.iter_rules()}


def test_two_are_told_apart_and_mounted_side_by_side() -> None:
    with MockAirflow() as one, MockAirflow() as other:
        one.add_dag("etl")
        client = Client(DispatcherMiddleware(Flask("site"), {"/one": one.app, "/other": other.app}))

        assert client.get("/one/api/v1/dags/etl", headers=one.headers).status_code == 200
        assert client.get("/other/api/v1/dags/etl", headers=other.headers).status_code == 404
