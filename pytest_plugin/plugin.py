"""The pytest plugin: an Airflow of its own for every test that asks for one.

    @pytest.mark.mock_airflow(profile="datacoves", rate_limit="500/minute")
    def test_client(mock_airflow):
        mock_airflow.add_dag("etl", tasks=("extract", "load"))
        ...

Only pytest and the standard library are imported until a test uses a fixture.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from . import configuration, review
from .guard import guarded

if TYPE_CHECKING:
    from mock_airflow.server.httpserver import AirflowHTTPServer
    from mock_airflow.server.tls import ThrowawayAuthority
    from mock_airflow.testing.mock import MockAirflow
    from mock_airflow.testing.virtual_sleep import VirtualSleep

    from .matrix import MatrixCase
    from .session import MockAirflowFactory, Session

_session: pytest.StashKey[Session] = pytest.StashKey()


@guarded("add its options")
def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add an ini option and a command-line option for each setting, and those of our own."""
    config = pluginmanager.get_plugin("pytestconfig")
    assert isinstance(config, pytest.Config)
    _spare_rewriting(pluginmanager)
    configuration.add_options(parser, config)


@guarded("check the options")
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Refuse options that do not exist, in words that name the nearest."""
    configuration.add_settings(parser, early_config)  # `-p` has loaded us before the configuration file was read
    configuration.check_arguments(early_config, args)


def _spare_rewriting(pluginmanager: pytest.PytestPluginManager) -> None:
    """Have pytest import the emulator as it is.

    It would rewrite the asserts of everything that a plugin's distribution holds, which here is a whole server: a third
    of a second a session where no bytecode is kept, as in many containers. pytest has no public way to say so; where
    it keeps the names elsewhere one day, this changes nothing.
    """
    marked = getattr(getattr(pluginmanager, "rewrite_hook", None), "_must_rewrite", None)
    if isinstance(marked, set):
        marked.discard("mock_airflow")


@guarded("read its options")
def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and read the options."""
    config.addinivalue_line(
        "markers",
        "mock_airflow(profile=..., world=..., **settings): how the test's Airflow is set up; settings by name, the "
        "nearest marker counts.",
    )
    config.addinivalue_line(
        "markers",
        "mock_airflow_matrix(profiles=..., roles=..., transports=..., failures=...): run the test once for each "
        "combination; every dimension is a list of names, or 'all'.",
    )
    config.addinivalue_line(
        "markers",
        "mock_airflow_review(ignore=..., severity=...): what --mock-airflow-review tells of the test; ignore names "
        "rules, or gives each its reason, or is 'all'.",
    )
    configuration.read_options(config)
    reporter = review.reviewer(config)
    if reporter is not None:
        config.pluginmanager.register(reporter, "mock-airflow-review")
    if config.getoption(configuration.LEAST_PRIVILEGE):
        from .least_privilege import LeastPrivilegeReporter

        config.pluginmanager.register(LeastPrivilegeReporter(), "mock-airflow-least-privilege")


