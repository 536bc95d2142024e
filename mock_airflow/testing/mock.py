"""An Airflow for a test: everything a test says to it, and everything it asks of it.

    with MockAirflow(profile="datacoves") as airflow:
        airflow.add_dag("etl", tasks=("extract", "load"), schedule="@daily")
        requests.get(airflow.api_url + "/dags", headers=airflow.headers)
        assert airflow.calls[0].principal == "admin"

The pytest fixture ``mock_airflow`` gives the same object.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow.deployment import Deployment, standing_still
from mock_airflow.domain import assets, dag_runs, dags
from mock_airflow.domain.airflow import Airflow, Snapshot
from mock_airflow.domain.clock import Clock, moment_of
from mock_airflow.domain.records import Asset, Dag, DagRun
from mock_airflow.domain.scheduler import plans
from mock_airflow.domain.scheduler.plan_forms import plan_of
from mock_airflow.domain.triggering import NewRun, triggerable, triggered
from mock_airflow.errors import MockClosedError
from mock_airflow.in_process.ownership import Home
from mock_airflow.journal import tracebacks
from mock_airflow.journal.journal import Entry
from mock_airflow.settings import Settings
from mock_airflow.testing.calls import Calls
from mock_airflow.testing.controls import FailureControl
from mock_airflow.testing.declaring import DagSchedule, Tasks, check_run, dag_entry, dataset_entry
from mock_airflow.testing.principals import Account, account_of

if TYPE_CHECKING:
    from types import TracebackType

    from responses import RequestsMock
    from typing_extensions import Self

    from mock_airflow.access.keys import Keys
    from mock_airflow.access.tokens import Tokens
    from mock_airflow.faults.faults import Faults
    from mock_airflow.in_process.interception import Interception
    from mock_airflow.limits.limits import Limits
    from mock_airflow.review.least_privilege import LeastPrivilege
    from mock_airflow.review.review import Review
    from mock_airflow.server.live import LiveServer
    from mock_airflow.testing.expectations import Expectation
    from mock_airflow.testing.virtual_sleep import VirtualSleep

__all__ = ["Account", "MockAirflow", "deployment_of", "template_of"]

__tracebackhide__ = tracebacks.assertions
log = logging.getLogger("mock_airflow")


def template_of(settings: Mapping[str, Any]) -> Deployment:
    """A deployment with its worlds read, ready for ``fresh()`` to be called on it, any number of times.

    A world's own settings count where ``settings`` says nothing. Its time stands still, so that what it makes by itself
    bears exactly the moment at which the clock starts. Raises SettingError or WorldError.
    """
    chosen = Settings.of(**settings)
    if not chosen.world and chosen.dags_folder is None:
        template = Deployment(chosen, wall=standing_still())
    else:
        from mock_airflow.world.reading import load_worlds

        world = load_worlds(chosen.world)
        template = Deployment(Settings.of(**{**world.settings, **settings}), wall=standing_still())
        world.apply(template)
        if template.settings.dags_folder is not None:
            from mock_airflow.dag_files.folder import DagFolder

            template.dag_folder = DagFolder(template.settings)
            for line in template.dag_folder.load(template):
                log.warning("%s", line)
    template.begin()
    return template


def deployment_of(settings: Mapping[str, Any]) -> Deployment:
    """The deployment that these settings describe: a new one, the one that was saved, or what a database keeps."""
    chosen = Settings.of(**settings)
    if chosen.database is not None:
        from mock_airflow.persistence.keeping import kept

        return kept(settings, lambda: deployment_of({**settings, "database": None}))
    saved = chosen.saved
    if saved is None:
        return template_of(settings).fresh()
    from mock_airflow.persistence.files import load

    return load(Path(saved), {name: value for name, value in settings.items() if name != "saved"})


class MockAirflow:
    """One emulated Airflow of one's own, with a clock of its own; nothing is shared with another.

    Takes every setting by keyword (``mock_airflow.Settings`` lists them). Raises SettingError or WorldError. Methods
    may be called from any thread; each first lets happen what is due by the clock.
    """

    def __init__(self, **settings: Any) -> None:
        self._attach(deployment_of(settings))

    @classmethod
    def load(cls, file: str | os.PathLike[str], **settings: Any) -> Self:
        """What ``save()`` or ``mock-airflow world save`` wrote, at its moment; ``settings`` go above its own.

        Keys, users, tokens and sessions open what they opened. Raises DocumentError for a file that is damaged, is
        something else or comes from a later version, and SettingError.
        """
        return cls(**{**settings, "saved": file})

    def save(self, file: str | os.PathLike[str]) -> None:
        """Write the whole of it to a file: state, clock, keys, limits, fault rules, and what ``reset()`` goes back to.

        The calls are no part of it. Keys are written as digests, where their vendor shows them once; passwords not at
        all. Only the file's owner may read it. Raises DocumentError where it cannot be written; an earlier file stays.
        """
        from mock_airflow.persistence.files import save

        with self._settled():
            save(self.deployment, Path(file))

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """One around a deployment that exists already, which it does not copy."""
        mock = cls.__new__(cls)
        mock._attach(deployment)
        return mock

    def _attach(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.home = Home()
        self._serving = threading.RLock()
        self._server: LiveServer | None = None
        self._closed = False
        self._family: list[MockAirflow] = [self]  # with its faces, which have the very same list

    def __repr__(self) -> str:
        where = f" at {self._server.url}" if self._server is not None else ""
        return f"<MockAirflow {self.settings!r}{where}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check_strictness()

    def close(self) -> None:
        """Close the server and its connections, if there ever was one. May be called again."""
        for server in self.detach_servers():  # outside of the lock, which a request may be waiting for
            server.stop()

    def detach_servers(self) -> list[LiveServer]:
        """Be closed, and leave the servers, its own and its faces', to the caller, who has to stop them."""
        with self._serving:
            closed = self._family if self is self._family[0] else [self]
            servers = [mock._server for mock in closed if mock._server is not None]
            for mock in closed:
                mock._closed, mock._server = True, None
            return servers

    @property
    def settings(self) -> Settings:
        """How it was set up."""
        return self.deployment.settings

    # ------------------------------------------------------------------------------------------------- reaching it

    @property
    def url(self) -> str:
        """Where its server listens, without a slash at the end; opened on first use, on a port of its own.

        Raises MockClosedError after ``close()``.
        """
        with self._serving:
            if self._closed:
                raise MockClosedError(
                    "This mock was closed, and its server with it; use it inside of its with block or test."
                )
            if self._server is None:
                from mock_airflow.server.live import LiveServer

                self._server = LiveServer.of(self.deployment).start()
            return self._server.url

    @property
    def api_url(self) -> str:
        """The root of Airflow's stable API on its server, without a slash at the end."""
        return f"{self.url}{self.deployment.mount}{self.deployment.api_path}"

    @property
    def env(self) -> dict[str, str]:
        """The variables that the vendor's pages and tools name, by name, pointing at its server."""
        return self.deployment.profile.environment(self.url, self.credentials)

    def seen_as(self, version: str, **settings: Any) -> MockAirflow:
        """The same world as another version of Airflow shows it, such as ``"2.11.2"``; the same one when asked again.

            old = airflow.seen_as("2.11.2")
            run = airflow.trigger("etl")
            requests.get(f"{old.api_url}/dags/etl/dagRuns/{run.run_id}", headers=old.headers)

        Its server and its access are its own: URL, credentials, and the profile, if ``settings`` name one. Rows, clock,
        calls, limits and faults are this one's, and so is the scheduler. It is closed with this one. Raises
        SettingError.
        """
        from mock_airflow.faces import seen_as

        face = seen_as(self.deployment, version, **settings)
        with self.deployment.lock:
            for known in self._family:
                if known.deployment is face:
                    return known
            mock = MockAirflow.of(face)
            mock.home, mock._family, mock._closed = self.home, self._family, self._closed
            mock._serving = self._serving
            self._family.append(mock)
            return mock

    def intercept(self, base_url: str) -> Interception:
        """What answers requests' and httpx's calls to ``base_url`` in this process, without a socket, while entered.

        A context manager and a decorator. ``base_url`` may have a path; ``/api/v1`` at its end is Airflow's own. Raises
        BaseUrlError for what is no URL, and ImportError with neither of the packages.
        """
        from mock_airflow.in_process.interception import Interception

        return Interception(self.deployment.wsgi, base_url, self.home, self._is_prompt)

    def _is_prompt(self) -> bool:
        """Whether no answer waits for real time: not for the clock, a fault rule, or DAG files to be read."""
        deployment = self.deployment
        return deployment.clock.frozen and not deployment.faults.rules and deployment.dag_folder is None

    def register(self, rsps: RequestsMock, base_url: str) -> None:
        """Have the calls to ``base_url`` answered inside of a test's own `responses` mock, whatever their method.

        The test's own entries come first, also those that it adds later; other hosts are as the test has set them.
        Raises BaseUrlError for what is no URL, and TypeError for a mock whose entries have to come in order.
        """
        from mock_airflow.in_process.responses import register

        register(rsps, self.deployment.wsgi, base_url, self.home)

    @property
    def credentials(self) -> dict[str, str]:
        """A working credential with every permission, as a client of this profile holds it."""
        return self.deployment.credentials

    @property
    def headers(self) -> dict[str, str]:
        """The headers that carry it; a new token each time, where it is exchanged for one.

        Once it is refused, as after a failure that was provoked, they carry a token of before, which counts no more.
        """
        with self._settled():
            return self.deployment.headers

    def principal(self, role: str) -> Account:
        """Somebody who acts with a role, such as ``"Viewer"``; made when there is nobody yet.

        Raises UnknownRoleError.
        """
        with self._settled():
            return account_of(self.deployment, role)

    # -------------------------------------------------------------------------------------------- what there is in it

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
            entry = dag_entry(airflow, dag_id, tasks, schedule, fields)
            world_of({"dags": [entry]}, f"add_dag({dag_id!r})").apply(self.deployment)
            return dags.get(airflow, dag_id)

    def add_dataset(self, uri: str, **fields: Any) -> Asset:
        """Add a dataset that no DAG has named yet; gives its record. ``fields`` are Airflow's own, such as ``extra``.

        Raises DatasetError for one that is there, and WorldError for an unknown field; nothing was changed then.
        """
        from mock_airflow.world.reading import world_of

        with self._settled() as airflow:
            entry = dataset_entry(airflow, uri, fields)
            world_of({"datasets": [entry]}, f"add_dataset({uri!r})").apply(self.deployment)
            return assets.get(airflow, uri)

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
        check_run(run_id, conf, note)
        date = None if logical_date is None else moment_of(logical_date)
        with self._settled() as airflow:
            if plan is not None:
                plan_of(dags.get(airflow, dag_id), plan)
            triggerable(airflow, dag_id)
            new = NewRun(dag_id=dag_id, run_id=run_id, logical_date=date, conf=dict(conf or {}), note=note)
            key = triggered(airflow, new).key
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

    # ------------------------------------------------------------------------------------------------------- access

    @property
    def keys(self) -> Keys:
        """Its API keys."""
        return self.deployment.keys

    @property
    def tokens(self) -> Tokens:
        """The tokens that it handed out."""
        return self.deployment.tokens

    @property
    def limits(self) -> Limits:
        """Its rate limits."""
        return self.deployment.limits

    @property
    def failures(self) -> FailureControl:
        """The catalogue of failures, one call each: ``failures.provoke("revoked")``."""
        return FailureControl(self.deployment)

    @property
    def faults(self) -> Faults:
        """What goes wrong in it, on order."""
        return self.deployment.faults

    # ---------------------------------------------------------------------------------------------------- looking back

    @property
    def calls(self) -> Calls:
        """What was asked and answered so far, oldest first, secrets redacted; a list, with assertions of its own."""
        return Calls(self.deployment.journal, self.deployment.known_calls)

    def story(self, last: int = 20, width: int = 100, keep: str | os.PathLike[str] | None = None) -> str:
        """The last calls for people to read: moment, call, answer, credential, reason, changed rows, a line of curl.

        With ``keep`` the state is saved to that file, and the story says how to serve it. Raises DocumentError where it
        cannot be written.
        """
        from mock_airflow.testing.story import story

        return story(self.deployment, last, width, None if keep is None else Path(keep))

    def expect(self, *statuses: int, call: str = "* *") -> Expectation:
        """What says, while it is entered, that calls will be answered with an error; without it ``strict`` objects.

            with airflow.expect(404):
                client.get_dag("missing")

        ``statuses`` are those that may come, any error without one, and 0 an answer that never comes. ``call`` narrows
        it down, as for ``assert_called``. At least one such call has to come: an AssertionError tells the nearest
        otherwise. ``.calls`` of what it gives are those that came. Works without ``strict``, too.
        """
        from mock_airflow.testing.expectations import Expectation

        return Expectation(self.deployment, statuses, call)

    def check_strictness(self) -> None:
        """Raise UnexpectedAnswerError, with ``strict``, for error answers that nobody expected; each is told once.

        RuleNeverFiredError is raised for a fault rule of the test's own that never fired and is not optional.
        """
        if self.settings.strict:
            from mock_airflow.testing.expectations import check

            check(self.deployment)

    def review(
        self, *, ignore: Iterable[str] | Mapping[str, str] = (), severity: str = "note", finished: bool = True
    ) -> Review:
        """What the client did so far that will hurt in production: advice, the gravest first, with its evidence.

            assert not airflow.review(ignore={"no-name-of-its-own": "an internal job"}, severity="warning")

        ``ignore`` names rules whose advice is not wanted, or gives the reason for each; ``severity`` is the least that
        counts: note, warning or error. ``finished`` says that no more calls will come. ``.assert_none()`` of what
        it gives fails with all of it in words. Raises ReviewError for a rule or a severity that does not exist.
        """
        from mock_airflow.review.review import review
        from mock_airflow.review.traffic import Traffic

        with self._settled():
            traffic = Traffic(self.deployment.journal, self.deployment, finished=finished)
            return review(traffic, ignore=ignore, severity=severity)

    def least_privilege(self) -> LeastPrivilege:
        """The smallest role and scope that would have passed every call so far, and the permissions behind them."""
        from mock_airflow.review.least_privilege import least_privilege

        with self._settled():
            return least_privilege(self.deployment)

    def snapshot(self) -> Snapshot:
        """Its state, clock, keys, limits and faults as they are now, for ``restore()``. The calls are no part of it."""
        with self._settled():
            return self.deployment.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this or of an equal mock, any number of times; the calls go on."""
        self.deployment.restore(snapshot)

    def rewind(self, call: int | Entry) -> None:
        """Go back to just before a call, named by its number or its entry; the calls go on.

        State, clock, keys, limits and faults are as that call found them. Raises JournalError for one that the journal
        does not have any more.
        """
        self.deployment.rewind(call.number if isinstance(call, Entry) else call)

    def fork(self) -> MockAirflow:
        """An independent copy as of now, with the same credentials and no calls; close it when it was served."""
        fork = self.deployment.fork()
        fork.faults.excuse()  # a rule that has yet to fire is not the copy's own
        return MockAirflow.of(fork)

    def reset(self) -> None:
        """Go back to how it began, and forget the calls."""
        self.deployment.reset()
