"""Whether memory stays as it is over 200,000 requests, with limits, the journal and what rewinding needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.measure import Figure, at_most
from benchmarks.requests import call, environ_of, headers_of
from benchmarks.worlds import with_dags

_REQUESTS, _SETTLED = 200_000, 20_000


def figures() -> Iterable[Figure]:
    """Resident memory after all requests against that after the first tenth, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.memory"], capture_output=True, text=True, check=True)
    first, last = (int(text) for text in done.stdout.split())
    told = f"{last / 1024:.1f} MiB, after {_SETTLED:,} {first / 1024:.1f} MiB"
    yield at_most(f"memory after {_REQUESTS:,} requests", last / first, "x", 1.05, told)


def _main() -> None:
    deployment = with_dags(20, rate_limit="1000000/second", burst="1000000/second")
    headers = headers_of(deployment)
    read = environ_of("GET", "/api/v1/dags?limit=20", headers)
    for number in range(1, _REQUESTS + 1):  # each counts as a login, so that each changes a row
        call(deployment.wsgi, read)
        if number in (_SETTLED, _REQUESTS):
            print(resident(), flush=True)


def resident() -> int:
    """KiB of this process that lie in memory."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    _main()
