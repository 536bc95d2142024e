"""What a scheduler makes of the same DAGs otherwise from one generation of Airflow to the next."""

from __future__ import annotations

from typing import NamedTuple


class Conduct(NamedTuple):
    """How a scheduler goes about what generations of Airflow do differently; the defaults are those of the first.

    ``points``: a cron expression or a period names moments, and each run is about one of them, not about the time
    between two. ``catchup``: what a DAG that says nothing does with moments that passed. ``named_by_due``: scheduled
    runs are named by the moment from which they may start, not by their logical date. ``dated_by_assets``: a run that
    assets start has a logical date and a data interval. ``stops_cleared``: the process of a task that is cleared while
    it runs is stopped, and the task is tried again. ``versions``: what a DAG's file declares is kept by versions.
    ``reserved_ids``: the kinds of runs whose ids nobody may give by hand.
    ``counts_removed``: instances that a mapped task lost stand in the way of a task below that is not mapped.
    ``times_out_all``: a run that takes too long skips its tasks that were not looked at yet as well. ``operator_runs``:
    a run that an operator triggers is of a type of its own, and about the moment at which that was done.
    """

    points: bool = False
    catchup: bool = True
    named_by_due: bool = False
    dated_by_assets: bool = True
    stops_cleared: bool = False
    versions: bool = False
    reserved_ids: frozenset[str] = frozenset({"backfill", "scheduled", "dataset_triggered"})
    counts_removed: bool = True
    times_out_all: bool = False
    operator_runs: bool = False


INTERVALS = Conduct()
POINTS = Conduct(
    points=True,
    catchup=False,
    named_by_due=True,
    dated_by_assets=False,
    stops_cleared=True,
    versions=True,
    reserved_ids=frozenset({"backfill", "scheduled", "asset_triggered", "operator_triggered", "asset_materialization"}),
    counts_removed=False,
    times_out_all=True,
    operator_runs=True,
)
