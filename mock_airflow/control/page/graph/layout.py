"""Where everything of a DAG's graph stands: tasks in layers from left to right, task groups as frames around theirs.

Each frame is laid out by itself and then stands in the one around it as a single wide node. What leads through its
border has a port there of its own, so that no line runs across a task, and lines are put together only where they mean
the same: all of some tasks come before all of some others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from mock_airflow.control.page.graph.layering import LayerOrder, ranks
from mock_airflow.control.page.graph.placing import Tie, middles

WIDTH, HEIGHT = 168.0, 44.0  # of a task
_BETWEEN, _ROOM = 18.0, 52.0  # what is free between rows, and between columns
_MARGIN, _HEAD = 14.0, 26.0  # of a frame
_LINE_GAP = 8.0  # between a line that passes by and its neighbours
_STRAIGHT = 4.0  # how much rather long lines are straight than short ones

Point = tuple[float, float]


class Box(NamedTuple):
    """A task or a task group: its id, its left upper corner, its size."""

    id: str
    x: float
    y: float
    width: float
    height: float


class Line(NamedTuple):
    """A line between two columns after another: straight pieces in columns, curves between them.

    ``points`` are pairs: where a column is entered and where it is left. ``arrives`` says that it ends at a task.
    """

    points: tuple[Point, ...]
    arrives: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph that is laid out; groups come before those in them."""

    width: float
    height: float
    tasks: tuple[Box, ...]
    groups: tuple[Box, ...]
    lines: tuple[Line, ...]


class _Bundle(NamedTuple):
    """Tasks of which each comes before each of some others."""

    sources: frozenset[str]
    targets: frozenset[str]


@dataclass(slots=True)
class _Block:
    """A frame that is laid out, around its own corner."""

    width: float = 0
    height: float = 0
    tasks: list[Box] = field(default_factory=list)
    groups: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    entries: dict[_Bundle, float] = field(default_factory=dict)  # how far down its ports are
    exits: dict[_Bundle, float] = field(default_factory=dict)


