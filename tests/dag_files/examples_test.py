"""Airflow's own example DAGs, read without an Airflow: what a real Airflow 2.11.2 answered of them."""

from __future__ import annotations

import importlib.util

import pytest

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def page(request):
    path = request.config.rootpath / "docs" / "make_dag_folder_page.py"
    spec = importlib.util.spec_from_file_location("make_dag_folder_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def examples(published, page, tmp_path_factory):
    return page.unpacked(published(page.PACKAGE), tmp_path_factory.mktemp("package"))


def test_every_example_is_read_as_by_airflow(page, examples, monkeypatch):
    # The recorded Airflow had neither; some examples ask.
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    real = page.recorded()
    found = page.differences(real, page.read_here(examples))
    assert found == {}
    assert page.table(real, found) in page.PAGE.read_text(encoding="utf-8"), "run: python docs/make_dag_folder_page.py"
