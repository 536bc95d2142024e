"""What a test does to an Airflow without a request: DAGs, runs, plans, time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mock_airflow.deployment import Deployment
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.clock import Clock, moment_of
from mock_airflow.journal import tracebacks
from mock_airflow.settings import Settings
from mock_airflow.storage.on_demand import on_demand

if TYPE_CHECKING:
    from mock_airflow.domain import assets, dag_runs, dags, triggering
    from mock_airflow.domain.records import Asset, Dag, DagRun
    from mock_airflow.domain.scheduler import plan_forms, plans
    from mock_airflow.testing import declaring
    from mock_airflow.testing.declaring import DagSchedule, Tasks
    from mock_airflow.testing.virtual_sleep import VirtualSleep
else:
    assets, dag_runs, dags, triggering = on_demand("mock_airflow.domain", "assets", "dag_runs", "dags", "triggering")
    plan_forms, plans = on_demand("mock_airflow.domain.scheduler", "plan_forms", "plans")
    (declaring,) = on_demand("mock_airflow.testing", "declaring")

__tracebackhide__ = tracebacks.assertions


class Acting:
    """The Airflow of a mock, and what is done to it."""

    deployment: Deployment

    @property
    def settings(self) -> Settings:
        """How it was set up."""
        return self.deployment.settings

    @contextmanager
    def _settled(self) -> Iterator[Airflow]:
        airflow = self.deployment.airflow
        if self.deployment.dag_folder is not None:
            self.deployment.dag_folder.catch_up(self.deployment)
        with self.deployment.lock:
            self.deployment.settle_in_slices()
            try:
                yield airflow
            finally:
                self.deployment.collect()  # the journal tells what requests change

    def add_dag(self, dag_id: str, tasks: Tasks = (), schedule: DagSchedule = None, **fields: Any) -> Dag:
        """Add a DAG; gives its record.

        ``tasks``: ids in a row, each after the one before it; or a mapping from each task to the ids after it (those
        that only come after others may be left out); or objects with Airflow's own field names (``task_id``,
        ``downstream_task_ids``, ``retries``, ...). ``schedule``: a cron expression or preset, a timedelta, a list of
        dataset URIs (all are waited for), or a condition such as ``{"any": [...]}``. ``fields`` are Airflow's own
        (``tags``, ``is_paused``, ``description``, ``params`` as plain values or as Airflow's objects, ...).

        Raises DagError for an id that is taken or a form that makes no sense, and WorldError for a task or field that
        is unknown, ids that repeat, or a circle; nothing was changed then.
        """
        from mock_airflow.world.reading import world_of

        with self._settled() as airflow:
            entry = declaring.dag_entry(airflow, dag_id, tasks, schedule, fields)
            world_of({"dags": [entry]}, f"add_dag({dag_id!r})").apply(self.deployment)
            return dags.get(airflow, dag_id)

    def add_dataset(self, uri: str, **fields: Any) -> Asset:
        """Add a dataset that no DAG has named yet; gives its record. ``fields`` are Airflow's own, such as ``extra``.

        Raises DatasetError for one that is there, and WorldError for an unknown field; nothing was changed then.
        """
        from mock_airflow.world.reading import world_of

        with self._settled() as airflow:
            entry = declaring.dataset_entry(airflow, uri, fields)
            world_of({"datasets": [entry]}, f"add_dataset({uri!r})").apply(self.deployment)
            return assets.get(airflow, uri)

    def merge(self, world: Mapping[str, Any]) -> None:
        """Add what a world file says, in place of the rows that are there by the same name.

            airflow.merge({"pools": [{"name": "narrow", "slots": 1}]})

        Raises WorldError, also for ``settings``, which hold from the start; nothing was changed then.
        """
        from mock_airflow.world.reading import merge

        with self._settled():
            merge(self.deployment, dict(world), "merge()")

    def trigger(
        self,
        dag_id: str,
        conf: dict[str, Any] | None = None,
        *,
        run_id: str | None = None,
        logical_date: datetime | str | None = None,
        note: str | None = None,
        plan: Mapping[str, Any] | None = None,
    ) -> DagRun:
        """Trigger a run of a DAG, without a request; gives the run as it then is. ``plan`` is for this run alone.

        ``logical_date`` is a time with a zone, or its text. Raises the DomainError that the API would tell in its
        words: DagNotFoundError, RunIdTakenError, ParamInvalidError, ... RunError for a conf that is no JSON, PlanError
        for a plan that cannot be, and ClockError for a logical date that is no time.
        """
        declaring.check_run(run_id, conf, note)
        date = None if logical_date is None else moment_of(logical_date)
        with self._settled() as airflow:
            if plan is not None:
                plan_forms.plan_of(dags.get(airflow, dag_id), plan)
            triggering.triggerable(airflow, dag_id)
            new = triggering.NewRun(dag_id=dag_id, run_id=run_id, logical_date=date, conf=dict(conf or {}), note=note)
            key = triggering.triggered(airflow, new).key
            if plan is not None:
                plans.give(airflow, dag_id, plan, key.run_id)
        return self.dag_run(*key)

    def plan(self, dag_id: str, tasks: Mapping[str, Any], run_id: str | None = None) -> None:
        """Say how later runs of a DAG unfold, or how one run does from where it is.

            airflow.plan("etl", {"extract": 30, "transform": {"fails": 2, "seconds": 5}, "load": "failed"})

        ``tasks`` tells of each task the seconds it takes, its outcome, or an object of more: docs/time_and_lives.md has
        all of it. Tasks that are left out do what they would have done. Raises DagNotFoundError, DagRunNotFoundError,
        and PlanError for a plan that cannot be; then nothing was changed.
        """
        with self._settled() as airflow:
            plans.give(airflow, dag_id, tasks, run_id)

    def release(self, dag_id: str, run_id: str, task_id: str | None = None) -> None:
        """Let go on what a plan holds in a run: one task, or all.

        Raises DagNotFoundError, DagRunNotFoundError, and PlanError where nothing is held.
        """
        with self._settled() as airflow:
            plans.release(airflow, dag_id, run_id, task_id)

    def dag_run(self, dag_id: str, run_id: str) -> DagRun:
        """A run as it is by now; the record does not change later. Raises DagRunNotFoundError."""
        with self._settled() as airflow:
            return dag_runs.get(airflow, dag_id, run_id)

    def virtual_sleep(
        self, *, all_threads: bool = False, most: int | None = None, most_days: float | None = None
    ) -> VirtualSleep:
        """While it is entered, this thread's sleeping moves the clock instead of waiting, and is written down.

        It is ``time.sleep``, ``asyncio.sleep`` and ``Event.wait`` with a timeout that are taken over, and ``time.time``
        and ``time.monotonic`` go on by as much. With ``all_threads`` it is so for every thread of the process. After
        more than ``most`` sleeps, or ``most_days`` of the clock, PollNeverEndsError is raised; by default these are the
        settings ``virtual_sleeps`` and ``virtual_days``.
        """
        from mock_airflow.errors import PollNeverEndsError
        from mock_airflow.testing.endless import complaint
        from mock_airflow.testing.virtual_sleep import VirtualSleep

        def too_many(sleeps: int, seconds: float, bound: str) -> PollNeverEndsError:
            return PollNeverEndsError(complaint(self.deployment, sleeps, seconds, f"virtual_{bound}"))

        settings = self.settings
        return VirtualSleep(
            self.clock,
            all_threads=all_threads,
            most=settings.virtual_sleeps if most is None else most,
            most_days=settings.virtual_days if most_days is None else most_days,
            too_many=too_many,
        )

    @property
    def clock(self) -> Clock:
        """The only time there is in it."""
        return self.deployment.clock