def groups_of(task_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The task groups around each task, the outermost first.

    Airflow's API tells of none; by default a task's id begins with those of its groups, and so a beginning that two
    tasks or more share is taken for one.
    """
    paths: dict[str, list[str]] = {}
    shared: dict[str, int] = {}
    for task_id in task_ids:
        parts = task_id.split(".")
        paths[task_id] = [".".join(parts[:end]) for end in range(1, len(parts))]
        for path in paths[task_id]:
            shared[path] = shared.get(path, 0) + 1
    return {
        task_id: tuple(path for path in found if path and shared[path] > 1 and path not in paths)
        for task_id, found in paths.items()
    }


def laid_out(downstream: Mapping[str, Sequence[str]]) -> Layout:
    """The layout of a graph: of each task, by id, those that come right after it. Others' ids are passed over."""
    return _laid_out(tuple((task, tuple(later)) for task, later in downstream.items()))


@lru_cache(maxsize=16)  # a page that is kept open draws the same graph anew whenever a state changes
def _laid_out(links: tuple[tuple[str, tuple[str, ...]], ...]) -> Layout:
    downstream = dict(links)
    around = groups_of(downstream)
    bundles: dict[tuple[str, ...], dict[tuple[str, str], dict[str, set[str]]]] = {}
    for source, targets in downstream.items():
        for target in targets:
            if target not in downstream or target == source:
                continue
            one, other = (*around[source], source), (*around[target], target)
            depth = next(level for level, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
            ends = bundles.setdefault(one[:depth], {}).setdefault((one[depth], other[depth]), {})
            ends.setdefault(target, set()).add(source)
    crossing: list[_Bundle] = []
    own: dict[tuple[str, ...], list[tuple[str, str, _Bundle]]] = {}
    for path, pairs in bundles.items():
        for (first, second), ends in pairs.items():
            alike: dict[frozenset[str], list[str]] = {}
            for target, sources in ends.items():
                alike.setdefault(frozenset(sources), []).append(target)
            for come_before, come_after in alike.items():
                bundle = _Bundle(come_before, frozenset(come_after))
                own.setdefault(path, []).append((first, second, bundle))
                crossing.append(bundle)
    block = _Frame(tuple(downstream), around, own, crossing).block(())
    return Layout(block.width, block.height, tuple(block.tasks), tuple(block.groups), tuple(block.lines))


class _Frame:
    """The laying out of frames, from the innermost on."""

    def __init__(
        self,
        task_ids: Sequence[str],
        around: Mapping[str, tuple[str, ...]],
        own: Mapping[tuple[str, ...], Sequence[tuple[str, str, _Bundle]]],
        crossing: Sequence[_Bundle],
    ) -> None:
        self._tasks, self._around, self._own, self._crossing = task_ids, around, own, crossing

    def block(self, path: tuple[str, ...]) -> _Block:
        """The frame of a group, or of the whole graph."""
        inside = {task: self._around[task] for task in self._tasks if self._around[task][: len(path)] == path}
        items: list[str] = []
        holder: dict[str, str] = {}  # of each task in here, the item that it is or is in
        for task, groups in inside.items():
            holder[task] = groups[len(path)] if len(groups) > len(path) else task
            if holder[task] not in items:
                items.append(holder[task])
        blocks = {item: self.block((*path, item)) for item in items if item not in inside}
        return _Level(items, blocks, self._own.get(path, ()), *self._through(path, holder)).block(framed=bool(path))

    def _through(
        self, path: tuple[str, ...], holder: Mapping[str, str]
    ) -> tuple[dict[_Bundle, list[str]], dict[_Bundle, list[str]]]:
        """What comes in through the border and what goes out, with the items that it leads to or comes from."""
        comes: dict[_Bundle, list[str]] = {}
        goes: dict[_Bundle, list[str]] = {}
        if path:
            for bundle in self._crossing:
                ends, begins = holder.keys() & bundle.targets, holder.keys() & bundle.sources
                if ends and not begins:
                    comes[bundle] = list(dict.fromkeys(holder[task] for task in holder if task in ends))
                elif begins and not ends:
                    goes[bundle] = list(dict.fromkeys(holder[task] for task in holder if task in begins))
        return comes, goes


class _Level:
    """The items of one frame, its ports, and the stations of its long lines, as numbered nodes."""

    def __init__(
        self,
        items: Sequence[str],
        blocks: Mapping[str, _Block],
        own: Sequence[tuple[str, str, _Bundle]],
        comes: Mapping[_Bundle, Sequence[str]],
        goes: Mapping[_Bundle, Sequence[str]],
    ) -> None:
        self._items, self._blocks = items, blocks
        number = {item: place for place, item in enumerate(items)}
        self._links: list[tuple[int, int, _Bundle]] = [(number[a], number[b], bundle) for a, b, bundle in own]
        self._ranks = ranks(len(items), [(a, b) for a, b, _ in self._links])
        self._depth = max(self._ranks, default=0) + 1
        self._entries = {bundle: self._node(-1) for bundle in comes}
        self._exits = {bundle: self._node(self._depth) for bundle in goes}
        self._links += [(self._entries[bundle], number[item], bundle) for bundle in comes for item in comes[bundle]]
        self._links += [(number[item], self._exits[bundle], bundle) for bundle in goes for item in goes[bundle]]
        self._ways = [self._way(source, target) for source, target, _ in self._links]

    def _node(self, rank: int) -> int:
        self._ranks.append(rank)
        return len(self._ranks) - 1

    def _way(self, source: int, target: int) -> list[int]:
        """A link's nodes, with a station in each layer that it passes."""
        between = range(self._ranks[source] + 1, self._ranks[target])
        return [source, *(self._node(rank) for rank in between), target]

    def _size(self, node: int) -> tuple[float, float]:
        if node >= len(self._items):
            return 0.0, 0.0
        block = self._blocks.get(self._items[node])
        return (WIDTH, HEIGHT) if block is None else (block.width, block.height)

    def _leaves(self, node: int, bundle: _Bundle) -> float:
        """How far from a node's middle its lines of a bundle begin."""
        block = self._blocks.get(self._items[node]) if node < len(self._items) else None
        return 0.0 if block is None else block.exits[bundle] - block.height / 2

    def _arrives(self, node: int, bundle: _Bundle) -> float:
        block = self._blocks.get(self._items[node]) if node < len(self._items) else None
        return 0.0 if block is None else block.entries[bundle] - block.height / 2

    def block(self, *, framed: bool) -> _Block:
        """What is made of them."""
        sizes = [self._size(node) for node in range(len(self._ranks))]
        first = -1 if self._entries else 0
        layers: list[list[int]] = [[] for _ in range(first, self._depth + bool(self._exits))]
        for node, rank in enumerate(self._ranks):
            layers[rank - first].append(node)
        steps = [step for way in self._ways for step in pairwise(way)]
        layers = LayerOrder(layers, list(dict.fromkeys(steps))).untangle()
        items = len(self._items)
        ties = [
            Tie(
                a,
                b,
                self._leaves(a, bundle),
                self._arrives(b, bundle),
                1 + _STRAIGHT * ((a >= items) + (b >= items)) / 2,
            )
            for way, (_, _, bundle) in zip(self._ways, self._links, strict=True)
            for a, b in pairwise(way)
        ]
        gaps = [_BETWEEN if node < items else _LINE_GAP for node in range(len(sizes))]
        middle = middles(layers, [height for _, height in sizes], ties, gaps)
        margin, head = (_MARGIN, _HEAD) if framed else (0.0, 0.0)
        columns: list[tuple[float, float]] = []
        at = 0.0 if self._entries else margin
        for number, layer in enumerate(layers):
            wide = max(sizes[node][0] for node in layer)
            columns.append((at, at + wide))
            at_border = (number == 0 and self._entries) or (number == len(layers) - 2 and self._exits)
            at += wide + (_ROOM / 2 if at_border else _ROOM)
        right = (columns[-1][1] if columns else 0.0) + (0.0 if self._exits else margin)
        block = _Block(right, max((middle[node] + sizes[node][1] / 2 for node in range(len(sizes))), default=0.0))
        block.height += head + (margin if framed else 0.0)
        down = [each + head for each in middle]
        column = {node: columns[number] for number, layer in enumerate(layers) for node in layer}
        corners = [
            ((column[node][0] + column[node][1] - sizes[node][0]) / 2, down[node] - sizes[node][1] / 2)
            for node in range(items)
        ]
        for way, (source, target, bundle) in zip(self._ways, self._links, strict=True):
            points: list[Point] = []
            for node in way:
                enters, leaves = column[node]
                at_enter = at_leave = down[node]
                if node == source:
                    at_leave += self._leaves(node, bundle)
                    if node < items:
                        enters, at_enter = corners[node][0] + sizes[node][0], at_leave
                elif node == target:
                    at_enter += self._arrives(node, bundle)
                    if node < items:
                        leaves, at_leave = corners[node][0], at_enter
                points += [(enters, at_enter), (leaves, at_leave)]
            block.lines.append(Line(tuple(points), arrives=target < items and self._items[target] not in self._blocks))
        for item, corner in zip(self._items, corners, strict=True):
            _put(block, item, corner, self._blocks.get(item))
        block.entries = {bundle: down[node] for bundle, node in self._entries.items()}
        block.exits = {bundle: down[node] for bundle, node in self._exits.items()}
        return block


def _put(into: _Block, item: str, corner: Point, block: _Block | None) -> None:
    """Put a task, or a group with all that is in it, where it belongs."""
    x, y = corner
    if block is None:
        into.tasks.append(Box(item, x, y, WIDTH, HEIGHT))
        return
    into.groups.append(Box(item, x, y, block.width, block.height))
    into.groups += [box._replace(x=box.x + x, y=box.y + y) for box in block.groups]
    into.tasks += [box._replace(x=box.x + x, y=box.y + y) for box in block.tasks]
    into.lines += [line._replace(points=tuple((a + x, b + y) for a, b in line.points)) for line in block.lines]
