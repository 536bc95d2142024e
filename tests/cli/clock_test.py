"""`mock-airflow serve --clock --speed --frozen`: the clock as the command line sets it."""

from __future__ import annotations

import json

from .processes import asked, serving


def test_clock_starts_elsewhere_and_runs_at_its_speed(tmp_path, world):
    with serving(tmp_path, "--world", world, "--clock", "2031-06-01T12:00:00Z", "--speed", "36000") as server:
        headers = {**server.told["headers"], "Content-Type": "application/json"}
        url = f"{server.told['api_url']}/dags/etl/dagRuns"
        _, _, body = asked(url, headers, "POST", json.dumps({"dag_run_id": "r"}))
        assert json.loads(body)["logical_date"] > "2031-06-01T12:00:00"

        server.wait_until(lambda: json.loads(server.get("/api/v1/dags/etl/dagRuns/r")[2])["state"] == "success")
        run = json.loads(server.get("/api/v1/dags/etl/dagRuns/r")[2])
        assert run["end_date"] > run["start_date"] > "2031-06-01T12:00:00"
        assert json.loads(server.get("/__mock__/clock")[2])["speed"] == 36000


def test_frozen_clock_stands_at_its_moment(tmp_path, world):
    with serving(tmp_path, "--world", world, "--clock", "2031-06-01T12:00:00Z", "--frozen") as server:
        told = {json.loads(server.get("/__mock__/clock")[2])["now"] for _ in range(3)}
        assert told == {"2031-06-01T12:00:00+00:00"}
