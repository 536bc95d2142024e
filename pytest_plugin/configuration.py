"""Which settings a test asks for: its marker over the fixture, over ini options, over the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

MARKER = "mock_airflow"
PREFIX = "mock_airflow_"

# The names of mock_airflow.settings.Settings, copied because importing that costs every session several milliseconds,
# used or not; a test sees to it that they agree.
SETTING_NAMES = (
    "profile",
    "world",
    "user",
    "key",
    "rate_limit",
    "burst",
    "clock",
    "frozen",
    "speed",
    "runs",
    "seed",
    "airflow_version",
    "hostname",
    "maximum_page_limit",
    "fallback_page_limit",
    "access_control_allow_origins",
    "access_control_allow_headers",
    "access_control_allow_methods",
    "auth_backends",
    "auth_role_public",
    "airflow_bugs",
    "explain_header",
    "journal_size",
    "control_token",
)

_ini_values = pytest.StashKey[dict[str, Any]]()
_from_environment = pytest.StashKey[dict[str, Any]]()


def add_ini_options(parser: pytest.Parser) -> None:
    """Have pytest know an ini option for each setting."""
    for name in SETTING_NAMES:
        parser.addini(PREFIX + name, f"mock-airflow: the setting {name!r} of every test", default=None)


def read_ini(config: pytest.Config) -> None:
    """Keep what the ini options say. Raises UsageError for an option or value that cannot be used."""
    overrides: list[str] = config.getoption("override_ini", None) or []
    for given in [*_written(config), *(each.partition("=")[0].strip() for each in overrides)]:
        if given.startswith(PREFIX) and given[len(PREFIX) :] not in SETTING_NAMES:
            near = difflib.get_close_matches(given, [PREFIX + name for name in SETTING_NAMES], 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"they are {PREFIX}{f', {PREFIX}'.join(SETTING_NAMES)}."
            raise pytest.UsageError(f"mock-airflow: there is no ini option {given!r}; {hint}")
    values = {name: value for name in SETTING_NAMES if (value := config.getini(PREFIX + name)) is not None}
    if values:
        with _telling(f"the ini options {PREFIX}*"):
            _check(values)
    if "world" in values:
        folder = config.inipath.parent if config.inipath is not None else config.rootpath
        values["world"] = _located(values["world"], folder)
    config.stash[_ini_values] = values


def _written(config: pytest.Config) -> Iterable[str]:
    """The names of all options in the configuration file, known or not; none where pytest keeps them elsewhere."""
    kept = vars(config)  # `inicfg` in pytest 8; as an attribute, pytest 9 warns of it
    return tuple(kept.get("_inicfg") or kept.get("inicfg") or ())


def check_markers(items: list[pytest.Item]) -> None:
    """Raise UsageError for the first marker that cannot be used, before any test has run."""
    checked: set[int] = set()  # one mark may stand on many tests
    for item in items:
        if any(name.startswith("mock_airflow") for name in getattr(item, "fixturenames", ())):
            for mark in item.iter_markers(MARKER):
                if id(mark) not in checked:
                    checked.add(id(mark))
                    with _telling(f"the marker {MARKER!r} of {item.nodeid}"):
                        _check_mark(mark)


def settings_for(request: pytest.FixtureRequest, from_fixture: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the test that asks, by name; those that nobody gave are left out. Raises UsageError."""
    config = request.config
    if _from_environment not in config.stash:  # read once: looking through all variables takes its time
        config.stash[_from_environment] = _read_environment()
    of_environment, of_ini = config.stash[_from_environment], config.stash[_ini_values]
    near: dict[str, Any] = {}
    if from_fixture:
        with _telling("the fixture mock_airflow_settings"):
            _check(from_fixture)
        near |= from_fixture
    for mark in reversed(list(request.node.iter_markers(MARKER))):  # the nearest comes first
        near |= mark.kwargs  # checked when it was collected
    if "world" in near:
        near["world"] = _located(near["world"], request.path.parent)
    return of_environment | of_ini | near


def _read_environment() -> dict[str, Any]:
    if not any(name.startswith("MOCK_AIRFLOW_") for name in os.environ):
        return {}
    from mock_airflow.settings import Settings

    with _telling("the environment"):
        values = Settings.from_environment(os.environ)
        _check(values)
    return values


def _check_mark(mark: pytest.Mark) -> None:
    if mark.args:
        raise pytest.UsageError(
            f"mock-airflow: the marker {MARKER!r} takes settings by name, such as profile='datacoves', so "
            f"{mark.args[0]!r} cannot stand alone."
        )
    _check(mark.kwargs)


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


def _located(worlds: Any, folder: Path) -> Any:
    """World files that lie in this folder by their whole path; anything else as it is."""
    names = worlds.split(",") if isinstance(worlds, str) else worlds
    if not isinstance(names, (list, tuple)):
        return worlds
    return tuple(str(folder / name) if _is_file(folder / name) else name for name in map(_stripped, names) if name)


def _stripped(name: Any) -> Any:
    return name.strip() if isinstance(name, str) else os.fspath(name)


def _is_file(path: Path) -> bool:
    return path.suffix in (".json", ".yaml", ".yml") and path.is_file()
