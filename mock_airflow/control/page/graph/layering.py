"""Which layer each node of a graph stands in, and in which order, so that few of its links cross.

Nodes are numbers from 0 on. All of it is decided by the order of nodes and links alone, so the same graph always looks
the same.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

Link = tuple[int, int]
_SWEEPS = 16
_SWAPS = 8  # rounds in which neighbours change places
_LOOKS = 200_000  # at neighbours, in all sweeps: about half a second; what is larger is swept less often


def ranks(count: int, links: Sequence[Link]) -> list[int]:
    """The layer of each node: behind all that it comes after, and as near as can be to what comes after it.

    Of a circle, which a world file may hold, the links that close it are passed over.
    """
    after: list[list[int]] = [[] for _ in range(count)]
    waits = [0] * count
    for source, target in links:
        after[source].append(target)
        waits[target] += 1
    begins = [not many for many in waits]
    rank, done = [0] * count, [False] * count
    ready = [node for node in range(count) if not waits[node]]
    order: list[int] = []
    while len(order) < count:
        if not ready:  # a circle: its first node goes on as if nothing came before it
            ready = [done.index(False)]
        node = ready.pop(0)
        if done[node]:
            continue
        done[node] = True
        order.append(node)
        for target in after[node]:
            if not done[target]:
                rank[target] = max(rank[target], rank[node] + 1)
                waits[target] -= 1
                if not waits[target]:
                    ready.append(target)
    for node in reversed(order):
        later = [rank[target] for target in after[node] if rank[target] > rank[node]]
        if begins[node] and later:
            rank[node] = min(later) - 1
    return rank


class LayerOrder:
    """The layers of a graph whose links lead from one to the next, and the order of nodes in each."""

    def __init__(self, layers: Sequence[Sequence[int]], links: Sequence[Link]) -> None:
        self.layers = [list(layer) for layer in layers]
        self._before: dict[int, list[int]] = {node: [] for layer in layers for node in layer}
        self._after: dict[int, list[int]] = {node: [] for layer in layers for node in layer}
        for source, target in links:
            self._after[source].append(target)
            self._before[target].append(source)
        self._place = {node: place for layer in self.layers for place, node in enumerate(layer)}

    def untangle(self) -> list[list[int]]:
        """The layers with few crossings: nodes go by the mean of those they are linked to, then neighbours swap."""
        best, fewest = [layer[:] for layer in self.layers], self.crossings()
        for sweep in range(min(_SWEEPS, max(_LOOKS // (_SWAPS * max(len(self._place), 1)), 1))):
            if not fewest:
                break
            down = sweep % 2 == 0
            linked = self._before if down else self._after
            for layer in self.layers[1:] if down else self.layers[-2::-1]:
                self._sort(layer, linked)
            self._swap()
            crossings = self.crossings()
            if crossings < fewest:
                best, fewest = [layer[:] for layer in self.layers], crossings
        return best

    def crossings(self) -> int:
        """How often two links cross."""
        total = 0
        for layer in self.layers[:-1]:
            seen: list[int] = []
            for node in layer:
                places = sorted(self._place[target] for target in self._after[node])
                total += sum(len(seen) - bisect_right(seen, place) for place in places)
                for place in places:
                    insort(seen, place)
        return total

    def _sort(self, layer: list[int], linked: dict[int, list[int]]) -> None:
        def mean(node: int) -> float:
            places = [self._place[other] for other in linked[node]]
            return sum(places) / len(places) if places else self._place[node]

        layer.sort(key=mean)
        self._renumber(layer)

    def _renumber(self, layer: list[int]) -> None:
        self._place.update((node, place) for place, node in enumerate(layer))

    def _swap(self) -> None:
        for _ in range(_SWAPS):
            swapped = False
            for layer in self.layers:
                for place in range(len(layer) - 1):
                    one, other = layer[place], layer[place + 1]
                    if self._between(one, other) > self._between(other, one):
                        layer[place], layer[place + 1] = other, one
                        self._place[one], self._place[other] = place + 1, place
                        swapped = True
            if not swapped:
                return

    def _between(self, above: int, below: int) -> int:
        """How often the links of two neighbours cross each other, one above the other."""
        crossings = 0
        for linked in (self._before, self._after):
            places = sorted(self._place[node] for node in linked[below])
            for node in linked[above]:
                crossings += bisect_right(places, self._place[node] - 1)
        return crossings
