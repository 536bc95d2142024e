"""The package as others meet it: what it requires, what its import costs, what it says it exports.

What only a built wheel can show is checked by `.ci/run` (`.ci/wheel_smoke.py`).
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
RECORDINGS = CHECKOUT / "fixtures" / "recordings"

# Imported by nobody before a feature asks for it.
HEAVY = [
    "croniter",
    "faker",
    "flask",
    "httpx",
    "jsonschema",
    "pytest_httpserver",
    "requests",
    "responses",
    "sqlalchemy",
    "werkzeug",
    "yaml",
]


def core_requirements() -> set[str]:
    """Names of the distributions that a plain install brings, with what they require in turn."""
    found: set[str] = set()
    waiting = ["mock-airflow"]
    while waiting:
        for line in importlib.metadata.requires(waiting.pop()) or []:
            requirement, _, marker = line.partition(";")
            name = re.match(r"[\w.-]+", requirement)
            if name is None or "extra" in marker or "sys_platform" in marker or "python_version" in marker:
                continue
            if name[0].lower() not in found:
                found.add(name[0].lower())
                waiting.append(name[0])
    return found


def modules_with_all() -> list[str]:
    """The modules of the two packages that say what they export, by the names they have once installed."""
    folders = {"mock_airflow": CHECKOUT / "mock_airflow", "pytest_mock_airflow": CHECKOUT / "pytest_plugin"}
    names = []
    for package, folder in folders.items():
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            if "\n__all__" in file.read_text("utf-8"):
                names.append(".".join([package, *parts]).removesuffix(".__init__"))
    return names


def loaded_after(statement: str) -> set[str]:
    """The names of HEAVY that a fresh interpreter has loaded once it has run ``statement``."""
    script = f"import sys\n{statement}\nprint(*sorted(set(sys.modules) & set({HEAVY!r})))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_core_brings_no_pytest_plugin_of_somebody_else() -> None:
    core = core_requirements()

    assert "flask" in core  # the walk works
    plugins = {
        entry.dist.name.lower()
        for entry in importlib.metadata.entry_points(group="pytest11")
        if entry.dist is not None and entry.dist.name != "mock-airflow"
    }
    assert core & plugins == set()


def test_plugin_is_found_by_pytest_under_its_own_name() -> None:
    entries = [entry for entry in importlib.metadata.entry_points(group="pytest11") if entry.name == "mock_airflow"]

    assert [entry.value for entry in entries] == ["pytest_mock_airflow.plugin"]


@pytest.mark.parametrize("module", ["mock_airflow", "pytest_mock_airflow", "pytest_mock_airflow.plugin"])
def test_import_loads_nothing_heavy(module: str) -> None:
    assert loaded_after(f"import {module}") == set()


def test_version_has_one_source() -> None:
    import mock_airflow

    assert mock_airflow.__version__ == importlib.metadata.version("mock-airflow")
    literals = [
        file.relative_to(CHECKOUT).as_posix()
        for file in [*(CHECKOUT / "mock_airflow").rglob("*.py"), CHECKOUT / "pyproject.toml"]
        if re.search(rf"""version\w*\s*=\s*["']{re.escape(mock_airflow.__version__)}["']""", file.read_text("utf-8"))
    ]
    assert literals == ["mock_airflow/_version.py"]


def test_asking_for_the_version_reads_no_metadata() -> None:
    script = "import sys, mock_airflow; mock_airflow.__version__; print('importlib.metadata' in sys.modules)"
    # -S: the site module of an editable install loads import machinery of its own.
    answer = subprocess.run(
        [sys.executable, "-S", "-c", script], capture_output=True, text=True, timeout=60, cwd=CHECKOUT
    )

    assert answer.stdout.strip() == "False", answer.stderr


@pytest.mark.parametrize("name", modules_with_all())
def test_all_names_what_exists(name: str) -> None:
    module = importlib.import_module(name)
    exported = module.__all__

    assert len(exported) == len(set(exported))
    assert [each for each in exported if not hasattr(module, each)] == []


@pytest.mark.parametrize("package", ["mock_airflow", "pytest_mock_airflow"])
def test_public_package_lists_its_names_in_all(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    bound = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    } | {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}

    public = {name for name in bound if not name.startswith("_") and name not in {"TYPE_CHECKING", "Any"}}
    assert public <= set(getattr(module, "__all__", []))


def test_every_folder_of_the_package_is_a_package() -> None:
    folders = {file.parent for file in (CHECKOUT / "mock_airflow").rglob("*.py")}

    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_recordings_are_as_they_were_recorded() -> None:
    sums = RECORDINGS / "SHA256SUMS"
    listed = dict(reversed(line.split("  ", 1)) for line in sums.read_text("utf-8").splitlines())

    changed = [
        name
        for name, digest in listed.items()
        if hashlib.sha256((RECORDINGS / name).read_bytes()).hexdigest() != digest
    ]
    assert changed == []
    recorded = {name.partition("/")[0] for name in listed if "/" in name}
    present = {
        file.relative_to(RECORDINGS).as_posix()
        for folder in recorded
        for file in (RECORDINGS / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert present == {name for name in listed if "/" in name}
