"""Any world: DAGs of every kind of task and schedule, how their runs unfold, and what somebody does meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

START = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)
RULES = (
    "all_success all_failed all_done one_success one_failed one_done none_failed none_failed_min_one_success "
    "none_skipped all_skipped always"
).split()
POOLS = ("narrow", "default_pool")
DATASETS = ("s3://x", "s3://y")
World = dict[str, Any]
Action = tuple[str, int, int]  # what, on which row, and a choice of how

seldom = st.sampled_from([False] * 5 + [True])


@st.composite
def tasks(draw: Any, dag_id: str) -> list[dict[str, Any]]:
    """Up to six tasks in the order of their dependencies: some are setups, teardowns, mapped, or in a mapped group."""
    count = draw(st.integers(1, 6))
    made: list[dict[str, Any]] = []
    teardown = count > 2 and draw(seldom)
    group = draw(st.integers(1, count)) if draw(seldom) else count
    for number in range(count):
        after = [f"t{other}" for other in range(number + 1, count) if draw(st.booleans())]
        task: dict[str, Any] = {
            "task_id": f"t{number}",
            "downstream_task_ids": after,
            "operator_name": draw(st.sampled_from(["PythonOperator"] * 3 + ["EmptyOperator", "BranchPythonOperator"])),
            "trigger_rule": draw(st.sampled_from(["all_success"] * 6 + RULES)),
            "retries": draw(st.integers(0, 2)),
            "retry_delay": draw(st.sampled_from([0, 5, 40])),
            "pool": draw(st.sampled_from(POOLS)),
            "pool_slots": draw(st.sampled_from([1, 1, 2])),
            "priority_weight": draw(st.integers(1, 3)),
            "weight_rule": draw(st.sampled_from(["downstream", "absolute"])),
            "depends_on_past": draw(seldom),
            "execution_timeout": draw(st.sampled_from([None, None, None, 6])),
        }
        if task["depends_on_past"]:
            task["wait_for_downstream"] = draw(st.booleans())
        if dag_id != "waits" and draw(seldom):
            task["outlets"] = [draw(st.sampled_from(DATASETS))]
        if number == 0 and teardown:
            task["is_setup"] = True
        if number == count - 1 and teardown:
            task |= {"is_teardown": True, "trigger_rule": "all_done_setup_success"}
            task["on_failure_fail_dagrun"] = draw(st.booleans())
            made[0]["downstream_task_ids"] = sorted({*made[0]["downstream_task_ids"], task["task_id"]})
        elif group <= number < group + 2:
            task["mapped_group"] = f"{dag_id}.group"
        elif number > 0 and draw(seldom):
            task["is_mapped"] = True
            if draw(seldom):
                task[draw(st.sampled_from(["max_active_tis_per_dag", "max_active_tis_per_dagrun"]))] = 1
            above = [one["task_id"] for one in made if task["task_id"] in one["downstream_task_ids"]]
            if above and draw(st.booleans()):
                task["expands_over"] = draw(st.sampled_from(above))
        made.append(task)
    return made


@st.composite
def plans(draw: Any, dag: list[dict[str, Any]]) -> dict[str, Any]:
    """How the tasks' attempts go; nothing is said of some."""
    plan: dict[str, Any] = {}
    for task in dag:
        if task["operator_name"] == "EmptyOperator" or not draw(st.booleans()):
            continue
        told: dict[str, Any] = {"seconds": draw(st.sampled_from([0, 1, 4.5, 20]))}
        told |= draw(
            st.sampled_from(
                [
                    {},
                    {},
                    {"outcome": "failed"},
                    {"outcome": "skipped"},
                    {"fails": task["retries"]},
                    {"pokes": 2, "interval": 7},
                    {"deferred": 9},
                    {"outcome": "failed", "gives_up": True},
                    {"returns": [1, 2]},
                    {"returns": []},
                ]
            )
        )
        if (task.get("is_mapped") and "expands_over" not in task) or "mapped_group" in task:
            told["length"] = draw(st.integers(0, 3))
            told["items"] = draw(st.sampled_from([{}, {"0": "failed"}, {"1": "skipped"}, {"1": {"fails": 1}}]))
            if not task["retries"]:
                told["items"].pop("1", None)
        if "Branch" in task["operator_name"] and task["downstream_task_ids"]:
            told["follow"] = draw(st.lists(st.sampled_from(task["downstream_task_ids"]), unique=True))
        plan[task["task_id"]] = told
    return plan


