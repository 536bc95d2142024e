"""Airflow below a path of its host, as ``[webserver] base_url`` says, and the addresses of its pages."""

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import SettingError
from mock_airflow.settings import Settings
from tests.support import Deploy

DAG = {"dag_id": "etl", "tasks": ["a"]}


def test_everything_lies_below_the_path_of_base_url():
    with MockAirflow(base_url="https://data.example.com/team-a/airflow") as airflow:
        assert airflow.api_url == f"{airflow.url}/team-a/airflow/api/v1"
        assert requests.get(f"{airflow.api_url}/dags", headers=airflow.headers, timeout=30).status_code == 200
        assert requests.get(f"{airflow.url}/team-a/airflow/health", timeout=30).status_code == 200
        for path in ("/api/v1/dags", "/health", "/", "/team-a", "/team-a/airflows/health"):
            beside = requests.get(f"{airflow.url}{path}", headers=airflow.headers, timeout=30)
            assert (beside.status_code, beside.headers["Content-Type"]) == (404, "text/plain")
            assert beside.text == "Apache Airflow is not at this location"
        assert requests.get(f"{airflow.url}/__mock__/clock", timeout=30).status_code == 200
        home = requests.get(f"{airflow.url}/team-a/airflow/", allow_redirects=False, timeout=30)
        assert home.headers["Location"] == "/team-a/airflow/home"
        login = requests.get(f"{airflow.url}/team-a/airflow/home", allow_redirects=False, timeout=30)
        assert login.headers["Location"].startswith("/team-a/airflow/login/?next=http")


def test_a_link_to_a_page_of_airflows_and_the_configuration_follow(deploy: Deploy):
    kick = {"task_id": "kick", "extra_links": [{"class_name": "a.TriggerDagRunLink"}]}
    run = {"dag_id": "mother", "dag_run_id": "r", "logical_date": "2025-01-01T00:00:00Z", "state": "success"}
    row = {"dag_id": "mother", "dag_run_id": "r", "task_id": "kick", "rendered_fields": {"trigger_dag_id": "child"}}
    world = {"dags": [{"dag_id": "mother", "tasks": [kick]}], "dag_runs": [run], "task_instances": [row]}
    airflow = deploy(world, base_url="http://host/x", expose_config="True")
    links = airflow.get("/x/api/v1/dags/mother/dagRuns/r/taskInstances/kick/links")
    assert links.json == {"Triggered DAG": "/x/dags/child/grid"}
    told = airflow.get("/x/api/v1/config?section=webserver", headers={"Accept": "application/json"}).json
    options = {each["key"]: each["value"] for each in told["sections"][0]["options"]}
    assert options["base_url"] == "http://host/x"


def test_without_a_path_nothing_is_put_before():
    with MockAirflow(base_url="https://airflow.example.com:8443") as airflow:
        assert airflow.api_url == f"{airflow.url}/api/v1"


@pytest.mark.parametrize("url", ["http://host/", "http://host/a/", "host/a", "", "http://", "http://h/a?b", "ftp://h"])
def test_a_base_url_that_airflow_refuses(url):
    with pytest.raises(SettingError, match="without a slash at its end"):
        Settings.of(base_url=url)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/dags/etl", "/dags/etl/grid"),
        ("/dags/unheard_of", "/dags/unheard_of/grid"),
        ("/dags/etl?dag_run_id=r%201&_x=1&a=2&a=3", "/dags/etl/grid?dag_run_id=r+1&a=2"),
        ("/dags/etl/details?a=1", "/dags/etl/grid"),
        ("/dags/etl/graph", "/dags/etl/grid?tab=graph"),
        ("/dags/unheard_of/graph", "/home"),
        ("/dags/etl/calendar?a=1", "/dags/etl/grid?a=1&tab=calendar"),
        ("/dags/etl/grid", "/login/?next=http://localhost/dags/etl/grid"),
        ("/dags/etl/code", "/login/?next=http://localhost/dags/etl/code"),
    ],
)
def test_the_addresses_of_pages_lead_where_airflows_do(deploy: Deploy, path, location):
    answer = deploy({"dags": [DAG]}).get(path, by=None)
    assert (answer.status_code, answer.headers["Location"]) == (302, location)


@pytest.mark.parametrize("method", ["PATCH", "POST", "DELETE"])
def test_pages_are_only_read(deploy: Deploy, method):
    answer = deploy({"dags": [DAG]})(method, "/dags/etl")
    assert (answer.status_code, answer.content_type) == (405, "text/html; charset=utf-8")


def test_the_grid_is_for_whoever_is_logged_in():
    with MockAirflow() as airflow, requests.Session() as session:
        airflow.add_dag("etl")
        form = session.get(f"{airflow.url}/login/", timeout=30).text
        token = form.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
        name, password = airflow.credentials["username"], airflow.credentials["password"]
        data = {"csrf_token": token, "username": name, "password": password}
        session.post(f"{airflow.url}/login/?next=/dags/etl/grid", data=data, timeout=30)
        page = session.get(f"{airflow.url}/dags/etl", timeout=30)
        assert (page.status_code, page.url) == (200, f"{airflow.url}/dags/etl/grid")
        assert "etl" in page.text
        assert session.get(f"{airflow.url}/dags/gone/grid", timeout=30).url == f"{airflow.url}/home"
