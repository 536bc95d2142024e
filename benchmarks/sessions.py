"""What the package costs a pytest session, a test, and somebody who waits for `serve`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks.measure import Figure, at_most

_TESTS = 500


def figures() -> Iterable[Figure]:
    """Plugin, fixture, the example project, `serve`."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _plugin(Path(folder))
        yield from _fixture(Path(folder))
        yield from _example(Path(folder))
        yield from _serve(Path(folder))


def _pytest(folder: Path, *arguments: str) -> float:
    """Seconds of CPU that a pytest session takes, with other packages' plugins off."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        ".",
        "-c",
        os.devnull,
        *arguments,
    ]
    before = os.times()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _difference(folder: Path, one: tuple[str, ...], other: tuple[str, ...], rounds: int) -> tuple[float, float]:
    _pytest(folder, *one), _pytest(folder, *other)
    pairs = [(_pytest(folder, *one), _pytest(folder, *other)) for _ in range(rounds)]
    return median(a - b for a, b in pairs), median(b for _, b in pairs)


def _plugin(folder: Path) -> Iterable[Figure]:
    (folder / "nothing_test.py").write_text("def test_nothing(): pass\n")
    with_plugin = ("-p", "pytest_mock_airflow.plugin", "nothing_test.py")
    more, plain = _difference(folder, with_plugin, ("nothing_test.py",), 15)
    yield at_most(
        "the plugin, unused, in a session", more * 1e3, "ms", 5, f"a session of one empty test: {plain * 1e3:.0f} ms"
    )


def _fixture(folder: Path) -> Iterable[Figure]:
    """What each further test pays; both sides have one test with the fixture, and so its imports and its world."""
    rows = [{"key": f"key_{n}", "value": str(n)} for n in range(3000)]
    (folder / "large.json").write_text(json.dumps({"dags": [{"dag_id": "etl", "tasks": ["one"]}], "variables": rows}))
    plugin = ("-p", "pytest_mock_airflow.plugin")
    for what, world in (("an empty test with mock_airflow", None), ("the same with 3,000 rows", folder / "large.json")):
        mark = f"import pytest\npytestmark = pytest.mark.mock_airflow(world={str(world)!r})\n" if world else ""
        first = f"{mark}def test_first(mock_airflow): pass\n"
        for name, argument in (("plain", ""), ("fixture", "mock_airflow")):
            tests = "".join(f"def test_{n}({argument}): pass\n" for n in range(_TESTS))
            (folder / f"{name}_test.py").write_text(first + tests)
        more, plain = _difference(folder, (*plugin, "fixture_test.py"), (*plugin, "plain_test.py"), 5)
        told = f"{_TESTS} empty tests: {plain * 1e3:.0f} ms, start-up and one fixture included"
        yield at_most(what, more / _TESTS * 1e3, "ms", 0.5, told)


def _example(folder: Path) -> Iterable[Figure]:
    """What pytest says its tests took, all over the live server; they run in a copy, where their caches stay."""
    place = folder / "example"
    shutil.copytree(Path(__file__).parents[1] / "examples" / "dag_runner", place)
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(place)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_mock_airflow.plugin"]
    told = [
        subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True, text=True).stdout
        for _ in range(5)
    ]
    seconds = [float(text.rpartition("50 passed in ")[2].split("s")[0]) for text in told]
    yield at_most(
        "the example's 50 tests, over the live server", min(seconds), "s", 1, "as pytest tells it, least of 5"
    )


def _serve(folder: Path) -> Iterable[Figure]:
    waits, memory = [], 0.0
    for number in range(5):
        ready = folder / f"ready{number}.json"
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "mock_airflow", "serve", "--port", "0", "--ready-file", str(ready)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not ready.exists():
            time.sleep(0.001)
        told = json.loads(ready.read_text())
        request = urllib.request.Request(told["api_url"] + "/dags", headers=told["headers"])
        urllib.request.urlopen(request).read()
        waits.append(time.perf_counter() - begun)
        memory = max(memory, _resident(process.pid))
        process.terminate()
        process.wait()
    yield at_most("serve, from exec to its first answer", median(waits), "s", 0.6, "median of 5")
    yield at_most("serve, resident memory", memory, "MiB", 70, "largest of 5")


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