@st.composite
def worlds(draw: Any) -> World:
    """Two DAGs of their own schedules, one that waits for datasets, a narrow pool, and a plan for each."""
    dags, told = [], {}
    for dag_id in ("one", "two", "waits"):
        chain = draw(tasks(dag_id))
        told[dag_id] = draw(plans(chain))
        dag: dict[str, Any] = {
            "dag_id": dag_id,
            "tasks": chain,
            "max_active_runs": draw(st.integers(1, 3)),
            "max_active_tasks": draw(st.integers(1, 4)),
            "dag_run_timeout": draw(st.sampled_from([None, None, None, 30])),
            "catchup": draw(st.booleans()),
        }
        if dag_id == "waits":
            dag["schedule"] = list(DATASETS)
            dag["dataset_expression"] = {draw(st.sampled_from(["any", "all"])): list(DATASETS)}
        else:
            dag["schedule"] = draw(st.sampled_from([60, 60, "* * * * *", "*/2 * * * *", None]))
            dag["start_date"] = (START - timedelta(minutes=draw(st.integers(1, 4)))).isoformat()
            dag["end_date"] = (START + timedelta(minutes=4)).isoformat()
        dags.append(dag)
    narrow = {"name": "narrow", "slots": draw(st.integers(2, 3)), "include_deferred": draw(st.booleans())}
    return {"pools": [narrow], "dags": dags, "plans": told}


@st.composite
def calm_worlds(draw: Any) -> World:
    """DAGs of plain tasks that run by the hour, undisturbed but by each other, and by a consumer of what they make."""
    dags, told = [], {}
    for dag_id in ("one", "two", "waits"):
        count = draw(st.integers(1, 4))
        chain = [
            {
                "task_id": f"t{number}",
                "downstream_task_ids": [f"t{other}" for other in range(number + 1, count) if draw(st.booleans())],
                "operator_name": draw(st.sampled_from(["PythonOperator", "PythonOperator", "EmptyOperator"])),
                "trigger_rule": draw(st.sampled_from(["all_success"] * 5 + ["all_done"])),
                "retries": draw(st.sampled_from([0, 0, 1])),
                "pool": draw(st.sampled_from(["default_pool", "default_pool", "narrow"])),
                "outlets": [DATASETS[0]] if dag_id != "waits" and draw(seldom) else [],
                "depends_on_past": draw(seldom),
            }
            for number in range(count)
        ]
        forms = st.sampled_from([1, 4.5, 20, 2000, {"returns": 5}, {"fails": 1}, "failed", "skipped", {"log": ["a"]}])
        plan = {task["task_id"]: draw(forms) for task in chain if draw(seldom)}
        told[dag_id] = {
            task["task_id"]: plan[task["task_id"]]
            for task in chain
            if task["task_id"] in plan and (plan[task["task_id"]] != {"fails": 1} or task["retries"])
        }
        schedule = (
            [DATASETS[0]] if dag_id == "waits" else draw(st.sampled_from(["@hourly", "@hourly", 60, "*/7 * * * *"]))
        )
        dags.append(
            {
                "dag_id": dag_id,
                "tasks": chain,
                "schedule": schedule,
                "max_active_runs": draw(st.integers(1, 3)),
                "max_active_tasks": draw(st.integers(1, 16)),
                "start_date": START.isoformat(),
            }
        )
    pool = {"name": "narrow", "slots": draw(st.integers(1, 3)), "include_deferred": False}
    return {"pools": [pool], "dags": dags, "plans": told}


ACTIONS = (
    "trigger clear_run clear_some mark_task mark_run delete_run pause unpause pool_slots dataset_event "
    "delete_queued_events"
).split()

steps = st.lists(st.sampled_from([0.2, 1, 3.7, 30]), min_size=5, max_size=40)
actions = st.lists(
    st.tuples(st.sampled_from([*ACTIONS, "trigger", "clear_some"]), st.integers(0, 1000), st.integers(0, 1000)),
    max_size=6,
)
