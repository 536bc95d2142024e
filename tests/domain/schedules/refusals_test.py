"""Schedules that cannot be: refused with the same sentence wherever they are written, and nothing is changed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from mock_airflow import MockAirflow
from mock_airflow.cli import main
from mock_airflow.domain.errors import DataIntervalOutOfRangeError, NoDataIntervalError
from mock_airflow.errors import DagError, WorldError
from mock_airflow.world.checking import check
from tests.support import Deploy

NEVER = "names no moment, so it would never make a run"
MISSPELT = {
    "60 * * * *": "cannot be understood: '60' is not a valid minute; write a cron expression",
    "1 1 1 1": "cannot be understood: a cron expression has 5 parts, and this has 4; write",
    "*/0 * * * *": "cannot be understood",
    "@never": "is none of Airflow's presets; did you mean",
    "@dialy": "did you mean '@daily'",
    "": "cannot be understood",
    "  ": "cannot be understood",
    "at six": "cannot be understood",
    "0 0 1 1 99999999999999999999": "cannot be understood",
    "0 0 * * 1#6": "cannot be understood",
    "H H * * *": "cannot be understood",
    "0 0 31 2 *": NEVER,
    "0 0 30 2 *": NEVER,
    "0 0 31 4,6,9,11 *": NEVER,
    "0 0 29 2 * 0 2023": NEVER,
}
NUMBERS = {
    10**18: "is too long a period",
    10**400: "is too long a period",
    1e300: "is too long a period",
    0: "is not a period that leads on",
    -5: "is not a period that leads on",
    1e-9: "is not a period that leads on",
}
OTHERS = [
    (True, "a text, a number of seconds, a list of dataset URIs or an object is expected."),
    ([5], "a text is expected, not the number 5."),
    ({"cron": "61 * * * *"}, "the schedule '61 * * * *' cannot be understood"),
    ({"cron": "0 0 31 2 *"}, NEVER),
    ({"cron": "@daily", "span": 10**30}, "this is not a period that can be reckoned with"),
    ({"cron": "@daily", "datasets": {"any": 5}}, "is not a condition over datasets"),
    ({"any": 5}, "is not a condition over datasets"),
    ({"all": ["s3://a", {"any": [3]}]}, "is not a condition over datasets"),
    ({"events": ["0001-01-01T00:00:00+05:00"]}, "lies outside of the years 1 to 9999 in UTC."),
    ({"events": ["someday"]}, "is not a time such as"),
    ({"months": 10**9}, "no date lies behind such a period"),
    ({"days": -1}, "a period takes some time"),
    ({"days": 1, "month": 13}, "no date lies behind such a period"),
    ({"day": 1}, "a period takes some time"),
    ({"days": 10**20}, "a whole number is expected that a database can hold"),
]
TOLD = [
    ({"__type": "CronExpression", "value": "60 * * * *"}, "the schedule '60 * * * *' cannot be understood"),
    ({"__type": "CronExpression", "value": "@never"}, "the schedule '@never' is none of Airflow's presets"),
    ({"__type": "CronExpression", "value": ""}, "the schedule '' cannot be understood"),
    ({"__type": "TimeDelta", "days": 10**12}, "this is not a period that can be reckoned with"),
    ({"__type": "TimeDelta", "days": 0, "seconds": 0}, "is not a period that leads on"),
    ({"__type": "RelativeDelta", "years": 9000}, "no date lies behind such a period"),
]
EVERY = [
    *({"schedule": text} for text in MISSPELT),
    *({"schedule": number} for number in NUMBERS),
    *({"schedule": other} for other, _ in OTHERS),
    *({"schedule_interval": told} for told, _ in TOLD),
]
SENTENCES = [*MISSPELT.values(), *NUMBERS.values(), *(words for _, words in OTHERS), *(words for _, words in TOLD)]

REFUSED = list(zip(EVERY, SENTENCES, strict=True))


def world(entry: dict[str, Any]) -> dict[str, Any]:
    return {"variables": [{"key": "k", "value": "v"}], "dags": [{"dag_id": "etl", "tasks": ["a"], **entry}]}


def rows(deployment: Any) -> dict[str, list[Any]]:
    return {name: list(table) for name, table in deployment.airflow.tables.items()}


@pytest.mark.parametrize(("entry", "sentence"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_schedule_that_cannot_be_is_one_mistake_of_a_world_file(
    entry: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world(entry)))

    (mistake,) = check([str(file)]).mistakes
    assert mistake.place.startswith(("dags[0].schedule", "dags[0].schedule_interval"))
    assert sentence in mistake.sentence
    with pytest.raises(WorldError) as refused:
        MockAirflow(world=(str(file),))
    assert sentence in str(refused.value)


@pytest.mark.parametrize("schedule", ["60 * * * *", "0 0 31 2 *", 10**18])
def test_serve_says_what_is_wrong_and_where(schedule: Any, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world({"schedule": schedule})))

    assert main(["serve", "--world", str(file)]) == 2
    said = capsys.readouterr().err
    assert "dags[0].schedule: the schedule" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("entry", "sentence"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_schedule_that_cannot_be_changes_nothing_over_http(
    deploy: Deploy, entry: dict[str, Any], sentence: str
) -> None:
    call = deploy({"dags": [{"dag_id": "here", "tasks": ["a"], "schedule": "@daily"}]})
    before = rows(call.deployment)

    answer = call.post("/__mock__/world", json=world(entry))
    assert answer.status_code == 400
    assert sentence in answer.get_json()["detail"]
    assert rows(call.deployment) == before
    call.deployment.clock.advance(days=3)
    assert [dag["dag_id"] for dag in call.get("/api/v1/dags").get_json()["dags"]] == ["here"]


@pytest.mark.parametrize(
    ("schedule", "sentence"), [*MISSPELT.items(), *OTHERS, (timedelta(0), "is not a period that leads on")]
)
def test_schedule_that_cannot_be_is_refused_by_add_dag(schedule: Any, sentence: str) -> None:
    with MockAirflow() as airflow:
        before = rows(airflow.deployment)
        with pytest.raises((DagError, WorldError)) as refused:
            airflow.add_dag("etl", ["a"], schedule=schedule)

        assert sentence in str(refused.value)
        assert rows(airflow.deployment) == before
        airflow.add_dag("etl", ["a"], schedule="@daily")


def test_schedule_that_cannot_be_fails_the_test_that_asks_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_one(mock_airflow):
            mock_airflow.add_dag("etl", ["a"], schedule="0 0 31 2 *")
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*The schedule '0 0 31 2 [*]' of the DAG 'etl' names no moment*"])
    assert "INTERNALERROR" not in result.stdout.str()


def test_what_a_real_airflow_tells_is_taken_as_it_is(deploy: Deploy) -> None:
    told = {
        "never": "0 0 31 2 *",
        "gone": "0 6 * * * 0 2020",
        "named": "Working days",
    }
    dags = [
        {"dag_id": name, "tasks": ["a"], "schedule_interval": {"__type": "CronExpression", "value": value}}
        for name, value in told.items()
    ]
    call = deploy({"dags": dags})
    call.deployment.clock.advance(days=40)

    for name, value in told.items():
        dag = call.get(f"/api/v1/dags/{name}").get_json()
        assert (dag["schedule_interval"]["value"], dag["next_dagrun"]) == (value, None)
        assert call.get(f"/api/v1/dags/{name}/dagRuns").get_json()["total_entries"] == 0


def test_several_cron_expressions_are_one_schedule_of_moments(deploy: Deploy) -> None:
    several = {"__type": "CronExpression", "value": "0 6 * * *, 30 7 * * *"}
    call = deploy({"dags": [{"dag_id": "several", "tasks": ["a"], "schedule_interval": several}]})
    call.deployment.clock.advance(days=2)

    runs = call.get("/api/v1/dags/several/dagRuns").get_json()["dag_runs"]
    assert {run["logical_date"][10:] for run in runs} == {"T06:00:00+00:00", "T07:30:00+00:00"}
    assert all(run["data_interval_start"] == run["data_interval_end"] for run in runs)


@pytest.mark.parametrize(
    ("schedule", "status", "detail"),
    [
        ("0 0 31 2 *", 400, "failed to find prev date"),
        ("0 6 * * * 0 2020", 400, "failed to find next date"),
    ],
)
def test_run_of_a_schedule_without_moments_is_refused_as_by_a_real_airflow(
    deploy: Deploy, schedule: str, status: int, detail: str
) -> None:
    interval = {"__type": "CronExpression", "value": schedule}
    call = deploy(
        {"dags": [{"dag_id": "etl", "tasks": ["a"], "schedule_interval": interval}]}, enable_experimental_api=True
    )

    answer = call.post("/api/v1/dags/etl/dagRuns", json={"logical_date": "2025-02-02T05:00:00+00:00"})
    assert (answer.status_code, answer.get_json()["title"], answer.get_json()["detail"]) == (
        status,
        "Bad Request",
        detail,
    )
    assert call.post("/api/experimental/dags/etl/dag_runs", json={}).status_code == 500
    assert call.get("/api/v1/dags/etl/dagRuns").get_json()["total_entries"] == 0


def test_run_about_a_time_before_all_dates_fails_as_in_a_real_airflow(deploy: Deploy) -> None:
    dag = {"dag_id": "etl", "tasks": ["a"], "schedule": 3000 * 365 * 86400, "start_date": "2025-01-01"}

    assert deploy({"dags": [dag]}).get("/api/v1/dags/etl").get_json()["next_dagrun_create_after"][:4] == "5023"
    assert deploy({"dags": [dag]}).post("/api/v1/dags/etl/dagRuns", json={}).status_code == 500
    assert deploy({"dags": [dag]}, airflow_bugs=False).post("/api/v1/dags/etl/dagRuns", json={}).status_code == 400


def test_trigger_of_a_run_without_a_data_interval_raises() -> None:
    with MockAirflow() as airflow:
        airflow.add_dag("long", ["a"], schedule=timedelta(days=3000 * 365))
        airflow.add_dag(
            "never",
            ["a"],
            schedule_interval={"__type": "CronExpression", "value": "0 0 31 2 *"},
            start_date="2025-01-01",
        )
        airflow.add_dag("caller", [{"task_id": "call", "operator_name": "TriggerDagRunOperator"}])
        with pytest.raises(DataIntervalOutOfRangeError):
            airflow.trigger("long")
        with pytest.raises(NoDataIntervalError, match="The schedule of the DAG 'never' has no data interval"):
            airflow.trigger("never")


@pytest.mark.parametrize("runs", ["timed", "instant"])
@pytest.mark.parametrize("schedule", [{"days": 1, "day": 1}, {"years": 1, "year": 2025}])
def test_period_that_stands_still_makes_one_run(deploy: Deploy, schedule: dict[str, int], runs: str) -> None:
    dag = {"dag_id": "etl", "tasks": ["a"], "schedule": schedule, "start_date": "2025-01-01", "catchup": True}
    call = deploy({"dags": [dag]}, runs=runs)
    call.deployment.clock.advance(days=400)

    assert call.get("/api/v1/dags/etl/dagRuns").get_json()["total_entries"] <= 2
    assert call.get("/api/v1/dags/etl").get_json()["next_dagrun"] is None


@pytest.mark.parametrize("zone", ["+02:00", "UTC+02:00", "+02:00:00", "Etc/GMT-2"])
def test_time_zone_of_a_world_may_be_an_offset(deploy: Deploy, zone: str) -> None:
    dag = {"dag_id": "etl", "tasks": ["a"], "schedule": "0 6 * * *", "start_date": "2025-05-01", "timezone": zone}

    told = deploy({"dags": [dag]}).get("/api/v1/dags/etl").get_json()
    assert told["next_dagrun_create_after"][11:] == "04:00:00+00:00"


@pytest.mark.parametrize("zone", ["Mars/Phobos", "", "+25:00", "02:00", "../UTC", "+02", "Europe"])
def test_time_zone_that_is_not_known_is_refused(deploy: Deploy, zone: str) -> None:
    call = deploy()
    dag = {"dag_id": "etl", "tasks": ["a"], "schedule": "0 6 * * *", "timezone": zone}

    answer = call.post("/__mock__/world", json={"dags": [dag]})
    assert answer.status_code == 400
    assert "Europe/Berlin, UTC and +02:00 are names of zones" in answer.get_json()["detail"]
    assert call.get("/api/v1/dags").get_json()["total_entries"] == 0


def test_refused_world_changes_nothing_at_all(deploy: Deploy) -> None:
    """The last section fails when it is put into the state, after all the others were."""
    call = deploy({"health": {"scheduler": {"status": "healthy"}}, "faults": [{"where": "get_pools", "stale": 5}]})
    deployment = call.deployment
    deployment.journal.clear()

    def state() -> Any:
        airflow = deployment.airflow
        return (
            rows(deployment),
            dict(airflow.health),
            airflow.git_version,
            dict(deployment.passwords),
            deployment.limits.terms,
            deployment.faults.rules,
            len(deployment.faults.history),
            airflow.serials.copy(),
            airflow.ids.drawn,
            airflow.next_moment(),
            deployment.clock.now(),
        )

    before = state()
    answer = call.post(
        "/__mock__/world",
        json={
            "version": {"git_version": "other"},
            "health": {"scheduler": {"status": "unhealthy"}},
            "users": [{"username": "nina", "password": "nina", "roles": [{"name": "Viewer"}]}],
            "variables": [{"key": "k", "value": "v"}],
            "dags": [{"dag_id": "etl", "tasks": ["a"], "schedule": "@daily", "start_date": "2025-01-01"}],
            "dag_runs": [{"dag_id": "etl", "state": "running"}],
            "limits": {"limit": "3/minute"},
            "faults": [{"where": "get_dags", "status": 503}],
            "keys": [{"secret": "one-secret-0001"}, {"secret": "one-secret-0001"}],
        },
    )
    assert answer.status_code == 400
    assert "There is a key of this value already" in answer.get_json()["detail"]
    assert state() == before
    assert call.get("/api/v1/dags").get_json()["total_entries"] == 0
    deployment.rewind(1)
    assert rows(deployment) == before[0]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(list(MISSPELT)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cron", "span", "events", "any", "all", "alias", "days", "month", "years", "__type", "value"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(["schedule", "schedule_interval", "start_date", "end_date", "timezone"]), value=ANYTHING)
def test_whatever_stands_in_a_world_is_taken_or_refused(name: str, value: Any) -> None:
    with MockAirflow(clock="2025-06-01T12:00:00Z", frozen=True) as airflow:
        before = rows(airflow.deployment)
        entry = {"dag_id": "etl", "tasks": ["a"], "schedule": "0 6 * * *", "is_paused": True, name: value}
        try:
            airflow.add_dag(**entry)
        except (DagError, WorldError):
            assert rows(airflow.deployment) == before
        else:
            airflow.clock.advance(days=2)
            assert [dag.dag_id for dag in airflow.deployment.airflow.dags] == ["etl"]
