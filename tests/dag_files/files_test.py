"""Which files of a folder are read, and what of two files that declare one DAG."""

import zipfile

import pytest

from mock_airflow import MockAirflow
from mock_airflow.errors import SettingError
from tests.dag_files.asking import Asking

DAG = """
from airflow import DAG
from datetime import datetime

dag = DAG({0!r}, schedule=None, start_date=datetime(2024, 1, 1), tags={1!r})
"""


def _dag_ids(folder, **settings):
    with MockAirflow(dags_folder=folder.path, **settings) as airflow:
        return Asking(airflow).dag_ids()


def test_files_without_both_words_are_not_read(folder):
    folder("no_words.py", "raise RuntimeError('not read')")
    folder("one_word.py", "raise RuntimeError('a dag, but not of that')")
    folder("notes.txt", "airflow dag")
    folder("deep/er/one.py", DAG.format("one", []))
    with MockAirflow(dags_folder=folder.path) as airflow:
        asking = Asking(airflow)
        assert (asking.dag_ids(), asking.errors()) == (["one"], {})
    with MockAirflow(dags_folder=folder.path, dag_discovery_safe_mode=False) as airflow:
        assert sorted(Asking(airflow).errors()) == ["no_words.py", "one_word.py"]


def test_airflowignore_holds_regular_expressions(folder):
    for name in ("keep", "skip_this", "sub/other", "sub/kept", "old/all"):
        folder(f"{name}.py", DAG.format(name.replace("/", "_"), []))
    folder(".airflowignore", "skip.*  # a reason\n^old/\n[\n")
    folder("sub/.airflowignore", "other")
    assert _dag_ids(folder) == ["keep", "sub_kept"]


def test_airflowignore_holds_globs_where_that_is_set(folder):
    for name in ("a", "b", "important", "sub/a", "sub/deep/c", "build/x", "x/build/y", "top/only/z"):
        folder(f"{name}.py", DAG.format(name.replace("/", "_"), []))
    folder(".airflowignore", "*.py\n!important.py\n!sub/**/c.py\nbuild/\n/top\n")
    assert _dag_ids(folder, dag_ignore_file_syntax="glob") == ["important", "sub_deep_c"]


def test_glob_with_many_stars_takes_no_time(folder):
    for name in ("a" * 200, "a" * 199 + "b", "keep"):
        folder(f"{name}.py", DAG.format(name, []))
    folder(".airflowignore", "*a" * 60 + "*b.py\n" + "*a?" * 60 + "*c\n[z-a]x\n")

    assert _dag_ids(folder, dag_ignore_file_syntax="glob") == ["a" * 200, "keep"]


def test_a_zip_file_is_read_too(folder):
    with zipfile.ZipFile(folder.path / "packed.zip", "w") as archive:
        archive.writestr("inside.py", "import beside\n" + DAG.format("inside", []))
        archive.writestr("beside.py", "VALUE = 1")
        archive.writestr("failing.py", "import airflow  # a dag\n1 / 0")
        archive.writestr("package/below.py", DAG.format("below", []))
    with MockAirflow(dags_folder=folder.path) as airflow:
        asking = Asking(airflow)
        assert asking.dag_ids() == ["inside"]
        dag = asking.get("/dags/inside")
        assert dag["fileloc"].endswith("/packed.zip/inside.py")
        assert (
            "import beside" in asking.get(f"/dagSources/{dag['file_token']}", {"Accept": "application/json"})["content"]
        )
        assert asking.errors()["failing.py"].endswith("ZeroDivisionError: division by zero\n")


def test_of_two_files_that_declare_one_dag_the_last_counts(folder, caplog):
    folder("a.py", DAG.format("same", ["first"]))
    folder("b.py", DAG.format("same", ["last"]))
    with MockAirflow(dags_folder=folder.path) as airflow:
        asking = Asking(airflow)
        assert asking.get("/dags/same")["tags"] == [{"name": "last"}]
        assert asking.errors() == {}
    assert "The DAG 'same' is declared in a.py and b.py; the last one counts." in caplog.text


def test_a_module_beside_the_dags_and_one_of_the_project_can_be_imported(folder):
    folder("helper.py", "NAME = 'from_helper'")
    folder("../include/more.py", "NAME = 'from_include'")
    for module in ("helper", "include.more"):
        folder(
            f"use_{module.replace('.', '_')}.py",
            f"from {module} import NAME\n" + DAG.format("name", []).replace("'name'", "NAME"),
        )
    assert _dag_ids(folder) == ["from_helper", "from_include"]


def test_new_dags_are_paused_as_the_configuration_says(folder):
    folder("a.py", DAG.format("a", []))
    folder("b.py", DAG.format("b", []).replace("schedule=None", "schedule=None, is_paused_upon_creation=False"))
    for said, paused in ((True, [True, False]), (False, [False, False])):
        with MockAirflow(dags_folder=folder.path, dags_are_paused_at_creation=said) as airflow:
            assert [dag["is_paused"] for dag in Asking(airflow).get("/dags")["dags"]] == paused


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SettingError, match=r"There is no folder .*nowhere to read DAG files from"):
        MockAirflow(dags_folder=tmp_path / "nowhere")
