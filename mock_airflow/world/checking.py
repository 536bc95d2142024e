"""Finding everything that is wrong with world files, each with its line.

Reading stops at the first mistake. So a mistake that was found is taken out of what is read, and reading starts again,
until nothing is found any more. What is wrong only because of something that was taken out is not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mock_airflow.deployment import Deployment
from mock_airflow.errors import MockAirflowError, WorldError
from mock_airflow.settings import Settings
from mock_airflow.world.positions import Step, line_of
from mock_airflow.world.reading import BY_NAME, SECTIONS, World, assembled, parsed, text_of

MOST = 100  # mistakes that are looked for


@dataclass(frozen=True)
class Mistake:
    """Something wrong in a file. ``more`` is how many further objects have the same key that does not exist."""

    source: str
    line: int | None
    place: str
    sentence: str
    more: int = 0

    def __str__(self) -> str:
        where = f"{self.source}:{self.line}" if self.line is not None else self.source
        place = f" {self.place}:" if self.place else ""
        more = f" So have {self.more} more." if self.more else ""
        return f"{where}:{place} {self.sentence}{more}"


@dataclass(frozen=True)
class Checked:
    """What a check found, and how many entries the sections of all files have."""

    mistakes: list[Mistake]
    counts: dict[str, int]


def check(names: Sequence[str]) -> Checked:
    """Check world files as they are read together, one after another. Raises WorldError when one is missing."""
    texts = {name: text_of(name) for name in names}
    contents: dict[str, dict[str, Any]] = {}
    broken = []
    for name, text in texts.items():
        try:
            contents[name] = parsed(name, text)
        except WorldError as error:
            broken.append(Mistake(name, error.line, "", error.sentence))
    if broken:
        return Checked(broken, {})
    counts: dict[str, int] = {}
    for content in contents.values():
        for section in content:
            if section in SECTIONS and isinstance(content[section], (list, dict)):
                counts[section] = counts.get(section, 0) + len(content[section])
    mending = Mending(contents)
    mistakes = [
        Mistake(source, line_of(source, texts[source], steps, key), place, sentence, more)
        for source, steps, key, place, sentence, more in mending.mistakes()
    ]
    return Checked(mistakes, counts)


class Mending:
    """Reads worlds again and again, and takes out of them what cannot be read."""

    def __init__(self, contents: dict[str, dict[str, Any]]) -> None:
        self.contents = contents
        self._places: dict[int, tuple[list[Any], list[int]]] = {}  # by list: its items' first places
        self._gone: set[str] = set()  # names whose entries were taken out
        self._without: set[tuple[int, str]] = set()  # objects, and the keys that they had

    def mistakes(self) -> Iterator[tuple[str, tuple[Step, ...], str | None, str, str, int]]:
        """Each mistake: its source, the steps to it, the key there, the place, the sentence, and how many more."""
        for _ in range(MOST):
            try:
                world = assembled(self.contents.items())
                self._apply(world)
                return
            except WorldError as error:
                found = self._found(error)
                if found is not None:
                    yield found

    def _apply(self, world: World) -> None:
        try:
            world.apply(Deployment(Settings.of(**world.settings)))
        except WorldError:
            raise
        except MockAirflowError as error:
            raise WorldError(str(error), place=world.sources[-1]) from None

    def _found(self, error: WorldError) -> tuple[str, tuple[Step, ...], str | None, str, str, int] | None:
        """What the error says, with the thing taken out; None for what follows from an earlier mistake."""
        if error.place is None:
            raise error
        source = max((name for name in self.contents if error.place.startswith(name)), key=len)
        path = error.place[len(source) :].removeprefix(": ")
        steps = _steps(self.contents[source], path)
        nodes = [self.contents[source], *_down(self.contents[source], steps)]
        told = tuple(self._first_place(node, step) for node, step in zip(nodes, steps, strict=False))
        here, key, more = nodes[-1], error.key, 0
        consequence = any(repr(name) in error.sentence for name in self._gone)
        if key is not None and isinstance(here, dict) and key in here:
            alike = [node for node in _alike(self.contents[source], steps) if key in node] if steps else [here]
            if "there is no key" in error.sentence:
                more = len(alike) - 1
            for node in alike if more else [here]:
                self._take(node, key)
        elif steps:
            consequence = consequence or (key is not None and (id(here), key) in self._without)
            self._take(nodes[-2], steps[-1])
        else:
            raise error
        if consequence:
            return None
        return source, told, key, _in_words(told), error.sentence, more

    def _first_place(self, node: Any, step: Step) -> Step:
        known = self._places.get(id(node))
        return known[1][step] if known is not None and isinstance(step, int) else step

    def _take(self, node: Any, step: Step) -> None:
        """Take something out. Its place in a list, and the names that others may know it by, are remembered."""
        if isinstance(node, list) and isinstance(step, int):
            _, places = self._places.setdefault(id(node), (node, list(range(len(node)))))
            del places[step]
            item = node.pop(step)
            if isinstance(item, dict):
                names = ("dag_id", "dag_run_id", "uri", "name", "connection_id")
                self._gone.update(item[name] for name in names if isinstance(item.get(name), str))
        else:
            item = node.pop(step)
            self._without.add((id(node), str(step)))
            self._gone.update([item] if step in ("uri", "name", "dag_run_id") and isinstance(item, str) else [])


def _steps(content: Any, path: str) -> tuple[Step, ...]:
    """The steps of a place such as ``dag_details.my.dag.tags[0]``; the content tells where a key with dots ends."""
    steps: list[Step] = []
    while path:
        index = re.match(r"\[(\d+)\]", path)
        if isinstance(content, list) and index and int(index[1]) < len(content):
            step: Step = int(index[1])
            path = path[index.end() :]
        elif isinstance(content, dict):
            path = path.removeprefix(".")
            fitting = [key for key in map(str, content) if path == key or path.startswith((f"{key}.", f"{key}["))]
            if not fitting:
                break
            step = max(fitting, key=len)
            path = path[len(step) :]
        else:
            break
        steps.append(step)
        content = content[step]
    return tuple(steps)


def _down(content: Any, steps: Iterable[Step]) -> Iterator[Any]:
    for step in steps:
        content = content[step]
        yield content


def _alike(content: Any, steps: Sequence[Step]) -> Iterator[dict[str, Any]]:
    """The objects that stand in the same place of other entries: for ``dags[2].tags[0]`` the tags of all DAGs."""
    nodes = [content]
    for depth, step in enumerate(steps):
        every = depth == 1 and steps[0] in BY_NAME
        below: list[Any] = []
        for node in nodes:
            if isinstance(node, list):
                below += node
            elif isinstance(node, dict):
                below += node.values() if every else [node[step]] if step in node else []
        nodes = below
    return (node for node in nodes if isinstance(node, dict))


def _in_words(steps: Iterable[Step]) -> str:
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return words.removeprefix(".")
