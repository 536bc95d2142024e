"""A DAG whose file is gone: its row is there, and nothing that only the file would tell."""

import pytest

from tests.support import Deploy

RUN = {"dag_id": "goner", "dag_run_id": "g1", "logical_date": "2025-01-01T00:00:00Z", "state": "success"}
DONE = {"start_date": "2025-01-01T00:00:01Z", "end_date": "2025-01-01T00:00:03Z", "state": "success", "try_number": 1}
WORLD = {
    "dags": [
        {
            "dag_id": "goner",
            "is_active": False,
            "fileloc": "/dags/goner.py",
            "dataset_expression": {"all": ["s3://in"]},
            "tasks": [{"task_id": "use", "outlets": ["s3://out"]}, {"task_id": "fan", "is_mapped": True}],
        },
        {"dag_id": "alive", "fileloc": "/dags/alive.py", "tasks": [{"task_id": "use"}]},
    ],
    "dag_runs": [RUN],
    "task_instances": [
        {"dag_id": "goner", "dag_run_id": "g1", "task_id": "use", **DONE},
        {"dag_id": "goner", "dag_run_id": "g1", "task_id": "fan", **DONE},
    ],
}
ONE = "/dagRuns/g1/taskInstances/use"
STATE = {"dry_run": False, "new_state": "failed"}
RELATIVES = dict.fromkeys(("include_upstream", "include_downstream", "include_future", "include_past"), False)
BY_ID = "The DAG with dag_id: goner was not found"


@pytest.fixture
def airflow(deploy):
    return deploy(WORLD)


@pytest.mark.parametrize(
    ("method", "path", "body", "title", "detail"),
    [
        ("GET", "/details", None, "DAG not found", BY_ID),
        ("GET", "/details?fields=dag_id", None, "DAG not found", BY_ID),
        ("GET", "/tasks", None, "DAG not found", None),
        ("GET", "/tasks?order_by=nope", None, "DAG not found", None),
        ("GET", "/tasks/use", None, "DAG not found", None),
        ("GET", "/tasks/unheard_of", None, "DAG not found", None),
        ("GET", f"{ONE}/links", None, "DAG not found", 'DAG with ID = "goner" not found'),
        ("GET", f"{ONE}/listMapped", None, "DAG goner not found", None),
        ("PATCH", ONE, STATE, "DAG not found", "DAG 'goner' not found"),
        ("PATCH", f"{ONE}/0", {"new_state": "failed"}, "DAG not found", "DAG 'goner' not found"),
        ("POST", "/clearTaskInstances", {"dry_run": True}, "Dag id goner not found", None),
        ("POST", "/clearTaskInstances", {"dag_run_id": "unheard_of"}, "Dag id goner not found", None),
        (
            "POST",
            "/updateTaskInstancesState",
            {"task_id": "use", "dag_run_id": "g1", "new_state": "failed", **RELATIVES},
            "Dag ID goner not found",
            None,
        ),
        ("POST", "/dagRuns", {}, "DAG not found", "DAG with dag_id: 'goner' not found"),
    ],
)
def test_what_only_the_file_tells_is_not_found(airflow, method, path, body, title, detail):
    answer = airflow(method, f"/api/v1/dags/goner{path}", json=body)
    assert (answer.status_code, answer.json["title"], answer.json["detail"]) == (404, title, detail)


@pytest.mark.parametrize("dry_run", [True, False])
def test_clearing_its_run_fails(deploy: Deploy, dry_run):
    path, body = "/api/v1/dags/goner/dagRuns/g1/clear", {"dry_run": dry_run}
    assert deploy(WORLD).post(path, json=body).status_code == 500
    clean = deploy(WORLD, airflow_bugs=False).post(path, json=body)
    assert (clean.status_code, "file is gone" in clean.json["detail"]) == (400, True)
    unknown = deploy(WORLD).post("/api/v1/dags/goner/dagRuns/g2/clear", json=body)
    assert (unknown.status_code, unknown.json["title"]) == (404, "Dag Run id g2 not found in dag   goner")


@pytest.mark.parametrize("state", ["failed", "success", "queued"])
def test_its_run_keeps_its_state(airflow, state):
    before = airflow.get("/api/v1/dags/goner/dagRuns/g1").json
    answer = airflow.patch("/api/v1/dags/goner/dagRuns/g1", json={"state": state})
    assert (answer.status_code, answer.json) == (200, before)


def test_rows_are_told_as_before(airflow):
    dag = airflow.get("/api/v1/dags/goner").json
    assert (dag["is_active"], dag["fileloc"]) == (False, "/dags/goner.py")
    assert airflow.get("/api/v1/dags/goner/dagRuns").json["total_entries"] == 1
    assert airflow.get(f"/api/v1/dags/goner{ONE}").json["state"] == "success"
    assert airflow.get(f"/api/v1/dags/goner{ONE}/tries/1").status_code == 200
    assert airflow.get(f"/api/v1/dags/goner{ONE}/dependencies").json == {"dependencies": []}
    assert airflow.patch("/api/v1/dags/goner", json={"is_paused": True}).json["is_paused"] is True
    note = airflow.patch("/api/v1/dags/goner/dagRuns/g1/setNote", json={"note": "kept"})
    assert (note.status_code, note.json["note"]) == (200, "kept")
    assert airflow.delete("/api/v1/dags/goner").status_code == 204


def test_its_datasets_go_on_knowing_it_but_queue_nothing_for_it(airflow):
    consumer = airflow.get("/api/v1/datasets/s3://in").json
    producer = airflow.get("/api/v1/datasets/s3://out").json
    assert [each["dag_id"] for each in consumer["consuming_dags"]] == ["goner"]
    assert [(each["dag_id"], each["task_id"]) for each in producer["producing_tasks"]] == [("goner", "use")]
    assert airflow.post("/api/v1/datasets/events", json={"dataset_uri": "s3://in"}).status_code == 200
    assert airflow.get("/api/v1/dags/goner/datasets/queuedEvent").status_code == 404


def test_the_scheduler_passes_its_runs_by(deploy: Deploy):
    waiting = {"dag_id": "goner", "dag_run_id": "g2", "logical_date": "2025-01-02T00:00:00Z", "state": "queued"}
    airflow = deploy({**WORLD, "dag_runs": [RUN, waiting]}, runs="instant")
    assert airflow.get("/api/v1/dags/goner/dagRuns/g2").json["state"] == "queued"
    assert airflow.patch("/api/v1/dags/goner", json={"is_paused": False}).status_code == 200
    assert airflow.get("/api/v1/dags/goner/dagRuns/g2").json["state"] == "queued"
