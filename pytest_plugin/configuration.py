"""Which settings a test asks for, the nearest first: marker, fixture, command line, ini options, environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import pytest

from . import review
from .guard import warn
from .places import located

MARKER = "mock_airflow"
MATRIX = "mock_airflow_matrix"
PREFIX = "mock_airflow_"
OPTION = "--mock-airflow-"
LEAST_PRIVILEGE = f"{OPTION}least-privilege"
HUB = f"{OPTION}hub"
HUB_TOKEN = "MOCK_AIRFLOW_CONTROL_TOKEN"


class UnknownVariableWarning(UserWarning):
    """An environment variable is named as a setting would be, and there is no such setting."""


_option_names = pytest.StashKey[tuple[str, ...]]()
_from_session = pytest.StashKey[dict[str, Any]]()
_from_environment = pytest.StashKey[dict[str, Any]]()


def add_options(parser: pytest.Parser, config: pytest.Config) -> None:
    """Have pytest know our options: for each setting one of each kind, if any of them, or pytest's help, is asked for.

    To know the settings they have to be imported, which takes milliseconds that a session without them need not spend.
    """
    group = parser.getgroup("mock-airflow")
    group.addoption(
        LEAST_PRIVILEGE,
        action="store_true",
        help="print the smallest role and scope that would have passed every call of the tests",
    )
    group.addoption(
        HUB,
        dest="hub_of_mock_airflow",  # it is no setting, whose names begin as ours do
        metavar="URL",
        help="have mock_airflow be a deployment of its own on this `mock-airflow serve`, deleted after each test; a"
        f" control token is read from {HUB_TOKEN}",
    )
    review.add_options(parser, group)
    config.stash[_option_names] = ()
    add_settings(parser, config)


def add_settings(parser: pytest.Parser, config: pytest.Config) -> None:
    """Have pytest know an option of each kind for each setting, if any is mentioned in what has been read so far."""
    if config.stash[_option_names] or not _is_mentioned(config):
        return
    from mock_airflow.settings import Settings

    group = parser.getgroup("mock-airflow")
    for field in fields(Settings):
        parser.addini(PREFIX + field.name, f"mock-airflow: {field.metadata['help']}", default=None)
        group.addoption(
            _option(field.name),
            action="append" if isinstance(field.default, tuple) else "store",
            metavar=field.metadata.get("metavar", "VALUE"),
            help=field.metadata["help"].replace("%", "%%"),
        )
    config.stash[_option_names] = tuple(PREFIX + field.name for field in fields(Settings))


def _option(name: str) -> str:
    return OPTION + name.replace("_", "-")


def _is_mentioned(config: pytest.Config) -> bool:
    written, arguments = _written(config), config.invocation_params.args
    options = (*arguments, written.get("addopts", ""), os.environ.get("PYTEST_ADDOPTS", ""))
    mentioned = any(PREFIX in str(text) or OPTION in str(text) for text in (*written, *options))
    return mentioned or bool({"-h", "--help"} & {*arguments})


def _written(config: pytest.Config) -> Mapping[str, Any]:
    """The options in the configuration file by name, known or not; none where pytest keeps them elsewhere."""
    kept = vars(config)  # `inicfg` in pytest 8; as an attribute, pytest 9 warns of it
    return kept.get("_inicfg") or kept.get("inicfg") or {}


def _overriding(config: pytest.Config) -> Iterable[str]:
    """The ini options that the command line gives, as name=value."""
    return tuple(getattr(config.option, "override_ini", None) or ())


def check_arguments(config: pytest.Config, arguments: Iterable[str]) -> None:
    """Raise UsageError for an option on the command line, or in addopts, that sounds like ours and does not exist."""
    known = [
        LEAST_PRIVILEGE,
        HUB,
        review.OPTION,
        *(_option(name.removeprefix(PREFIX)) for name in config.stash[_option_names]),
    ]
    for argument in arguments:
        name = str(argument).partition("=")[0]
        if name.startswith(OPTION) and name not in known:
            raise pytest.UsageError(f"mock-airflow: there is no option {name}; {_nearest(name, known)}")


def _nearest(name: str, known: Iterable[str]) -> str:
    from mock_airflow.settings.spelling import nearest

    near = nearest(name, known)
    return f"did you mean {near}?" if near is not None else f"there are {', '.join(known)}."


def read_options(config: pytest.Config) -> None:
    """Keep what ini options and command line say. Raises UsageError for an option or value that cannot be used."""
    known = config.stash[_option_names]
    for given in [*_written(config), *(each.partition("=")[0].strip() for each in _overriding(config))]:
        if given.startswith(PREFIX) and given not in (*known, review.INI, review.SEVERITY, review.IGNORE):
            raise pytest.UsageError(f"mock-airflow: there is no ini option {given}; {_nearest(given, known)}")
    of_ini = {name.removeprefix(PREFIX): value for name in known if (value := config.getini(name)) is not None}
    if of_ini:
        with _telling(f"the ini options {PREFIX}*"):
            _check(of_ini)
        of_ini = located(of_ini, [config.inipath.parent if config.inipath is not None else config.rootpath])
    of_command_line = _of_command_line(config)
    if of_command_line:
        with _telling("the command line"):
            _check(of_command_line)
        of_command_line = located(of_command_line, [config.invocation_params.dir])
    config.stash[_from_session] = of_ini | of_command_line


def _of_command_line(config: pytest.Config) -> dict[str, Any]:
    """The settings among the options; in a worker of xdist those that its controller was given."""
    given = {
        name.removeprefix(PREFIX): value
        for name, value in vars(config.option).items()
        if name.startswith(PREFIX) and value is not None and not isinstance(value, bool)
    }
    if not given:
        return given
    from mock_airflow.settings import Settings

    # A comma parts the items of a list, but for secrets, which may hold one.
    apart = {field.name for field in fields(Settings) if field.metadata.get("secret")}
    return {
        name: ",".join(value) if isinstance(value, list) and name not in apart else value
        for name, value in given.items()
    }


def check_markers(items: list[pytest.Item]) -> None:
    """Raise UsageError for the first marker that cannot be used, before any test has run."""
    checked: set[int] = set()  # one mark may stand on many tests
    for item in items:
        check_use(item)
        if MATRIX in getattr(item, "fixturenames", ()):
            from .matrix import case_of

            case_of(item)
        if any(name.startswith("mock_airflow") for name in getattr(item, "fixturenames", ())):
            for mark in item.iter_markers(MARKER):
                if id(mark) not in checked:
                    checked.add(id(mark))
                    with _telling(f"the marker {MARKER!r} of {item.nodeid}"):
                        _check_mark(mark)
        for mark in item.iter_markers(review.MARKER):
            if id(mark) not in checked:
                checked.add(id(mark))
                review.check_mark(mark, item.nodeid)


def check_use(item: pytest.Item) -> None:
    """Raise UsageError for a marker of ours that means nothing to the test which it stands on.

    One that stands on a class or module is for those of its tests that use it, but for a matrix over a test that takes
    an Airflow: that test would run once, and look as if it had run in every way.
    """
    fixtures = getattr(item, "fixturenames", None)
    if fixtures is None:
        return
    own = {mark.name for mark in item.own_markers}
    takes_one = any(name.startswith("mock_airflow") for name in fixtures)
    if MATRIX not in fixtures and (MATRIX in own or (takes_one and item.get_closest_marker(MATRIX) is not None)):
        instead = "the fixture mock_airflow_matrix, whose .airflow is its mock_airflow"
        raise pytest.UsageError(
            f"mock-airflow: the marker {MATRIX!r} of {item.nodeid} has no effect: the test does not take {instead}."
        )
    if MARKER in own and not takes_one and not _may_ask_later(item):
        raise pytest.UsageError(
            f"mock-airflow: the marker {MARKER!r} of {item.nodeid} has no effect: the test takes no fixture of "
            "mock-airflow, such as mock_airflow."
        )


def _may_ask_later(item: Any) -> bool:
    """Whether the test or a fixture of its project may ask for further fixtures as it runs, by ``request``.

    Pytest has no public way to tell; where it keeps that elsewhere one day, every test may.
    """
    found = getattr(item, "_fixtureinfo", None)
    if found is None or "request" in found.argnames:
        return True
    definitions = [each for several in found.name2fixturedefs.values() for each in several]
    return any("request" in each.argnames and not each.func.__module__.startswith("_pytest.") for each in definitions)


def _check_vendor(item: Any, settings: Mapping[str, Any]) -> None:
    """Refuse a vendor's setting on a test of another vendor; a mark further out may be for many profiles."""
    given = [name for mark in getattr(item, "own_markers", ()) if mark.name == MARKER for name in mark.kwargs]
    profile = settings.get("profile", None if "world" in settings else "airflow2")  # a world may name one
    if {MATRIX, "mock_airflow_factory"} & {*item.fixturenames} or profile is None or not given:
        return
    from mock_airflow.settings.record import vendor_of

    for name in given:
        vendor = vendor_of(name)
        if vendor not in (None, profile):
            raise pytest.UsageError(
                f"mock-airflow: the marker {MARKER!r} of {item.nodeid} sets {name!r}, which concerns the profile "
                f"{vendor!r}; this test's profile is {profile!r}."
            )


