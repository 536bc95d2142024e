"""A deployment: one emulated Airflow with its access, limits, faults and journal. Nothing of it is process-global."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any

from mock_airflow.access.keys import Keys
from mock_airflow.access.sessions import Sessions
from mock_airflow.access.tokens import Tokens
from mock_airflow.answers import RaisedAnswer
from mock_airflow.domain import pools
from mock_airflow.domain.airflow import Airflow, Snapshot
from mock_airflow.domain.clock import Clock
from mock_airflow.domain.ids import Ids
from mock_airflow.domain.installation.default_roles import add_default_roles
from mock_airflow.domain.schedules.conduct import INTERVALS, POINTS
from mock_airflow.errors import AccessKeyError, SnapshotError
from mock_airflow.faults.faults import Faults
from mock_airflow.journal.journal import Journal
from mock_airflow.journal.secrets import Secrets
from mock_airflow.limits.limits import Limits
from mock_airflow.profiles import base as profiles
from mock_airflow.rewinding import History, Mark
from mock_airflow.settings import Settings
from mock_airflow.storage import garbage
from mock_airflow.storage.on_demand import on_demand
from mock_airflow.storage.shared import Folder, Held
from mock_airflow.storage.singletons import Single
from mock_airflow.storage.tables import Change

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Request

    from mock_airflow.access import expiry, given, signing
    from mock_airflow.access.principals import Principal
    from mock_airflow.domain import event_logs
    from mock_airflow.domain.dag_files import KnownFile
    from mock_airflow.domain.installation import default_roles_3
    from mock_airflow.domain.scheduler import foreseeing, settling
    from mock_airflow.journal.pattern import Route
else:
    expiry, given, signing = on_demand("mock_airflow.access", "expiry", "given", "signing")
    (event_logs,) = on_demand("mock_airflow.domain", "event_logs")
    (default_roles_3,) = on_demand("mock_airflow.domain.installation", "default_roles_3")
    foreseeing, settling = on_demand("mock_airflow.domain.scheduler", "foreseeing", "settling")

_SLICE = 1000  # looks of the scheduler in one slice of a long time: tenths of a second
_PAUSE = 0.001  # seconds; a lock that is let go and taken at once again is never another's
_MACHINE_TIME, _MACHINE_SLEEP = time.time, time.sleep  # the machine's own, whatever a test has put in their place


def standing_still() -> Callable[[], float]:
    """A wall clock for a deployment, on which it always is this moment."""
    moment = time.time()
    return lambda: moment


class Deployment(Held):
    """Settings, clock, ids, state, access, limits, faults and journal of one emulated Airflow.

    ``wsgi`` is the application; everything else is for tests and for the control API. Hold ``lock`` while touching the
    state from another thread than a request's.
    """

    passwords: Single[Mapping[str, str]] = Single("passwords", {})  # of users that this program may tell, by name
    dag_files_read: Single[Mapping[str, KnownFile]] = Single("dag_files_read", {})  # by path
    provoked: Single[frozenset[int]] = Single("provoked", frozenset())  # statuses of failures that a test asked for

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        wall: Callable[[], float] = time.time,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._assemble((settings or Settings()).resolved(), wall, wait)
        fab_of_3 = self.settings.fab_auth_manager
        (default_roles_3.add_default_roles_3 if fab_of_3 else add_default_roles)(self.airflow)
        pools.create(self.airflow, name=pools.DEFAULT_POOL, slots=128, description="Default pool")

    def _assemble(self, settings: Settings, wall: Callable[[], float], wait: Callable[[float], object]) -> None:
        self.settings, self._wall, self._wait = settings, wall, wait
        self.lock, self.replica = threading.RLock(), None
        self.clock = Clock(wall, wait)
        if self.settings.speed != 1.0:
            self.clock.speed = self.settings.speed
        if self.settings.frozen:
            self.clock.freeze(self.settings.clock)
        elif self.settings.clock is not None:
            self.clock.set(self.settings.clock)
        self.ids = Ids(self.settings.seed)
        conduct = POINTS if self.settings.generation == 3 else INTERVALS
        self.airflow = Airflow(self.clock, self.ids, self.settings.runs, self.settings.hostname, conduct)
        self.profile = profiles.by_name(self.settings.profile)
        if self.settings.enable_experimental_api is None and self.profile.experimental_api:
            self.settings = replace(self.settings, enable_experimental_api=True)
        if self.profile.signs_tokens and self.profile.rsa:
            signing.require(self.profile.name)
        self.keys = Keys(self)
        self.tokens = Tokens(self.airflow, self.settings.seed, self.lock)
        self.vendor = self.profile.attach(self.airflow, self.settings)
        self.mount = self.profile.mount(self.settings)
        self.sessions = Sessions(self.airflow)
        self.singletons = self.airflow.singletons
        accounts = self.airflow.add_table("limits", lambda account: account.who)
        self.limits = Limits(accounts, self.singletons, self.profile.tiers, self.lock, self.airflow.now, self.keys)
        self.limits.follow(self.settings)
        self.faults = Faults(self.airflow, self.known_calls, self.lock)
        self.journal = Journal(self.settings.journal_size, self.settings.journal_bytes)
        self.history = History(self)
        self.clock.before_move = self._see_that_it_can_be_reached
        self.snapshots_taken = 0
        self.kept_snapshots: MutableMapping[int, Snapshot] = {}  # by number, those that were asked for over the wire
        given = filter(None, [self.settings.control_token])
        self.secrets = Secrets(self.airflow, self.keys.values, given, self.profile.credential_header(self.settings))
        self._credentials: dict[str, str] | None = None
        self.first_draw = 0  # how many ids were drawn before the first credential was made
        self.dag_folder: Folder | None = None
        self.streams = 0  # of events, that are open
        self.faces: list[Deployment] = []  # the same world as other versions show it
        self._app: Any = None
        self._start: Snapshot | None = None

    @property
    def generation(self) -> int:
        """Which generation of Airflow it is: 2 or 3."""
        return self.settings.generation

    @property
    def has_begun(self) -> bool:
        """Whether its starting state is settled."""
        return self._start is not None

    @property
    def api_path(self) -> str:
        """The path of its REST API, below the mount."""
        return "/api/v2" if self.generation == 3 else "/api/v1"

    def begin(self, users: Iterable[str] = (), keys: Iterable[str] = ()) -> None:
        """Make the first credential and those of the settings, and take what there is now as the starting state.

        Raises SettingError for a malformed ``name:password:role`` or ``secret:scope``, and LimitError for the unknown
        tier in ``secret:scope:tier``.
        """
        with self.lock:
            for text in (*self.settings.user, *users):
                given.add_user(self, text)
            for text in (*self.settings.key, *keys):
                given.add_key(self, text)
            self.first_draw = self.ids.drawn
            self._credentials = self.profile.prepare(self)
            for face in self.faces:
                face.begin()
            if self.airflow.is_due():
                settling.settle(self.airflow)
            self.faults.excuse()  # a world's rules are there for many tests
            self._start = self.snapshot()

    @property
    def credentials(self) -> dict[str, str]:
        """A working credential of the profile, as a client holds it."""
        if self._credentials is None:
            self.begin()
        assert self._credentials is not None
        return dict(self._credentials)

    @property
    def start(self) -> Snapshot:
        """The starting state, which ``reset()`` goes back to."""
        if self._start is None:
            self.begin()
        assert self._start is not None
        return self._start

    def resume(self, start: Snapshot, credentials: dict[str, str], first_draw: int) -> None:
        """Be one that began earlier, whose state has been put in place: it started from ``start``."""
        self._start, self._credentials, self.first_draw = start, credentials, first_draw

    @property
    def headers(self) -> dict[str, str]:
        """The headers that carry that credential; a new token each time, where it is exchanged for one.

        Where it is refused by now, they hold what its client still has: a token of before, which counts no more.
        """
        with self.lock:
            try:
                return self.profile.headers(self.credentials, self)
            except (AccessKeyError, RaisedAnswer):
                return self._stale_headers()

    def _stale_headers(self) -> dict[str, str]:
        """The headers as a copy in the starting state gives them, with their token revoked here."""
        before = self.fork()
        before.reset()
        before.clock.load(self.clock.save())
        headers = self.profile.headers(self.credentials, before)
        for token in before.tokens:
            self.tokens.keep_revoked(token)
        return headers

    def snapshot(self) -> Snapshot:
        """Everything but the journal, as it is now; costs microseconds."""
        with self.lock:
            return self.airflow.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, any number of times; the journal goes on."""
        with self.lock:
            self.airflow.restore(snapshot)
            if self.replica is not None:
                self.replica.rewritten()
            self.faults.history.clear()
            self.history.begin(snapshot)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done to the state meanwhile is done whole, or taken back whole when it fails; time goes on."""
        with self.lock:
            before, stale = self.snapshot(), self.faults.history.copy()
            try:
                yield
            except BaseException:
                self.restore(before._replace(clock=self.clock.save()))
                self.faults.history = stale
                raise

    def keep_snapshot(self) -> int:
        """Take a snapshot and keep it; gives its number. Raises SnapshotError for one too many."""
        with self.lock:
            most = self.settings.kept_snapshots
            if len(self.kept_snapshots) >= most:
                raise SnapshotError(
                    f"{most} snapshots are kept, which is all that the setting kept_snapshots allows; delete one with"
                    " DELETE /__mock__/snapshots/{id}, or all with DELETE /__mock__/snapshots."
                )
            self.snapshots_taken += 1
            self.kept_snapshots[self.snapshots_taken] = self.snapshot()
            return self.snapshots_taken

    def rewind(self, number: int) -> None:
        """Go back to just before the call of that number; the journal goes on, so one can go forward again too.

        Raises JournalError for a call that the journal does not have.
        """
        with self.lock:
            mark = self.journal.get(number).mark
            if mark is None and self.replica is not None:  # the call was answered by another process
                self.replica.go_back(number)
                return
            assert isinstance(mark, Mark)
            self.history.go_back(mark)

    def collect(self) -> list[Change]:
        """What changed since this was called last; noted for the way back."""
        if not self.airflow.changes:
            return []
        if len(self.airflow.event_logs) > self.settings.event_logs_kept:
            event_logs.keep(self.airflow, self.settings.event_logs_kept)
        self.history.note(changes := self.airflow.take_changes())
        if self.replica is not None:
            self.replica.note(changes)
        return changes

    def reset(self) -> None:
        """Go back to the starting state and empty the journal."""
        with self.lock:
            self.restore(self.start)
            for face in self.faces:
                face.begin()  # one that came later has its people yet to make
            self.faults.begin_now()
            self.journal.clear()

    def fork(self) -> Deployment:
        """An independent copy with the same settings, state and time, and an empty journal."""
        with self.lock:
            copy = self.empty_copy()
            copy.dag_folder = self.dag_folder and self.dag_folder.copy()
            copy.restore(self.snapshot())
            return copy

    def fresh(self) -> Deployment:
        """An independent deployment in this one's starting state, as if it had begun just now, on the machine's clock.

        Costs microseconds, whatever the number of rows.
        """
        with self.lock:
            start = self.start
            copy = self._bare_copy(_MACHINE_TIME, _MACHINE_SLEEP)
            copy.dag_folder = self.dag_folder.copy() if self.dag_folder is not None else None
            copy._start = start._replace(clock=copy.clock.save())
            copy.restore(copy._start)
            copy.faults.begin_now()
            return copy

    def _bare_copy(self, wall: Callable[[], float], wait: Callable[[float], object]) -> Deployment:
        """One with these settings and no rows, its clock at the settings' moment."""
        copy = Deployment.__new__(Deployment)
        copy._assemble(self.settings, wall, wait)
        copy.keys.values.update(self.keys.values)
        copy._credentials, copy._start, copy.first_draw = self._credentials, self._start, self.first_draw
        return copy

    def empty_copy(self) -> Deployment:
        """One with these settings and no rows, for a state to be read into."""
        return self._bare_copy(self._wall, self._wait)

    def as_of(self, state: Snapshot, moment: datetime) -> Deployment:
        """A copy with an earlier state that stands still at ``moment``, for reads; limits and lock are this one's."""
        copy = self.empty_copy()
        copy.airflow.restore(state)
        copy.clock.freeze(moment)
        copy.limits, copy.lock = self.limits, self.lock
        return copy

    def known_calls(self) -> Sequence[Route]:
        """What it and its faces answer, their control API apart, for patterns to be held against."""
        from mock_airflow.profiles.calls import known_calls

        return [*chain.from_iterable(known_calls(each.profile, each.generation) for each in (self, *self.faces))]

    def expire_credential(self, principal: Principal, request: Request | None = None) -> None:
        """Have the credential that a principal showed open nothing from now on.

        A key expires. Of a user, the session ends that the request brought; a password, which no time ends by itself,
        becomes another, as when an administrator changed it.
        """
        with self.lock:
            expiry.expire(self, principal, request)

    def settle(self) -> None:
        """Let everything happen that is due by the clock."""
        with self.lock:
            self.settle_in_slices()

    def settle_in_slices(self, slice_over: Callable[[], object] = lambda: None) -> None:
        """Settle, for who holds it once: after each slice of much, ``slice_over`` is called, then others may use it."""
        if not self.airflow.is_due():
            return

        def between() -> None:
            slice_over()
            with self.letting_others_in():
                _MACHINE_SLEEP(_PAUSE)

        settling.settle_in_slices(self.airflow, _SLICE, between)

    def _see_that_it_can_be_reached(self, moment: datetime) -> None:
        """Raises ClockError where the schedules would make more runs until then than one move may make."""
        with self.lock:
            foreseeing.see_that_few_come(self.airflow, moment, self.settings.runs_per_move)

    def wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application of this deployment; the corridor behind it is shared by all of one profile."""
        if self._app is None:
            with garbage.none_made():
                create = import_module("mock_airflow.corridor.app").create_app  # by name, since it stands above
                self._app = create(self.settings.profile, self.generation)
        environ["mock_airflow.deployment"] = self
        environ["mock_airflow.clock"] = self.clock  # whoever writes the answer dates it
        if self.mount:
            profiles.find_mount(environ, self.mount)
        return self._app.wsgi_app(environ, start_response)  # type: ignore[no-any-return]

    def machine_now(self) -> datetime:
        """The machine's time, whatever the clock says and a test has put in its place."""
        return datetime.fromtimestamp(_MACHINE_TIME(), timezone.utc)

    def retire(self, application: Any) -> None:
        """Have its ``wsgi_app`` answer every request from now on, whatever way it comes in."""
        self._app = application
        for face in self.faces:
            face._app = application
