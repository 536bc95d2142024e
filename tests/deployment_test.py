"""A deployment as a whole: snapshots, forks, determinism, and who holds the lock."""

from __future__ import annotations

import threading
from typing import Any

from werkzeug.test import Client

from tests.support import Deploy

WORLD = {"dags": [{"dag_id": "etl", "tasks": ["extract", "load"]}]}
RUNS = "/api/v1/dags/etl/dagRuns"


def test_restore_gives_back_rows_ids_and_clock(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.post(RUNS, json={"dag_run_id": "before"})
    kept = call.deployment.snapshot()
    before = call.get(RUNS).get_data()

    call.post(RUNS, json={"dag_run_id": "after", "logical_date": "2025-01-01T00:00:00Z"})
    call.deployment.clock.advance(hours=1)
    call.delete(f"{RUNS}/before")
    call.deployment.restore(kept)

    assert call.get(RUNS).get_data() == before
    assert call.get("/__mock__/clock").get_json()["now"] == "2025-06-01T12:00:00+00:00"


def test_run_goes_on_after_a_restore_in_the_middle(deploy: Deploy) -> None:
    """Looking, leaving and coming back changes nothing of what happens."""
    calls = [deploy(WORLD), deploy(WORLD)]
    for call in calls:
        call.post(RUNS, json={"dag_run_id": "r"})
    plain, disturbed = calls
    disturbed.deployment.clock.advance(2)
    disturbed.get(f"{RUNS}/r")
    kept = disturbed.deployment.snapshot()
    disturbed.deployment.clock.advance(100)
    disturbed.get(f"{RUNS}/r")
    disturbed.deployment.restore(kept)
    plain.deployment.clock.advance(60)
    disturbed.deployment.clock.advance(58)

    assert plain.get(f"{RUNS}/r").get_data() == disturbed.get(f"{RUNS}/r").get_data()
    path = f"{RUNS}/r/taskInstances"
    assert plain.get(path).get_data() == disturbed.get(path).get_data()


def test_polling_more_often_changes_nothing(deploy: Deploy) -> None:
    often, once = deploy(WORLD), deploy(WORLD)
    for call in (often, once):
        call.post(RUNS, json={"dag_run_id": "r"})
    for _ in range(120):
        often.deployment.clock.advance(0.5)
        often.get(f"{RUNS}/r")
    once.deployment.clock.advance(60)

    for path in (f"{RUNS}/r", f"{RUNS}/r/taskInstances"):
        assert often.get(path).get_data() == once.get(path).get_data()


def test_states_come_in_their_order(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.post(RUNS, json={"dag_run_id": "r"})
    seen: list[str] = []
    for _ in range(200):
        state = call.get(f"{RUNS}/r").get_json()["state"]
        if not seen or seen[-1] != state:
            seen.append(state)
        call.deployment.clock.advance(0.25)

    assert seen == ["queued", "running", "success"]


def test_instant_runs_are_done_when_somebody_looks_next(deploy: Deploy) -> None:
    call = deploy(WORLD, runs="instant")

    assert call.post(RUNS, json={"dag_run_id": "r"}).get_json()["state"] == "queued"
    run = call.get(f"{RUNS}/r").get_json()
    assert (run["state"], run["start_date"], run["end_date"]) == ("success", run["logical_date"], run["logical_date"])


def test_manual_runs_never_start_and_the_scheduler_is_unwell(deploy: Deploy) -> None:
    call = deploy(WORLD, runs="manual")
    call.post(RUNS, json={"dag_run_id": "r"})
    call.deployment.clock.advance(days=1)

    assert call.get(f"{RUNS}/r").get_json()["state"] == "queued"
    assert call.get("/api/v1/health").get_json()["scheduler"]["status"] == "unhealthy"


def test_fork_is_independent(deploy: Deploy) -> None:
    call = deploy(WORLD)
    call.post(RUNS, json={"dag_run_id": "r"})

    fork = call.deployment.fork()
    fork_client = Client(fork.wsgi)
    fork_client.delete(f"{RUNS}/r", auth=("admin", "admin"))

    assert call.get(f"{RUNS}/r").status_code == 200
    assert fork_client.get(f"{RUNS}/r", auth=("admin", "admin")).status_code == 404
    assert (len(call.deployment.journal), len(fork.journal)) == (2, 2)


def test_same_seed_and_calls_give_the_same_bytes(deploy: Deploy) -> None:
    def story(call: Any) -> list[bytes]:
        call.post(RUNS, json={"dag_run_id": "r"})
        call.deployment.clock.advance(30)
        return [call.get(path).get_data() for path in (RUNS, f"{RUNS}/r/taskInstances")] + [
            call.deployment.keys.issue().secret.encode()
        ]

    assert story(deploy(WORLD, seed=1)) == story(deploy(WORLD, seed=1))
    assert story(deploy(WORLD, seed=1)) != story(deploy(WORLD, seed=2))


def test_writes_at_once_lose_nothing(deploy: Deploy) -> None:
    call = deploy(WORLD, runs="manual")
    answers: list[int] = []

    def trigger(worker: int) -> None:
        client = Client(call.deployment.wsgi)
        for number in range(20):
            body = {"dag_run_id": f"{worker}-{number}", "logical_date": f"2025-01-{worker + 1:02}T00:00:{number:02}Z"}
            answers.append(client.post(RUNS, json=body, auth=("admin", "admin")).status_code)

    threads = [threading.Thread(target=trigger, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 160
    assert call.get(f"{RUNS}?limit=1").get_json()["total_entries"] == 160
    ids = [run.id for run in call.deployment.airflow.dag_runs]
    assert len(set(ids)) == 160
