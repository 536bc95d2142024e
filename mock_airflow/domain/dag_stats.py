"""How many runs a DAG has in each state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import RUN_STATES


class DagStats(NamedTuple):
    """A DAG's runs, counted by state, in Airflow's order of states."""

    dag_id: str
    stats: list[tuple[str, int]]


def count(airflow: Airflow, dag_ids: Iterable[str], permitted: Callable[[str], bool] | None = None) -> list[DagStats]:
    """The counts of those of the DAGs that there are and that are permitted, each once."""
    return [
        DagStats(dag_id, [(state, len(airflow.dag_runs.group("open", (dag_id, state)))) for state in RUN_STATES])
        for dag_id in dict.fromkeys(dag_ids)
        if dag_id in airflow.dags and (permitted is None or permitted(dag_id))
    ]
