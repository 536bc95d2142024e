"""What was read of DAG files is read again when a library comes, goes or changes its version."""

import json
import subprocess
import sys

import pytest

from tests.dag_files.writing import WrittenFolder

LIBRARY = """
    try:
        import found_later
        NAME = "with_" + found_later.NAME
    except ImportError:
        NAME = "without"
"""
BETWEEN = "from asks_for_another import NAME"
DAG = """
    from airflow import DAG
    from goes_between import NAME

    with DAG(NAME, schedule=None):
        pass
"""
DIRECT = """
    from airflow import DAG
    import found_later

    with DAG("direct_" + str(found_later.NAME)[:4], schedule=None):
        pass
"""
READ = """
import json, sys
from mock_airflow import MockAirflow
mock = MockAirflow(dags_folder=sys.argv[1])
print(json.dumps([dag.dag_id for dag in mock.deployment.airflow.dags]))
"""


@pytest.fixture
def read(folder, tmp_path, monkeypatch):
    """Reads the folder in a process of its own, as each start does; gives the ids."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def read():
        command = [sys.executable, "-c", READ, str(folder.path)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    read.site = site
    return read


def test_library_that_another_one_missed_is_noticed(folder, read, tmp_path):
    install = WrittenFolder(read.site)
    install("asks_for_another.py", LIBRARY)
    install("goes_between.py", BETWEEN)
    folder("etl.py", DAG)
    assert read() == ["without"]

    install("found_later.py", 'NAME = "it"')
    assert read() == ["with_it"]
    install("found_later.py", 'NAME = "it_anew"')
    (read.site / "found_later-2.0.dist-info").mkdir()  # as an upgrade leaves it
    assert read() == ["with_it_anew"]
    (read.site / "found_later.py").unlink()
    assert read() == ["without"]


def test_library_that_a_file_missed_is_noticed(folder, read):
    folder("etl.py", DIRECT)
    assert read() != ["direct_real"]
    WrittenFolder(read.site)("found_later.py", 'NAME = "real"')
    assert read() == ["direct_real"]


def test_what_did_not_change_is_not_read_again(folder, read, tmp_path):
    folder("etl.py", 'from airflow import DAG\nwith DAG("etl", schedule=None):\n    pass\n')
    assert read() == ["etl"]
    (kept,) = (tmp_path / "cache" / "mock-airflow").iterdir()
    before = kept.read_bytes()
    kept.write_bytes(before.replace(b'"dag_id": "etl"', b'"dag_id": "kept"'))
    (read.site / "__pycache__").mkdir(exist_ok=True)

    assert read() == ["kept"]
