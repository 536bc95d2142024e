"""The plan of the house, held by the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import mock_airflow

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mock_airflow"
LONGEST = 400  # lines of a module
# Longer ones that were looked at and have one subject. The list may only become shorter.
LONG = {
    "dag_files/parsing/child.py",
    "dag_files/parsing/standin/dag.py",
    "dag_files/parsing/standin/operators.py",
    "deployment.py",
    "testing/mock.py",
}


def modules() -> Iterator[tuple[str, ast.Module, int]]:
    """Every module of the package: its path, its tree, its lines."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text("utf-8")
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(text), text.count("\n")


def test_modules_are_short_or_known_to_be_long() -> None:
    long = {name for name, _, lines in modules() if lines > LONGEST}

    assert long == LONG


def test_the_top_of_the_package_is_small() -> None:
    top = [path.name for path in PACKAGE.glob("*.py")]

    assert len(top) <= 9, top


def test_every_module_and_public_class_says_what_it_is() -> None:
    silent = []
    for name, tree, _ in modules():
        if ast.get_docstring(tree) is None:
            silent.append(name)
        silent += [
            f"{name}: {node.name}"
            for node in tree.body
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and ast.get_docstring(node) is None
        ]

    assert silent == []


def test_public_names_exist() -> None:
    assert all(getattr(mock_airflow, name) is not None for name in mock_airflow.__all__)
