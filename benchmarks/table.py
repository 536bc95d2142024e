"""The table of docs/performance.md, by one command: ``python -m benchmarks.table --write``.

Every server is up at once and is asked in turn, round after round, so that a machine that slows down slows all of them;
a figure is the median of its rounds, a ratio the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import peers
from benchmarks.load import Load, load
from benchmarks.served import DEPLOYMENTS, Served, everything, payload

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
_BARE = "waitress, a bare Flask view"
_CONNECTIONS = 8


class Case(NamedTuple):
    """A server, what it is asked for, and over how many connections."""

    server: str
    what: str
    connections: int


def main() -> int:
    """Measure, print the tables, and write them into the page if asked to; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each case in each round")
    options = parser.parse_args()
    with ExitStack() as stack:
        page = payload()
        servers = everything(stack, page)
        measured = _measured(servers, options.rounds, options.seconds)
        memory = {name: served.memory() for name, served in servers.items()}
    lines = [*_head(len(page)), *_stores(measured, memory), *_peers(measured, memory), *_tests()]
    text = "\n".join(lines)
    print(text)
    if options.write:
        before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
        PAGE.write_text(f"{before}{_BEGIN}\n\n{text}\n{_END}{rest.partition(_END)[2]}", "utf-8")
    return 0


def _measured(servers: dict[str, Served], rounds: int, seconds: float) -> dict[Case, list[Load]]:
    cases = [Case(name, what, _CONNECTIONS) for name, served in servers.items() for what in served.cases]
    cases += [Case(name, "read", 1) for name in servers]
    found: dict[Case, list[Load]] = {case: [] for case in cases}
    for case in cases:  # so that each worker has each of the 64 deployments
        targets = servers[case.server].cases[case.what]
        load(targets, case.connections, seconds / 4, len(targets) * 6 if len(targets) > 1 else 0)
    for _ in range(rounds):
        for case in cases:
            found[case].append(load(servers[case.server].cases[case.what], case.connections, seconds))
            print(".", end="", flush=True)
    print(flush=True)
    return found


def _head(length: int) -> Iterator[str]:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    yield (
        f"Measured on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d} at {done.stdout.strip()}, Python"
        f" {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end; a page of 20"
        f" DAGs ({length:,} bytes), with a key, a limit and the journal on. Client and servers share the machine."
    )
    yield ""


def _cell(loads: list[Load] | None, base: list[Load] | None = None) -> str:
    if not loads:
        return ""
    rate, p50, p99 = (median(each) for each in zip(*loads, strict=True))
    ratio = "" if base is None else f" ({_ratio(loads, base):.2f} x)"
    return f"{rate:,.0f}{ratio}, {p50:.1f} / {p99:.1f} ms"


def _ratio(loads: list[Load], base: list[Load]) -> float:
    return median(one.rate / other.rate for one, other in zip(loads, base, strict=True))


def _stores(measured: dict[Case, list[Load]], memory: dict[str, float]) -> Iterator[str]:
    yield "## Where the state is kept"
    yield ""
    yield (
        f"Requests a second over {_CONNECTIONS} connections (beside those of memory), and within how many milliseconds"
        f" half and 99 of 100 were answered; with one deployment, and with {DEPLOYMENTS} that are asked in turn."
    )
    yield ""
    yield f"| | page of DAGs | trigger | page, {DEPLOYMENTS} of them | trigger, {DEPLOYMENTS} of them | memory |"
    yield "|---|---|---|---|---|---|"
    whats = ("read", "trigger", "read, 64", "trigger, 64")
    for name in dict.fromkeys(case.server for case in measured if case.what == "trigger"):
        cells = [
            _cell(measured[Case(name, what, _CONNECTIONS)], measured[Case("memory", what, _CONNECTIONS)])
            for what in whats
        ]
        yield f"| {name} | {' | '.join(cells)} | {memory[name]:.0f} MiB |"
    yield ""


def _peers(measured: dict[Case, list[Load]], memory: dict[str, float]) -> Iterator[str]:
    yield "## Beside other servers"
    yield ""
    yield "The same page from each; the emulators and this project work it out, the others repeat its bytes."
    yield ""
    yield f"| | one connection | {_CONNECTIONS} connections | memory |"
    yield "|---|---|---|---|"
    others = [case.server for case in measured if case.connections == 1 and case.server not in _kept(measured)]
    for name in ("memory", *others):
        cells = [
            _cell(measured[Case(name, "read", many)], measured.get(Case(_BARE, "read", many)))
            for many in (1, _CONNECTIONS)
        ]
        shown = "mock-airflow serve" if name == "memory" else name
        yield f"| {shown} | {' | '.join(cells)} | {memory[name]:.0f} MiB |"
    yield ""


def _kept(measured: Iterable[Case]) -> set[str]:
    return {case.server for case in measured if case.what == "trigger"}


def _tests() -> Iterator[str]:
    yield "## What a test pays"
    yield ""
    yield (
        "Milliseconds of the processor over an empty test, client and server together, and what a session's first test"
        " adds; beside pytest-httpserver for a server, beside responses for what answers in the process."
    )
    yield ""
    yield "| | a test without a request | with one | a session's first test |"
    yield "|---|---|---|---|"
    costs = peers.costs_of(tests=200, rounds=3)
    start, empty = costs.pop(("nothing", False))
    names = dict.fromkeys(name for name, _ in costs)
    for name in names:
        base = "pytest-httpserver" if name in ("mock_airflow, its socket", "pytest-httpserver") else "responses"
        cells = [f"{(costs[name, False].each - empty) * 1e3:.2f}"]
        for value in ("each", "start"):
            over = empty if value == "each" else start
            mine, theirs = (getattr(costs[who, True], value) - over for who in (name, base))
            cells.append(f"{mine * 1e3:.{2 if value == 'each' else 0}f} ({mine / theirs:.2f} x)")
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""


if __name__ == "__main__":
    sys.exit(main())
