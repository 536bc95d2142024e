import textwrap

import pytest


@pytest.fixture(autouse=True, scope="session")
def _a_cache_of_the_tests_own(tmp_path_factory):
    """What files declared is not kept in the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def folder(tmp_path):
    """A DAG folder: write files into it with ``folder("etl.py", source)``."""
    return writer_of(tmp_path / "dags")


def writer_of(path):
    """What writes files into a folder, and is the folder's path."""
    path.mkdir(exist_ok=True)

    def write(name, source):
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source), encoding="utf-8")
        return file

    write.path = path
    return write
