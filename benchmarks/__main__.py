"""Print the table of budgets; exit code 1 when one is exceeded."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from benchmarks import (
    dag_files,
    deployments,
    large,
    lives,
    memory,
    operations,
    peers,
    requests,
    reviews,
    sessions,
    world_files,
)
from benchmarks.measure import Figure


def main() -> int:
    """Measure everything, a line at a time."""
    good = True
    print(f"{'':2} {'what':66} {'figure':>12}   {'budget':12} compared with")
    for part in (
        sessions.figures,
        peers.figures,
        deployments.figures,
        lives.figures,
        large.figures,
        requests.figures,
        memory.figures,
        operations.figures,
        reviews.figures,
        world_files.figures,
        dag_files.figures,
    ):
        for figure in lines(part()):
            good = good and figure.within
    return 0 if good else 1


def lines(figures: Iterable[Figure]) -> Iterable[Figure]:
    """Print each figure as it comes."""
    for figure in figures:
        mark = "ok" if figure.within else "!!"
        value = f"{figure.value:.3g} {figure.unit}"
        print(f"{mark} {figure.what:66} {value:>12}   {figure.budget:12} {figure.against}", flush=True)
        yield figure


if __name__ == "__main__":
    sys.exit(main())
