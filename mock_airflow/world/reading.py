"""From files to a world, and from a world into a deployment.

Reading comes in two steps, so that nothing is ever half loaded: every entry of every section becomes records first, and
only when all of them are sound does a deployment get them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow.errors import MockAirflowError, SettingError, WorldError
from mock_airflow.settings import Settings
from mock_airflow.world.entry import WorldEntry, complain, nearest
from mock_airflow.world.sections import READERS, Draft, Spent

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment

# Every section of the format, in the order in which they are read: later ones refer to earlier ones.
SECTIONS = (
    "about",
    "airflow_version",
    "settings",
    "version",
    "health",
    "roles",
    "permissions",
    "users",
    "fab",
    "pools",
    "variables",
    "variable_secrets",
    "connections",
    "connection_secrets",
    "tasks",
    "dag_details",
    "dags",
    "dag_versions",
    "dag_sources",
    "import_errors",
    "dag_warnings",
    "dag_tags",
    "datasets",
    "asset_aliases",
    "assets",
    "active_assets",
    "asset_state_store",
    "dag_runs",
    "task_instances",
    "task_instance_tries",
    "xcoms",
    "logs",
    "extra_links",
    "hitl_details",
    "task_state_store",
    "dataset_events",
    "asset_events",
    "queued_events",
    "upstream_dataset_events",
    "upstream_asset_events",
    "backfills",
    "event_logs",
    "jobs",
    "plugins",
    "providers",
    "limits",
    "keys",
    "plans",
    "faults",
)

BY_NAME = frozenset({"tasks", "dag_details", "dag_sources", "dag_versions"})  # those that are objects by name


# A part's sections, or how to make them for a deployment.
Part = Mapping[str, Any] | Callable[["Deployment"], Mapping[str, Any]]


@dataclass(frozen=True)
class World:
    """A starting state, checked as a whole. ``settings`` is what its files say in the section of that name."""

    sources: tuple[str, ...]
    parts: tuple[tuple[str, Part], ...]
    settings: dict[str, Any]

    @property
    def last_source(self) -> str:
        """What is blamed for something that no one section is to blame for."""
        return self.sources[-1] if self.sources else "world"

    def apply(self, deployment: Deployment) -> None:
        """Put what was read into a deployment. Raises WorldError, and then nothing was changed."""
        with deployment.transaction():
            draft = Draft(deployment)
            parts = [(source, part(deployment) if callable(part) else part) for source, part in self.parts]
            for section in SECTIONS:
                for source, content in parts:
                    if section in content:
                        place = f"{source}: {section}"
                        with _explained(place):
                            READERS[section](draft, content[section], place)
            with _explained(self.last_source):
                draft.commit(deployment)

    def merge(self, deployment: Deployment) -> None:
        """Put what was read into a deployment that runs, with all that follows at once.

        Raises WorldError, and then nothing was changed.
        """
        with deployment.transaction():
            self.apply(deployment)
            with _explained(self.last_source):
                deployment.settle()


def merge(deployment: Deployment, content: dict[str, Any], source: str) -> None:
    """Put what a world file says into a deployment that runs. Raises WorldError, and then nothing was changed."""
    if "settings" in content:
        raise WorldError("Settings hold from a deployment's start and cannot be merged; leave the section out.")
    world = assembled([(source, content)])
    deployment.settle()
    world.merge(deployment)


@contextmanager
def _explained(place: str) -> Iterator[None]:
    """Have whatever goes wrong told as a complaint about a place: a world's content causes nothing worse."""
    try:
        yield
    except MockAirflowError:
        raise
    except Exception as error:
        raise WorldError(f"what stands here cannot be ({type(error).__name__}: {error}).", place=place) from error


def load_worlds(names: Iterable[str]) -> World:
    """The world that files and built-in names make together; a later one adds to, and replaces in, the earlier ones.

    It can be applied once, as that uses up what was read. Raises WorldError with file, place and reason.
    """
    return assembled((name, _demo if name == "demo" else _spent(parsed(name, text_of(name)))) for name in names)


def _spent(content: dict[str, Any]) -> dict[str, Any]:
    return {name: Spent(section) if isinstance(section, list) else section for name, section in content.items()}


def assembled(parts: Iterable[tuple[str, Part]]) -> World:
    """The world that parts make together. Raises WorldError for an unknown section or a bad setting."""
    kept = tuple(parts)
    settings: dict[str, Any] = {}
    for source, content in kept:
        if callable(content):
            continue
        for section in content:
            if section not in SECTIONS:
                complain(source, f"there is no section {section!r}.{nearest(str(section), SECTIONS)}", section)
        if "airflow_version" in content:
            settings["airflow_version"] = str(content["airflow_version"])
        if "settings" in content:
            settings.update(_settings_of(content["settings"], f"{source}: settings"))
    return World(tuple(source for source, _ in kept), kept, settings)


def _settings_of(content: Any, place: str) -> dict[str, Any]:
    given = dict(WorldEntry(content, place).value)
    if "world" in given:
        complain(place, "a world file cannot name further worlds; give them all to serve, or to the fixture.", "world")
    for name, value in given.items():
        try:
            Settings.of(**{name: value})
        except SettingError as error:
            complain(place, str(error), name)
    return given


def world_of(content: Mapping[str, Any], source: str = "world") -> World:
    """A world from an object at hand, such as a test's own dict."""
    return assembled([(source, content)])


def _demo(deployment: Deployment) -> Mapping[str, Any]:
    from mock_airflow.world import demo

    return demo.content(deployment.airflow.now(), deployment.settings.seed, deployment.settings.generation)


def built_in_worlds() -> list[str]:
    """The names of the worlds that come along."""
    folder = resources.files("mock_airflow.fixtures") / "worlds"
    files = [entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")]
    return sorted([*files, "demo"])


def text_of(name: str) -> str:
    """The text of a world file, or of a built-in world. Raises WorldError when there is none."""
    path = Path(name)
    if path.suffix in (".json", ".yaml", ".yml") or len(path.parts) > 1:
        try:
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise WorldError(f"The world file {name} cannot be read: {error.strerror or error}.") from None
        except UnicodeDecodeError:
            raise WorldError(f"The world file {name} is not UTF-8 text; save it as such.") from None
    names = built_in_worlds()
    if name == "demo":
        raise WorldError("The world demo has no file: it is made for the moment at which it is loaded.")
    if name not in names:
        raise WorldError(
            f"There is no built-in world {name!r}; there are {', '.join(names)}. A file's name ends in .json or .yaml."
            f"{nearest(name, names)}"
        )
    return (resources.files("mock_airflow.fixtures") / "worlds" / f"{name}.json").read_text(encoding="utf-8")


def parsed(source: str, text: str) -> dict[str, Any]:
    """The sections of a world file. Raises WorldError with the line at which it is not JSON, or no YAML."""
    load: Callable[[str, str], Any] = _yaml if source.endswith((".yaml", ".yml")) else _json
    content = load(text, source)
    if not isinstance(content, dict):
        complain(source, "a world file is one object with sections such as dags and dag_runs.")
    return content


def _json(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise WorldError(f"{where}: {error.msg}.", place=source, line=error.lineno) from None


def _yaml(text: str, source: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise WorldError(
            f"{source}: reading YAML needs PyYAML; install mock-airflow[yaml], or write the world as JSON."
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        said = f"{where}{getattr(error, 'problem', None) or 'this is not YAML'}."
        raise WorldError(said, place=source, line=mark.line + 1 if mark else None) from None
