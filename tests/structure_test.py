"""The plan of the house, held by the code itself."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mock_airflow
from mock_airflow import errors
from mock_airflow.domain import errors as domain_errors
from tests.conftest import LONG, TESTS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mock_airflow"
LONGEST = 400  # lines of a module
LARGEST = 20  # modules of a folder, its __init__ apart
# Folders that are an index: who looks for a tag or a noun guesses the file's name, and a room between would only hide
# it. What they have besides tags and nouns stays few.
FLAT = {"api/v1", "api/v2", "domain"}


@cache
def modules() -> tuple[tuple[str, ast.Module, int], ...]:
    """Every module of the package: its path, its tree, its lines."""
    texts = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    return tuple((name, ast.parse(text), text.count("\n")) for name, text in texts.items())


def test_modules_are_short() -> None:
    assert [(name, lines) for name, _, lines in modules() if lines > LONGEST] == []


def test_folders_are_small() -> None:
    sizes = Counter(Path(name).parent.as_posix() for name, _, _ in modules() if not name.endswith("__init__.py"))

    assert {folder for folder, size in sizes.items() if size > LARGEST} == FLAT


def test_the_top_of_the_package_is_small() -> None:
    top = [path.name for path in PACKAGE.glob("*.py")]

    assert len(top) <= 9, top


# Rooms with circles: the stand-ins of Airflow's classes need each other as those do. No other is added.
WITH_CIRCLES = {"dag_files"}


def imports() -> dict[str, set[str]]:
    """What each module imports of the package, for annotations and inside of functions too; by their paths."""
    homes = {f"mock_airflow.{name.removesuffix('.py').replace('/', '.')}": name for name, _, _ in modules()}
    homes |= {home.removesuffix(".__init__"): name for home, name in homes.items()}
    found: dict[str, set[str]] = {}
    for name, tree, _ in modules():
        asked: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                asked.update(each.name for each in node.names)
            elif isinstance(node, ast.ImportFrom):
                parts = (f"{node.module}.{each.name}" for each in node.names)
                asked.update(part if part in homes else str(node.module) for part in parts)
        found[name] = {homes[each] for each in asked if each in homes} - {name}
    return found


def test_no_module_imports_itself_by_way_of_others() -> None:
    found = imports()

    def leads_back(name: str) -> bool:
        seen: set[str] = set()
        todo = [*found[name]]
        while todo:
            each = todo.pop()
            if each not in seen:
                seen.add(each)
                todo += found[each]
        return name in seen

    ours = (name for name in found if name.split("/")[0] not in WITH_CIRCLES)

    assert [name for name in ours if leads_back(name)] == []


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


PARSING = "dag_files/parsing/"  # what DAG files meet, in a process of its own
STANDINS = f"{PARSING}standin/"  # whose names are Airflow's own
ERRORS = ("errors.py", "domain/errors.py")


@cache
def classes() -> tuple[tuple[str, ast.ClassDef], ...]:
    """Every class of the package but for what DAG files meet: its module's path, its tree."""
    ours = (module for module in modules() if not module[0].startswith(PARSING))
    return tuple((name, node) for name, tree, _ in ours for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def descendants(*roots: str) -> dict[str, str]:
    """The classes that descend from some: their names, and where each is."""
    found: dict[str, str] = {}
    before = -1
    while len(found) > before:
        before = len(found)
        for name, node in classes():
            bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            if bases & {*roots, *found}:
                found[node.name] = name
    return found


def test_one_class_name_means_one_thing() -> None:
    homes: dict[str, list[str]] = {}
    for name, tree, _ in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not name.startswith(STANDINS):
                homes.setdefault(node.name, []).append(name)

    assert {name: of for name, of in homes.items() if len(of) > 1} == {}


def test_error_names_end_alike_and_stand_in_errors() -> None:
    answers = {"RaisedAnswer", *descendants("RaisedAnswer")}
    raised = descendants("Exception", "OSError", "ValueError", "AssertionError", "UserWarning", "DeprecationWarning")

    elsewhere = {
        name: home
        for name, home in raised.items()
        if name not in answers and not name.startswith("_") and home not in ERRORS
    }
    misnamed = [name for name, home in raised.items() if home in ERRORS and not name.endswith(("Error", "Warning"))]

    assert elsewhere == {}  # what is raised is an error, or becomes an answer
    assert misnamed == []
    assert [name for name in answers if name.endswith("Error")] == []


def test_the_tree_of_errors_is_whole() -> None:
    def below(error: type[Exception]) -> Iterator[type[Exception]]:
        for child in error.__subclasses__():
            yield child
            yield from below(child)

    shown = set(re.findall(r"\w+(?:Error|Warning)\b", errors.__doc__ or ""))
    own = {error.__name__ for error in below(errors.MockAirflowError) if error.__module__ == errors.__name__}

    assert own - shown == set()
    assert shown - own == {"MockAirflowError", "DomainError", "LateCallWarning"}
    assert {error.__module__ for error in below(errors.MockAirflowError)} == {errors.__name__, domain_errors.__name__}


def test_public_names_are_documented() -> None:
    page = (ROOT / "docs" / "reference" / "python.rst").read_text("utf-8")
    documented = re.findall(r"^\.\. auto(?:class|exception|module):: (\S+)\n((?:   :.*\n)*)", page, re.MULTILINE)
    whole = {name for name, options in documented if "   :members:\n" in options}

    told = {name for name, _ in documented}
    public = {name for name in mock_airflow.__all__ if not name.startswith("__")}
    of_errors = {name for name in public if hasattr(errors, name)}

    assert {f"mock_airflow.{name}" for name in public - of_errors} - told == set()
    assert whole >= {errors.__name__, domain_errors.__name__}


def test_what_a_quick_run_leaves_out_is_there() -> None:
    gone = [name for name in LONG if not (TESTS / name).is_dir() and not (TESTS / f"{name}_test.py").is_file()]

    assert gone == []


# Of a folder here: what it tests, where that is no room of the package.
BESIDE = {"docs": ROOT / "docs", "plugin": ROOT / "pytest_plugin"}


def test_tests_stand_in_the_rooms_of_what_they_test() -> None:
    folders = {path.parent.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py")} - {"."}
    nowhere = [name for name in sorted(folders) if not BESIDE.get(name, PACKAGE / name).is_dir()]

    assert nowhere == []


def test_few_tests_are_of_no_room() -> None:
    top = [path.name for path in TESTS.glob("*_test.py")]

    assert len(top) <= 8, top


def test_files_of_tests_are_short() -> None:
    files = [*TESTS.rglob("*.py"), *(ROOT / "browser_tests").rglob("*.py")]
    lines = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n") for path in files}

    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_no_data_lies_among_the_tests() -> None:
    files = (path for path in TESTS.rglob("*") if path.is_file() and "__pycache__" not in path.parts)

    assert [path.relative_to(TESTS).as_posix() for path in files if path.suffix != ".py"] == []
