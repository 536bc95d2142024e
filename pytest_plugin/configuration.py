"""Which settings a test asks for: its marker over the fixture, over ini options, over the environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

MARKER = "mock_airflow"
PREFIX = "mock_airflow_"

_option_names = pytest.StashKey[tuple[str, ...]]()
_ini_values = pytest.StashKey[dict[str, Any]]()
_from_environment = pytest.StashKey[dict[str, Any]]()


def add_ini_options(parser: pytest.Parser, config: pytest.Config) -> None:
    """Have pytest know an ini option for each setting, if any of them, or pytest's help, is asked for.

    To know the settings they have to be imported, which takes milliseconds that a session without them need not spend.
    """
    config.stash[_option_names] = ()
    if _is_mentioned(config):
        from mock_airflow.settings import Settings

        for field in fields(Settings):
            parser.addini(PREFIX + field.name, f"mock-airflow: {field.metadata['help']}", default=None)
        config.stash[_option_names] = tuple(PREFIX + field.name for field in fields(Settings))


def _is_mentioned(config: pytest.Config) -> bool:
    written, arguments = _written(config), config.invocation_params.args
    options = (*arguments, written.get("addopts", ""), os.environ.get("PYTEST_ADDOPTS", ""))
    return any(PREFIX in str(text) for text in (*written, *options)) or bool({"-h", "--help"} & {*arguments})


def _written(config: pytest.Config) -> Mapping[str, Any]:
    """The options in the configuration file by name, known or not; none where pytest keeps them elsewhere."""
    kept = vars(config)  # `inicfg` in pytest 8; as an attribute, pytest 9 warns of it
    return kept.get("_inicfg") or kept.get("inicfg") or {}


def _overriding(config: pytest.Config) -> Iterable[str]:
    """The ini options that the command line gives, as name=value."""
    return tuple(getattr(config.option, "override_ini", None) or ())


def read_ini(config: pytest.Config) -> None:
    """Keep what the ini options say. Raises UsageError for an option or value that cannot be used."""
    known = config.stash[_option_names]
    for given in [*_written(config), *(each.partition("=")[0].strip() for each in _overriding(config))]:
        if given.startswith(PREFIX) and given not in known:
            import difflib

            near = difflib.get_close_matches(given, known, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"they are {', '.join(known)}."
            raise pytest.UsageError(f"mock-airflow: there is no ini option {given!r}; {hint}")
    values = {name.removeprefix(PREFIX): value for name in known if (value := config.getini(name)) is not None}
    if values:
        with _telling(f"the ini options {PREFIX}*"):
            _check(values)
    if "world" in values:
        folder = config.inipath.parent if config.inipath is not None else config.rootpath
        values["world"] = _located(values["world"], folder)
    _locate_folders(values, [config.inipath.parent if config.inipath is not None else config.rootpath])
    config.stash[_ini_values] = values


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
        _check_by_name(mark)
        near |= mark.kwargs  # what cannot be used is found when the template is made, if not before
    if "world" in near:
        near["world"] = _located(near["world"], request.path.parent)
    above = [request.path.parent, *request.path.parent.parents]
    _locate_folders(near, [folder for folder in above if folder.is_relative_to(config.rootpath)])
    return of_environment | of_ini | near


def _read_environment() -> dict[str, Any]:
    if not any(name.startswith("MOCK_AIRFLOW_") for name in os.environ):
        return {}
    from mock_airflow.options import Listening
    from mock_airflow.settings import ENVIRONMENT_PREFIX, Settings

    of_the_server = {ENVIRONMENT_PREFIX + name.upper() for name in Listening._fields}
    with _telling("the environment"):
        values = Settings.from_environment(
            {name: value for name, value in os.environ.items() if name not in of_the_server}
        )
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


def _located(worlds: Any, folder: Path) -> Any:
    """World files that lie in this folder by their whole path; anything else as it is."""
    if isinstance(worlds, (str, os.PathLike)):
        worlds = [worlds] if isinstance(worlds, os.PathLike) else worlds.split(",")
    if not isinstance(worlds, (list, tuple)):
        return worlds
    return tuple(_whole(name, folder) for name in worlds)


def _locate_folders(values: dict[str, Any], places: list[Path]) -> None:
    """Folders of DAG files and plugins by their whole paths: in the nearest of these places that has them."""
    for name in ("dags_folder", "plugins_folder"):
        if isinstance(values.get(name), (str, os.PathLike)):
            found = next((place / values[name] for place in places if (place / values[name]).is_dir()), None)
            values[name] = str(found) if found is not None else os.fspath(values[name])


def _whole(name: Any, folder: Path) -> Any:
    if not isinstance(name, (str, os.PathLike)):
        return name
    text = os.fspath(name).strip()
    file = folder / text
    return str(file) if file.suffix in (".json", ".yaml", ".yml") and file.is_file() else text
