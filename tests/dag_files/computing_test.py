"""What ``airflow.utils`` and ``airflow.macros`` compute. The values were seen in a real 2.11.2."""

import pytest

from mock_airflow import MockAirflow
from tests.dag_files.asking import Asking
from tests.dag_files.writing import WrittenFolder

HEAD = """
from datetime import datetime, timedelta
from airflow import DAG, macros
from airflow.operators.empty import EmptyOperator
from airflow.utils import dates, helpers, strings, timezone
from airflow.utils.module_loading import import_string, qualname
"""
VALUES = {
    "list(helpers.chunks([1, 2, 3], 2))": "[[1, 2], [3]]",
    "helpers.merge_dicts({'a': {'b': 1}, 'c': 1}, {'a': {'d': 2}})": "{'a': {'b': 1, 'd': 2}, 'c': 1}",
    "helpers.as_flattened_list([['a'], ('b', 'c')])": "['a', 'b', 'c']",
    "helpers.prune_dict({'a': None, 'b': {'c': None}, 'd': 0, 'e': []})": "{'b': {}, 'd': 0, 'e': []}",
    "helpers.prune_dict({'a': 0, 'b': 1}, mode='truthy')": "{'b': 1}",
    "[list(part) for part in helpers.partition(lambda n: n > 1, [1, 2, 3])]": "[[1], [2, 3]]",
    "helpers.exactly_one(1, 0), helpers.at_most_one(1, 1), helpers.is_container('a')": "(True, False, False)",
    "helpers.convert_camel_to_snake('LoadOrders')": "'load_orders'",
    "helpers.reduce_in_chunks(lambda n, part: n + sum(part), [1, 2, 3], 0, 2)": "6",
    "macros.ds_add('2024-01-31', 1)": "'2024-02-01'",
    "macros.ds_format('2024-01-31', '%Y-%m-%d', '%d.%m.%y')": "'31.01.24'",
    "macros.timedelta(1) == timedelta(1), macros.datetime(2024, 1, 1) == datetime(2024, 1, 1)": "(True, True)",
    "dates.infer_time_unit([130.0]), list(dates.scale_time_units([120.0], 'minutes'))": "('minutes', [2.0])",
    "[str(each.date()) for each in dates.date_range(datetime(2024, 1, 1), datetime(2024, 1, 3), delta=timedelta(1))]": (
        "['2024-01-01', '2024-01-02', '2024-01-03']"
    ),
    "str(dates.round_time(timezone.datetime(2015, 1, 1, 13), timedelta(days=1)))": "'2015-01-02 00:00:00+00:00'",
    "len(strings.get_random_string(5)), strings.to_boolean('t')": "(5, True)",
    "import_string('airflow.operators.bash.BashOperator').__name__": "'BashOperator'",
    "import_string('os.path.join')('a', 'b')": "'a/b'",
    "qualname(datetime), qualname(EmptyOperator)": ("('datetime.datetime', 'airflow.operators.empty.EmptyOperator')"),
}
REFUSED = {
    "looped": (
        "from airflow.utils.helpers import something_new\nfor _ in something_new: pass",
        "helpers.something_new",
    ),
    "called": ("from airflow.utils.dag_cycle_tester import test_cycle\ntest_cycle(1)", "dag_cycle_tester.test_cycle"),
    "macro": ("macros.something_new('2024-01-01')", "airflow.macros.something_new"),
    "part": ("from airflow.utils import file\nfile.something_new.part('x')", "airflow.utils.file.something_new"),
}
WORDS = {
    "path": ("import_string('operators')", "ImportError: operators doesn't look like a module path"),
    "name": (
        "import_string('datetime.Datetime')",
        'ImportError: Module "datetime" does not define a "Datetime" attribute/class',
    ),
    "module": ("import_string('not_there.at_all')", "ModuleNotFoundError: No module named 'not_there'"),
    "chunk": ("list(helpers.chunks([1], 0))", "ValueError: Chunk size must be a positive integer"),
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    write = WrittenFolder(tmp_path_factory.mktemp("computing") / "dags")
    values = ", ".join(f"repr(({expression}))" for expression in VALUES)
    write("values.py", f"{HEAD}with DAG('values', schedule=None, doc_md=repr([{values}])): pass\n")
    kinds = "{'a': 'airflow.operators.empty.EmptyOperator', 'b': 'airflow.sensors.filesystem.FileSensor'}"
    loop = f"with DAG('made', schedule=None):\n    for name, path in {kinds}.items():\n"
    more = "        import_string(path)(task_id=name, **({'filepath': 'x'} if name == 'b' else {}))\n"
    write("made.py", HEAD + loop + more)
    write("named.py", f"{HEAD}from airflow.utils.helpers import something_new\nd = DAG('named', schedule=None)\n")
    for name, (lines, _) in {**REFUSED, **WORDS}.items():
        write(f"{name}.py", f"{HEAD}{lines}\nd = DAG({name!r}, schedule=None)\n")
    with MockAirflow(dags_folder=write.path) as airflow:
        yield Asking(airflow)


def test_functions_give_what_airflows_give(airflow):
    assert "values.py" not in airflow.errors()
    found = eval(airflow.get("/dags/values/details")["doc_md"])  # our own list of texts
    assert dict(zip(VALUES, found, strict=True)) == VALUES


def test_tasks_are_made_of_classes_by_their_paths(airflow):
    tasks = airflow.get("/dags/made/tasks")["tasks"]
    assert [task["class_ref"]["class_name"] for task in tasks] == ["EmptyOperator", "FileSensor"]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_not_computed_is_an_error_by_name(airflow, name):
    last = airflow.errors()[f"{name}.py"].strip().splitlines()[-1]
    assert last.startswith("NotImplementedError: mock-airflow: airflow.")
    assert f"{REFUSED[name][1]}" in last


def test_to_name_it_is_none(airflow):
    assert "named" in airflow.dag_ids()


@pytest.mark.parametrize("name", sorted(WORDS))
def test_mistakes_are_told_in_airflows_words(airflow, name):
    assert airflow.errors()[f"{name}.py"].strip().splitlines()[-1] == WORDS[name][1]
