"""Bodies that cannot be read, by their content type: Airflow looks at it letter by letter there, and only there."""

import pytest

from tests.support import Deploy

BROKEN = "Request body is not valid JSON"


@pytest.mark.parametrize("body", ["{bad", "null", '{"a": 1,}'])
@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 400),
        ("application/vnd.api+json", 400),
        ("application/json; charset=utf-8", 415),
        ("application/json; version=1", 415),
        ("application/json;charset=utf-8", 415),
        ("APPLICATION/JSON", 415),
        ("Application/json", 415),
        ("application/JSON", 415),
        ("application/vnd.api+json; charset=utf-8", 415),
        ("application/ld+json;profile=x/y", 415),
        ("json", 415),
        ("text/json", 415),
    ],
)
def test_a_body_that_cannot_be_read(deploy: Deploy, body, kind, status):
    answer = deploy().post("/api/v1/pools", data=body, headers={"Content-Type": kind})
    told = BROKEN if status == 400 else f"Invalid Content-type ({kind}), expected JSON data"
    assert (answer.status_code, answer.json["detail"]) == (status, told)
    assert (answer.json["type"] == "about:blank") is (status == 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json; version=1"])
def test_a_good_body_is_taken_under_any_of_them(deploy: Deploy, kind):
    answer = deploy().post("/api/v1/pools", data='{"name": "p", "slots": 1}', headers={"Content-Type": kind})
    assert answer.status_code == 200


DEEP = "[" * 20_000 + "]" * 20_000


@pytest.mark.parametrize("body", [DEEP, '{"conf": ' + '{"a":' * 50_000 + "1" + "}" * 50_001])
def test_a_body_nested_too_deep_fails_as_airflow_does_and_is_no_fault_of_ours(deploy: Deploy, body, caplog):
    for path in ("/api/v1/dags/etl/dagRuns", "/api/v1/pools", "/api/v1/connections"):
        airflow = deploy({"dags": [{"dag_id": "etl", "tasks": ["a"]}]})
        answer = airflow.post(path, data=body, content_type="application/json")
        assert (answer.status_code, "Ooops!" in answer.text) == (500, True)
        clean = deploy(airflow_bugs=False).post(path, data=body, content_type="application/json")
        assert (clean.status_code, "nested too deep" in clean.json["detail"]) == (400, True)
    assert caplog.records == []


def test_a_value_that_can_be_read_but_not_written_changes_nothing(deploy: Deploy, caplog):
    airflow = deploy({"dags": [{"dag_id": "etl", "tasks": ["a"]}]})
    body = '{"conf": ' + '{"a":' * 800 + "1" + "}" * 801
    answer = airflow.post("/api/v1/dags/etl/dagRuns", data=body, content_type="application/json")
    assert answer.status_code in (200, 500)
    runs = airflow.get("/api/v1/dags/etl/dagRuns")
    assert (runs.status_code, len(runs.json["dag_runs"])) == (200, 0 if answer.status_code == 500 else 1)
    assert caplog.records == []


@pytest.mark.parametrize("path", ["/__mock__/world", "/__mock__/faults", "/__mock__/keys"])
def test_the_control_api_refuses_it_in_plain_words(deploy: Deploy, path, caplog):
    answer = deploy().post(path, data=DEEP, content_type="application/json")
    assert (answer.status_code, caplog.records) == (400, [])
