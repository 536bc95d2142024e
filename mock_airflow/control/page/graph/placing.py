"""How far down each node stands: near to what it is linked to, in the order that was found, and on nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_ROUNDS = 10


class Tie(NamedTuple):
    """A link between two nodes, and how far from their middles it leaves and arrives; the heavier, the straighter."""

    source: int
    target: int
    leaves: float = 0
    arrives: float = 0
    weight: float = 1


def middles(
    layers: Sequence[Sequence[int]], heights: Sequence[float], ties: Sequence[Tie], gaps: Sequence[float]
) -> list[float]:
    """The middle of each node, downwards from 0 on; ``gaps`` are what has to be free around each."""
    found = [0.0] * len(heights)
    pulls: list[list[tuple[int, float, float]]] = [[] for _ in heights]  # towards whom, how far off, how strongly
    for tie in ties:
        pulls[tie.source].append((tie.target, tie.arrives - tie.leaves, tie.weight))
        pulls[tie.target].append((tie.source, tie.leaves - tie.arrives, tie.weight))
    apart = [[_apart(one, other, heights, gaps) for one, other in pairwise(layer)] for layer in layers]
    for layer, distances in zip(layers, apart, strict=True):
        at = 0.0
        for node, distance in zip(layer, [*distances, 0.0], strict=True):
            found[node] = at
            at += distance
    level = {node: number for number, layer in enumerate(layers) for node in layer}
    for turn in range(_ROUNDS + 1):
        numbers = range(len(layers)) if turn % 2 == 0 else range(len(layers) - 1, -1, -1)
        for number in numbers:
            layer = layers[number]
            wished, weights = [], []
            for node in layer:
                both = turn >= _ROUNDS - 1
                heard = [
                    (found[other] + off, weight)
                    for other, off, weight in pulls[node]
                    if both or (level[other] < number) == (turn % 2 == 0)
                ]
                weight = sum(each for _, each in heard)
                wished.append(sum(at * each for at, each in heard) / weight if heard else found[node])
                weights.append(weight or 0.1)
            for node, at in zip(layer, _kept_apart(wished, weights, apart[number]), strict=True):
                found[node] = at
    top = min((found[node] - heights[node] / 2 for layer in layers for node in layer), default=0.0)
    return [at - top for at in found]


def _apart(one: int, other: int, heights: Sequence[float], gaps: Sequence[float]) -> float:
    return (heights[one] + heights[other]) / 2 + max(gaps[one], gaps[other])


def _kept_apart(wished: Sequence[float], weights: Sequence[float], distances: Sequence[float]) -> list[float]:
    """The places nearest to those that are wished for which keep the order and the distances (least squares)."""
    blocks: list[tuple[float, float, int]] = []  # of nodes that touch: where, with which weight, how many
    offsets = [0.0]
    for distance in distances:
        offsets.append(offsets[-1] + distance)
    for at, weight, offset in zip(wished, weights, offsets, strict=True):
        place, heavy, many = at - offset, weight, 1
        while blocks and blocks[-1][0] >= place:
            before, others, count = blocks.pop()
            place = (before * others + place * heavy) / (others + heavy)
            heavy, many = heavy + others, many + count
        blocks.append((place, heavy, many))
    places = [place for place, _, many in blocks for _ in range(many)]
    return [place + offset for place, offset in zip(places, offsets, strict=True)]