@pytest.hookimpl(optionalhook=True)
@guarded("tell a worker how wide the terminal is")
def pytest_configure_node(node: Any) -> None:
    """Before xdist starts a worker: tell it what it cannot know."""
    from .report import tell_width

    tell_width(node.config, node.workerinput)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test that asks for the matrix run in all the ways that its marker names."""
    if "mock_airflow_matrix" in metafunc.fixturenames:
        with guarded(f"make the matrix of {metafunc.definition.nodeid}"):
            from .matrix import parametrize

            parametrize(metafunc)


@guarded("check the markers")
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse markers that cannot be used before any test runs."""
    if not hasattr(config, "workerinput"):  # in a worker of xdist, which would break down, the test itself refuses
        configuration.check_markers(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a marker that means nothing in a worker of xdist, where nobody has looked before."""
    if hasattr(item.config, "workerinput"):
        with guarded(f"check the markers of {item.nodeid}"):
            configuration.check_use(item)


def _session_of(request: pytest.FixtureRequest) -> Session:
    """What the tests of the session share; the first fixture brings it up."""
    config = request.config
    session = config.stash.get(_session, None)
    if session is None:
        keeps_folders = config.pluginmanager.has_plugin("tmpdir")
        folders = request.getfixturevalue("tmp_path_factory") if keeps_folders else None
        from mock_airflow.storage import garbage

        with garbage.none_made():
            from .session import Session

        session = config.stash[_session] = Session(config, folders)
    return session


@pytest.fixture
def mock_airflow_settings() -> dict[str, Any]:
    """Settings for the tests of a module or folder, by name: override it, and return a dict.

    A test's marker counts more; the command line, ini options and the environment count less, in this order.
    """
    return {}


@pytest.fixture
def mock_airflow(request: pytest.FixtureRequest, mock_airflow_settings: Mapping[str, Any]) -> Iterator[MockAirflow]:
    """An Airflow of the test's own (a ``mock_airflow.MockAirflow``), as markers and options set it up.

    It begins anew for each test, which costs microseconds; its server is opened on first use and closed with the test.
    With ``--mock-airflow-hub URL`` it is a ``RemoteAirflow`` on that server, deleted after the test.
    """
    hub = request.config.getoption(configuration.HUB)
    if hub is not None:
        yield from _on_hub(hub, configuration.settings_for(request, mock_airflow_settings))
        return
    session = _session_of(request)
    mock = session.start(request.node, configuration.settings_for(request, mock_airflow_settings))
    yield mock
    session.end(request.node, [mock])


def _on_hub(hub: str, settings: Mapping[str, Any]) -> Iterator[Any]:
    """A ``RemoteAirflow``, for a session with ``--mock-airflow-hub``."""
    from mock_airflow.errors import MockAirflowError
    from mock_airflow.testing.remote import RemoteAirflow

    try:
        airflow = RemoteAirflow.create(hub, token=os.environ.get(configuration.HUB_TOKEN), **settings)
    except MockAirflowError as error:
        raise pytest.UsageError(f"mock-airflow: {error}") from None
    yield airflow
    airflow.close()


@pytest.fixture
def mock_airflow_factory(
    request: pytest.FixtureRequest, mock_airflow_settings: Mapping[str, Any]
) -> Iterator[MockAirflowFactory]:
    """Makes several in one test: ``mock_airflow_factory(profile="datacoves")``.

    Where a setting is not given, it is as for ``mock_airflow``. All are closed with the test.
    """
    session = _session_of(request)
    common = configuration.settings_for(request, mock_airflow_settings)
    made: list[MockAirflow] = []

    def make(**settings: Any) -> MockAirflow:
        made.append(session.start(request.node, {**common, **settings}))
        return made[-1]

    yield make
    session.end(request.node, made)


@pytest.fixture
def mock_airflow_matrix(request: pytest.FixtureRequest, mock_airflow: MockAirflow) -> Iterator[MatrixCase]:
    """One of the ways in which the marker ``mock_airflow_matrix`` has the test run: profile, role, transport, failure.

    ``.airflow`` is the same as ``mock_airflow``; ``.api_url`` and ``.headers`` are what a client needs to reach it.
    """
    from .matrix import run

    with run(request.param, mock_airflow, request) as case:
        yield case


@pytest.fixture
def mock_airflow_env(mock_airflow: MockAirflow, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment variables that the vendor's pages name, set for this test and pointing at ``mock_airflow``.

    Gives them by name.
    """
    variables = mock_airflow.env
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def virtual_sleep(mock_airflow: MockAirflow) -> Iterator[VirtualSleep]:
    """Sleeping in the test's thread moves the clock of ``mock_airflow`` instead of waiting; ``.slept`` tells how long.

    ``.include_thread(thread)`` takes another thread's sleeping over too.
    """
    with mock_airflow.virtual_sleep() as slept:
        yield slept


@pytest.fixture
def mock_airflow_httpserver(request: pytest.FixtureRequest, mock_airflow: MockAirflow) -> Iterator[AirflowHTTPServer]:
    """A pytest-httpserver ``HTTPServer``: scripted expectations first, and ``mock_airflow`` answers the rest.

    Needs the extra ``httpserver``.
    """
    yield from _session_of(request).served(request.node, mock_airflow, None)


@pytest.fixture(scope="session")
def mock_airflow_authority() -> ThrowawayAuthority:
    """A certificate authority of the session's own; ``.ca_file`` is the path that a client has to trust.

    Those that set ``tls_self_signed`` have their certificates from it too. Needs the extra ``tls``.
    """
    from mock_airflow.server.tls import ThrowawayAuthority

    return ThrowawayAuthority.shared()


@pytest.fixture
def mock_airflow_httpserver_tls(
    request: pytest.FixtureRequest, mock_airflow: MockAirflow, mock_airflow_authority: ThrowawayAuthority
) -> Iterator[AirflowHTTPServer]:
    """As ``mock_airflow_httpserver``, over TLS; ``.ca_file`` is what a client has to trust."""
    yield from _session_of(request).served(request.node, mock_airflow, mock_airflow_authority)
