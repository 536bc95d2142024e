"""Plugins and providers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Deploy

PLUGINS = "/api/v1/plugins"
PARTS = (
    "appbuilder_menu_items appbuilder_views executors flask_blueprints global_operator_extra_links hooks listeners "
    "macros operator_extra_links ti_deps timetables"
).split()
WORLD = {"plugins": [{"name": name, "macros": [f"{name}.shout"]} for name in ("one", "two", "three")]}


def test_plugin_has_all_its_parts(deploy: Deploy) -> None:
    told = deploy(WORLD).get(PLUGINS).get_json()

    parts: dict[str, Any] = {part: [] for part in PARTS}
    assert told["total_entries"] == 3
    assert told["plugins"][0] == {**parts, "name": "one", "source": "$PLUGINS_FOLDER/one.py", "macros": ["one.shout"]}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("limit=1", ["one"]),
        ("limit=2&offset=1", ["two", "three"]),
        ("offset=9", []),
        ("offset=99999999999999999999999", []),
        ("limit=0", ["one", "two", "three"]),
    ],
)
def test_pages(deploy: Deploy, query: str, names: list[str]) -> None:
    told = deploy(WORLD).get(f"{PLUGINS}?{query}").get_json()

    assert [plugin["name"] for plugin in told["plugins"]] == names
    assert told["total_entries"] == 3


@pytest.mark.parametrize(
    ("query", "title", "detail"),
    [
        ("order_by=name", None, "Extra query parameter(s) order_by not in spec"),
        ("limit=-1", "Page limit must be a positive integer", None),
    ],
)
def test_queries_that_are_refused(deploy: Deploy, query: str, title: str | None, detail: str | None) -> None:
    told = deploy().get(f"{PLUGINS}?{query}").get_json()

    assert (told["status"], told["title"], told["detail"]) == (400, title, detail)


def test_providers_are_those_that_come_with_airflow(deploy: Deploy) -> None:
    told = deploy().get("/api/v1/providers?limit=1&bogus=1").get_json()  # without parameters, any are ignored

    assert told["total_entries"] == len(told["providers"]) == 9
    assert told["providers"][-1] == {
        "description": "SQLite https://www.sqlite.org/",
        "package_name": "apache-airflow-providers-sqlite",
        "version": "4.3.4",
    }


def test_providers_of_a_world_are_all_there_are(deploy: Deploy) -> None:
    world = {"providers": [{"package_name": name, "description": "d", "version": "1.2.3"} for name in ("b", "a")]}
    told = deploy(world).get("/api/v1/providers").get_json()

    assert [provider["package_name"] for provider in told["providers"]] == ["a", "b"]
    assert told["total_entries"] == 2
