"""One test run in many ways: for each profile, role, transport or failure that its marker names.

@pytest.mark.mock_airflow_matrix(failures="all", profiles=["airflow2", "datacoves"])
def test_refusals_are_told(mock_airflow_matrix):
    client = Client(mock_airflow_matrix.api_url, mock_airflow_matrix.headers)
    ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mock_airflow.settings.spelling import hint

if TYPE_CHECKING:
    from mock_airflow.failures.preview import Look
    from mock_airflow.testing.mock import MockAirflow

MARKER = FIXTURE = "mock_airflow_matrix"
BASE_URL = "https://airflow.example"  # where a transport without a socket is found
# By name, with the packages of which it needs one.
TRANSPORTS: Mapping[str, tuple[str, ...]] = {
    "live": (),
    "intercept": ("requests", "httpx"),
    "responses": ("responses",),
    "httpserver": ("pytest_httpserver",),
}
ROLES = ("Public", "Viewer", "User", "Op", "Admin")  # Airflow's own; a world may have others


class Case(NamedTuple):
    """What one run is about; None where the marker says nothing, so that settings and defaults count."""

    profile: str | None = None
    role: str | None = None
    transport: str | None = None
    failure: str | None = None


class Refused(NamedTuple):
    """A marker that cannot be used, and why."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class MatrixCase:
    """One run: an Airflow, and how a client reaches it.

    ``url`` and ``api_url`` are where the client finds it by this transport; ``headers`` and ``credentials`` are those
    of the role, or else the deployment's first. With a failure, it has been provoked, and ``look`` tells what a client
    meets: request, status, headers, body and the reason behind it.
    """

    airflow: MockAirflow
    profile: str
    role: str | None
    transport: str
    failure: str | None
    url: str
    headers: Mapping[str, str]
    credentials: Mapping[str, str]
    look: Look | None

    @property
    def api_url(self) -> str:
        """The root of Airflow's stable API, without a slash at the end."""
        return f"{self.url}{self.airflow.deployment.mount}{self.airflow.deployment.api_path}"

    @property
    def env(self) -> dict[str, str]:
        """The variables that the vendor's pages name, for this run's address and credential."""
        return self.airflow.deployment.profile.environment(self.url, self.credentials, self.airflow.settings)


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Have a test run once for each combination that its markers name, the nearest counting for each dimension."""
    given: dict[str, Any] = {}
    marks = list(metafunc.definition.iter_markers(MARKER))
    try:
        for mark in reversed(marks):
            if mark.args:
                raise ValueError(f"takes its dimensions by name, such as failures='all', not {mark.args[0]!r}.")
            given |= mark.kwargs
        cases: list[Any] = list(_cases(given))
        ids = [_id(case, given) for case in cases]
    except ValueError as error:
        cases, ids = [Refused(f"the marker {MARKER!r} of {metafunc.definition.nodeid} {error}")], ["refused"]
    metafunc.parametrize(FIXTURE, cases, ids=ids, indirect=True)


def _cases(given: Mapping[str, Any]) -> Iterator[Case]:
    from mock_airflow.failures.catalogue import CATALOGUE
    from mock_airflow.settings import PROFILES

    known: dict[str, tuple[str, ...]] = {
        "profiles": PROFILES,
        "roles": ROLES,
        "transports": tuple(TRANSPORTS),
        "failures": tuple(CATALOGUE),
    }
    for name in given:
        if name not in known:
            raise ValueError(f"has no dimension {name!r}; {hint(name, known, 'there are')}")
    if not given:
        raise ValueError(f"says nothing: give it one or more of {', '.join(known)}, such as failures='all'.")
    if given.get("roles") and given.get("failures"):
        raise ValueError(
            "has roles and failures, which do not go together: a failure is about the deployment's first credential."
        )
    values = (_values(name, given[name], known[name]) if name in given else (None,) for name in known)
    for profile, role, transport, failure in product(*values):
        yield Case(profile, role, transport, failure)


def _values(name: str, given: Any, known: tuple[str, ...]) -> tuple[str | None, ...]:
    if given == "all":
        return known
    values = (given,) if isinstance(given, str) else tuple(given)
    if not values:
        raise ValueError(f"has no value for {name}: name some, or 'all'.")
    for value in values:
        # A world may have roles of its own, and a run may go without a failure.
        if value not in known and name != "roles" and not (value is None and name == "failures"):
            raise ValueError(f"has {value!r} among its {name}; {hint(value, known, 'there are')}")
    return values


def _id(case: Case, given: Mapping[str, Any]) -> str:
    told = zip(("profiles", "roles", "transports", "failures"), case, strict=True)
    return "-".join(value or "no-failure" for dimension, value in told if dimension in given)


def case_of(item: Any) -> Case | None:
    """The case of a test that runs in many ways. Raises UsageError for a marker that cannot be used."""
    callspec = getattr(item, "callspec", None)
    case = callspec.params.get(FIXTURE) if callspec is not None else None
    if isinstance(case, Refused):
        raise pytest.UsageError(f"mock-airflow: {case.reason}")
    return case if isinstance(case, Case) else None


def require(case: Case) -> None:
    """Skip the test where its transport needs a package that is not installed."""
    needed = TRANSPORTS.get(case.transport or "live", ())
    if needed and not any(find_spec(name) for name in needed):
        names = " or ".join(name.replace("_", "-") for name in needed)
        pytest.skip(f"The transport {case.transport!r} needs {names}, which is not installed.")


@contextmanager
def run(case: Case, airflow: MockAirflow, request: pytest.FixtureRequest) -> Iterator[MatrixCase]:
    """One run: its transport laid, its failure provoked. Skips the test where the profile has no such failure."""
    from mock_airflow.errors import FailureError
    from mock_airflow.failures.catalogue import named

    transport = case.transport or "live"
    with ExitStack() as stack:
        url = _laid(transport, airflow, request, stack)
        account = airflow.principal(case.role) if case.role is not None else None
        headers = account.headers if account is not None else airflow.headers
        look = None
        if case.failure is not None:
            try:
                look = airflow.failures.look(case.failure)
            except FailureError as error:
                pytest.skip(str(error))
            probe = named(case.failure).arrange(airflow.deployment.fork())
            airflow.failures.provoke(case.failure)
            if probe.renewed:
                headers = airflow.headers
        yield MatrixCase(
            airflow=airflow,
            profile=airflow.settings.profile,
            role=case.role,
            transport=transport,
            failure=case.failure,
            url=url,
            headers=headers,
            credentials=account.credentials if account is not None else airflow.credentials,
            look=look,
        )


def _laid(transport: str, airflow: MockAirflow, request: pytest.FixtureRequest, stack: ExitStack) -> str:
    """The URL at which a client finds the Airflow by this transport, which is open until the stack is."""
    if transport == "live":
        return airflow.url
    if transport == "httpserver":
        server = request.getfixturevalue("mock_airflow_httpserver")
        return str(server.url_for("")).rstrip("/")
    if transport == "responses":
        import responses

        rsps = stack.enter_context(responses.RequestsMock(assert_all_requests_are_fired=False))
        airflow.register(rsps, BASE_URL)
    else:
        stack.enter_context(airflow.intercept(BASE_URL))
    return BASE_URL
