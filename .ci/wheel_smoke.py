"""What only an installed wheel can show; run by `.ci/run` with an environment that holds the wheel and nothing else.

python -I wheel_smoke.py CHECKOUT
"""

import importlib
import importlib.metadata
import importlib.resources
import importlib.util
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

# Modules that a feature's extra brings; a module of ours that needs one may say so when it is imported.
EXTRAS = {
    *("anyio", "cryptography", "faker", "graphql", "httpx", "jwt", "pytest", "pytest_httpserver", "requests"),
    *("responses", "sqlalchemy", "trustme", "urllib3", "yaml"),
}


def modules_import() -> None:
    """Every module can be imported with the core's requirements, or names the extra it belongs to."""
    import mock_airflow
    import pytest_mock_airflow
    from mock_airflow.errors import MissingExtraError

    imported, waiting = 0, []
    for package in (mock_airflow, pytest_mock_airflow):
        assert Path(package.__file__).is_relative_to(sys.prefix), f"{package.__file__} is not the wheel's"
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if module.name.endswith("__main__"):
                continue
            try:
                importlib.import_module(module.name)
                imported += 1
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] not in EXTRAS:
                    raise
                waiting.append(f"{module.name} ({error.name})")
            except MissingExtraError as error:
                waiting.append(f"{module.name} ({error})")
    print(f"{imported} modules imported; waiting for an extra: {', '.join(waiting) or 'none'}")


def nothing_strange_is_installed() -> None:
    """No top-level module of another project's name, no pytest plugin but ours, no recordings, no tests."""
    for name in ("fixtures", "pytest_plugin", "tests", "benchmarks", "docs", "setup"):
        assert importlib.util.find_spec(name) is None, f"the wheel installs a top-level module {name!r}"
    plugins = {entry.name: entry.value for entry in importlib.metadata.entry_points(group="pytest11")}
    assert plugins == {"mock_airflow": "pytest_mock_airflow.plugin"}, plugins
    files = [str(file) for file in importlib.metadata.files("mock-airflow") or []]
    data = "mock_airflow/fixtures/"
    kept = tuple(data + name for name in ("worlds/", "dags/", "__init__.py", "__pycache__/"))
    unwanted = [file for file in files if file.startswith(data) and not file.startswith(kept)]
    unwanted += [file for file in files if "_test.py" in file]
    assert unwanted == [], unwanted
    tops = {file.partition("/")[0] for file in files if not file.startswith("..")}
    expected = {
        "mock_airflow",
        "pytest_mock_airflow",
        f"mock_airflow-{importlib.metadata.version('mock-airflow')}.dist-info",
    }
    assert tops == expected, tops
    print(f"{len(files)} files, {sorted(tops)}")


def data_is_there(checkout: Path) -> None:
    """Worlds, sample DAGs and the type markers came along, every one."""
    installed = importlib.resources.files("mock_airflow.fixtures")
    count = 0
    for folder in ("worlds", "dags"):
        for file in sorted((checkout / "fixtures" / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                inside = installed.joinpath(*file.relative_to(checkout / "fixtures").parts)
                assert inside.read_bytes() == file.read_bytes(), f"{file} is missing or differs"
                count += 1
    for package in ("mock_airflow", "pytest_mock_airflow"):
        assert importlib.resources.files(package).joinpath("py.typed").is_file(), f"{package} has no py.typed"
    print(f"{count} data files read through importlib.resources")


def command_answers() -> None:
    """`mock-airflow --version` and `mock-airflow serve` do what they say."""
    import mock_airflow

    assert mock_airflow.__version__ == importlib.metadata.version("mock-airflow")
    command = str(Path(sys.executable).with_name("mock-airflow"))
    said = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    assert mock_airflow.__version__ in said, said
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        begun = time.monotonic()
        process = subprocess.Popen(
            [command, "serve", "--port", "0", "--ready-file", str(ready)],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            while not (ready.exists() and ready.stat().st_size):
                assert process.poll() is None, f"serve ended with exit code {process.returncode}"
                assert time.monotonic() < begun + 30, "serve was not ready after 30 seconds"
                time.sleep(0.01)
            told = json.loads(ready.read_text("utf-8"))
            for path in ("/health", "/dags"):
                request = urllib.request.Request(told["api_url"] + path, headers=told["headers"])
                with urllib.request.urlopen(request, timeout=10) as answer:
                    json.load(answer)
                    print(f"GET {path}: {answer.status}")
            os.killpg(process.pid, signal.SIGINT)
            code = process.wait(timeout=10)
            assert code in (0, 130), f"Ctrl-C ended serve with exit code {code}"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


if __name__ == "__main__":
    nothing_strange_is_installed()
    modules_import()
    data_is_there(Path(sys.argv[1]))
    command_answers()
