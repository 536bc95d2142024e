"""What a DAG file may not do while it is read, unless it is allowed."""

import sqlite3
from contextlib import closing

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking

HEAD = "import airflow  # a dag\n"
TRIES = {
    "network": "import socket\nsocket.create_connection(('127.0.0.1', 9), timeout=1)",
    "names": "import socket\nsocket.getaddrinfo('example.org', 80)",
    "write": "from pathlib import Path\nPath(__file__).with_name('left.txt').write_text('x')",
    "append": "open(__file__, 'a').close()",
    "remove": "import os\nos.remove(__file__)",
    "folder": "import os\nos.mkdir(__file__ + '.d')",
    "temporary": "import tempfile\ntempfile.mkstemp()",
    "database": "import sqlite3\nsqlite3.connect(__file__ + '.db').close()",
    "database_path": "import sqlite3\nfrom pathlib import Path\nsqlite3.connect(Path(__file__).with_suffix('.db'))",
    "database_uri": "import sqlite3\nsqlite3.connect(f'file:{__file__}.db?mode=rwc', uri=True)",
    "program": "import subprocess\nsubprocess.run(['true'])",
    "shell": "import os\nos.system('true')",
    "fork": "import os\nos.fork() or os._exit(0)",
}


def test_network_writes_and_programs_are_refused(folder):
    for name, source in TRIES.items():
        folder(f"{name}.py", HEAD + source)
    with MockAirflow(dags_folder=folder.path) as airflow:
        errors = Asking(airflow).errors()
    assert sorted(errors) == sorted(f"{name}.py" for name in TRIES)
    for text in errors.values():
        assert "mock-airflow: while this DAG file was read, it tried to" in text.strip().splitlines()[-1]
    assert sorted(file.name for file in folder.path.iterdir()) == sorted(f"{name}.py" for name in TRIES)


@pytest.mark.parametrize("may", ["write", "programs"])
def test_what_is_allowed_is_done(folder, may):
    folder("write.py", HEAD + TRIES["write"])
    folder("program.py", HEAD + TRIES["program"])
    with MockAirflow(dags_folder=folder.path, dag_files_may=may) as airflow:
        assert list(Asking(airflow).errors()) == [{"write": "program.py", "programs": "write.py"}[may]]
    assert (folder.path / "left.txt").exists() is (may == "write")


def test_databases_that_are_there_can_be_read(folder):
    with closing(sqlite3.connect(folder.path / "teams.db")) as db:
        db.executescript("create table t (n); insert into t values ('red')")
    lines = "import sqlite3\nfrom airflow import DAG\nfrom pathlib import Path\n"
    lines += "with sqlite3.connect(Path(__file__).with_name('teams.db')) as db:\n"
    folder("a.py", lines + "    d = DAG(db.execute('select n from t').fetchone()[0], schedule=None)\n")
    folder("b.py", lines + "    db.execute('delete from t')\n    db.commit()\n")
    memory = "sqlite3.connect(':memory:').execute(\"select 'blue'\").fetchone()[0]"
    folder("c.py", f"import sqlite3\nfrom airflow import DAG\nd = DAG({memory}, schedule=None)\n")
    with MockAirflow(dags_folder=folder.path) as airflow:
        asking = Asking(airflow)
        assert (asking.dag_ids(), list(asking.errors())) == (["blue", "red"], ["b.py"])
    assert sorted(file.suffix for file in folder.path.iterdir()) == [".db", ".py", ".py", ".py"]
    with closing(sqlite3.connect(folder.path / "teams.db")) as db:
        assert db.execute("select * from t").fetchall() == [("red",)]


@pytest.mark.parametrize("kind", ["Lock", "RLock", "Semaphore", "Condition", "Event", "Queue", "JoinableQueue"])
def test_locks_of_multiprocessing_can_be_made(folder, kind):
    folder("a.py", f"import multiprocessing\nfrom airflow import DAG\nmade = multiprocessing.{kind}()\nd = DAG('d')\n")
    with MockAirflow(dags_folder=folder.path) as airflow:
        assert (Asking(airflow).errors(), Asking(airflow).dag_ids()) == ({}, ["d"])


def test_one_file_cannot_change_what_another_sees(folder):
    folder("a.py", HEAD + "import os, sys, json\nos.environ['LEFT'] = '1'\nsys.path.clear()\njson.dumps = None")
    folder(
        "b.py",
        "import json, os\nfrom airflow import DAG\n"
        "d = DAG(json.dumps('b').strip('\"') + os.environ.get('LEFT', '0'), schedule=None)",
    )
    with MockAirflow(dags_folder=folder.path) as airflow:
        asking = Asking(airflow)
        assert (asking.dag_ids(), asking.errors()) == (["b0"], {})