def settings_for(request: pytest.FixtureRequest, from_fixture: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the test that asks, by name; those that nobody gave are left out. Raises UsageError."""
    config = request.config
    if _from_environment not in config.stash:  # read once: looking through all variables takes its time
        config.stash[_from_environment] = _read_environment()
    near: dict[str, Any] = {}
    if from_fixture:
        with _telling("the fixture mock_airflow_settings"):
            _check(from_fixture)
        near |= from_fixture
    for mark in reversed(list(request.node.iter_markers(MARKER))):  # the nearest comes first
        _check_by_name(mark)
        near |= mark.kwargs  # what cannot be used is found when the template is made, if not before
    near |= _of_matrix(request.node)
    if near:
        beside = request.path.parent
        above = [each for each in beside.parents if each.is_relative_to(config.rootpath)]
        near = located(near, [beside, *above])
    settings = config.stash[_from_environment] | config.stash[_from_session] | near
    _check_vendor(request.node, settings)
    return settings


def _of_matrix(item: Any) -> dict[str, Any]:
    """What a test that runs in many ways asks for this time. Skips it where that needs what is not installed."""
    if MATRIX not in getattr(item, "fixturenames", ()):
        return {}
    from .matrix import case_of, require

    case = case_of(item)
    if case is None:
        return {}
    require(case)
    return {} if case.profile is None else {"profile": case.profile}


def _read_environment() -> dict[str, Any]:
    if not any(name.startswith("MOCK_AIRFLOW_") for name in os.environ):
        return {}
    from mock_airflow.cli.serving.listening import Listening
    from mock_airflow.settings import Settings

    # Whoever runs the tests may not have set it, so it is no reason to refuse them all.
    values = Settings.from_environment(
        os.environ,
        beside=[field.name for field in fields(Listening)],
        unknown=lambda sentence: warn(f"mock-airflow: {sentence}", UnknownVariableWarning),
    )
    with _telling("the environment"):
        _check(values)
    return values


def _check_mark(mark: pytest.Mark) -> None:
    _check_by_name(mark)
    _check(mark.kwargs)


def _check_by_name(mark: pytest.Mark) -> None:
    if mark.args:
        raise pytest.UsageError(
            f"mock-airflow: the marker {MARKER!r} takes settings by name, such as profile='datacoves', so "
            f"{mark.args[0]!r} cannot stand alone."
        )


def _check(values: Mapping[str, Any]) -> None:
    from mock_airflow.settings import Settings

    Settings.of(**values)


@contextmanager
def _telling(place: str) -> Iterator[None]:
    """Turn what the project refuses into pytest's usage error, with the place where it stands."""
    __tracebackhide__ = True
    try:
        yield
    except Exception as error:
        from mock_airflow.errors import MockAirflowError

        if isinstance(error, MockAirflowError):
            raise pytest.UsageError(f"mock-airflow: {place}: {error}") from None
        raise
