"""Sessions: rows that a cookie opens, of those who logged in and of those who only got the login form.

A session ends by a logout, 30 days after it began, and with its user: one who is deleted, inactive or has another
password is nobody any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, ClassVar

from werkzeug.http import dump_cookie

from mock_airflow.storage.rows import Secretive

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.principals import Principal
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records import User
    from mock_airflow.storage.tables import Table

NAME = "session"
_LIFETIME = timedelta(minutes=43200)  # Airflow's default for session_lifetime_minutes


class Session(Secretive, frozen=True, kw_only=True):
    """One session; ``user_id`` is None while nobody logged in. ``from_api`` ones came with an API's answer.

    ``secret`` is the cookie's value. The row's key is its number, so that what tells of rows tells no secret.
    """

    secrets: ClassVar[tuple[str, ...]] = ("secret", "csrf_token", "password_digest")

    id: int
    secret: str
    csrf_token: str
    user_id: int | None
    password_digest: str
    from_api: bool
    expires_at: datetime

    def cookie(self) -> str:
        """The ``Set-Cookie`` that carries it."""
        return dump_cookie(NAME, self.secret, expires=self.expires_at, httponly=True, path="/", samesite="Lax")


class Sessions:
    """The sessions of one deployment; they go with its snapshots."""

    def __init__(self, airflow: Airflow) -> None:
        self._airflow = airflow
        self._table: Table[int, Session] = airflow.add_table(
            "sessions",
            lambda row: row.id,
            groups={"user": lambda row: row.user_id},
            unique={"secret": lambda row: row.secret},
        )

    def begin(self, user: User | None = None, *, after: Session | None = None, from_api: bool = False) -> Session:
        """A new session. It takes the place of the one before, whose CSRF token stays good for forms already open."""
        now = self._airflow.now()
        for old in list(takewhile(lambda row: row.expires_at <= now, self._table)):
            self._table.delete(old.id)
        if after is not None:
            self.end(after)
        return self._table.put(
            Session(
                id=self._airflow.next_id("sessions"),
                secret=self._airflow.ids.hex(64, "session"),
                csrf_token=after.csrf_token if after is not None else self._airflow.ids.hex(40, "csrf"),
                user_id=None if user is None else user.id,
                password_digest="" if user is None else user.password_digest,
                from_api=from_api,
                expires_at=now + _LIFETIME,
            )
        )

    def from_api(self, user: User) -> Session:
        """The session that an API's answer carries: the user's newest of this kind, or a new one."""
        for session in reversed([*self._table.group("user", user.id).values()]):
            if session.from_api and self._is_alive(session) and self.user_of(session) is not None:
                return session
        return self.begin(user, from_api=True)

    def find(self, request: Request) -> Session | None:
        """The living session that the request's cookie opens; None without one."""
        session = self._table.lookup("secret", request.cookies.get(NAME, ""))
        return session if session is not None and self._is_alive(session) else None

    def user_by(self, request: Request) -> User | None:
        """The user whose session the request's cookie is; None without a good one."""
        return self.user_of(self.find(request))

    def user_of(self, session: Session | None) -> User | None:
        """The user whose session it is, while that is the same active user with the same password."""
        if session is None or session.user_id is None:
            return None
        user = next((user for user in self._airflow.users if user.id == session.user_id), None)
        if user is None or not user.active or user.password_digest != session.password_digest:
            return None
        return user

    def cookie_of(self, principal: Principal | None) -> str | None:
        """The ``Set-Cookie`` that a real Airflow answers to a user who called an API; None for anybody else."""
        user = None if principal is None or principal.anonymous else self._airflow.users.get(principal.name)
        return None if user is None else self.from_api(user).cookie()

    def end(self, session: Session) -> None:
        """Have the session's cookie open nothing from now on."""
        self._table.delete(session.id)

    def _is_alive(self, session: Session) -> bool:
        return self._airflow.now() < session.expires_at
