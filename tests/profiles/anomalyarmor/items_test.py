"""Lists of items: each kind is made, listed, changed and forgotten alike, and refuses what its fields do not take."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

SOURCE = "snowflake.prod"
ORDERS = {"table_path": "warehouse.orders"}


class Kind(NamedTuple):
    """A list: where it is, what a new item needs, what it may be changed to, what its lists and ids are called."""

    path: str
    needs: dict[str, Any]
    change: dict[str, Any]
    listed_as: str = "items"
    changed_by: str = "PATCH"
    told_id: str = "id"
    words: tuple[str, ...] = ()
    fixed: str = "table_path"
    shown: bool = True


KINDS = {
    "metric": Kind(
        f"/metrics/{SOURCE}",
        {"metric_type": "row_count", **ORDERS},
        {"capture_interval": "hourly"},
        words=("capture_interval",),
    ),
    "validity rule": Kind(
        f"/validity/{SOURCE}",
        {"rule_type": "NOT_NULL", **ORDERS},
        {"severity": "critical"},
        told_id="uuid",
        words=("severity", "check_interval"),
    ),
    "referential check": Kind(
        f"/referential/{SOURCE}",
        {f"{side}_{what}": "x" for side in ("child", "parent") for what in ("table_path", "column_name")},
        {"description": "Every order has a customer"},
        words=("capture_interval",),
        fixed="child_table_path",
    ),
    "schedule": Kind(
        "/freshness/schedules",
        {"asset_id": SOURCE, **ORDERS, "check_interval": "1h"},
        {"freshness_column": "loaded_at"},
        "data",
        words=("check_interval", "monitoring_mode"),
        shown=False,
    ),
    "destination": Kind(
        "/alerts/destinations",
        {"name": "team", "destination_type": "email", "config": {"address": "a@example.com"}},
        {"name": "the team"},
        "destinations",
        "PUT",
        words=("destination_type",),
        fixed="destination_type",
    ),
    "rule": Kind(
        "/alerts/rules",
        {"name": "all"},
        {"description": "Everything"},
        "data",
        "PUT",
        words=("tag_filter_mode",),
        fixed="destination_ids",
    ),
    "badge": Kind("/badges", {"asset_id": SOURCE}, {"label": "Orders"}, "badges", "PUT", fixed="asset_id"),
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@pytest.fixture
def sdk(ask):
    """Asks below /sdk, and gives the status and the data, or what is said of an error."""

    def sdk(method, path, body=None):
        told = ask(method, f"/api/v1/sdk{path}", json=body)
        return told.status_code, told.json().get("data", told.json().get("error"))

    return sdk


@every_kind
def test_an_item_is_made_listed_changed_and_forgotten(sdk, kind):
    def listed():
        return [item[kind.told_id] for item in sdk("GET", kind.path)[1][kind.listed_as]]

    before = listed()
    status, made = sdk("POST", kind.path, kind.needs)
    assert status == 201
    assert listed() == [*before, made[kind.told_id]]
    one = f"{kind.path}/{made[kind.told_id]}"
    status, changed = sdk(kind.changed_by, one, kind.change)
    assert status == 200
    assert changed == {**made, **kind.change}
    if kind.shown:
        assert sdk("GET", one)[1].items() >= changed.items()
    assert sdk("DELETE", one) == (200, {kind.told_id: made[kind.told_id], "deleted": True})
    assert listed() == before
    assert sdk("DELETE", one)[0] == sdk(kind.changed_by, one, kind.change)[0] == 404


@every_kind
def test_a_field_that_is_needed_is_named_when_it_is_missing_or_of_another_type(sdk, kind):
    for name in kind.needs:
        others = {other: value for other, value in kind.needs.items() if other != name}
        for body, said in (
            (others, "is required"),
            ({**kind.needs, name: None}, "is required"),
            ({**kind.needs, name: 3}, "must be a"),
        ):
            status, error = sdk("POST", kind.path, body)
            assert (status, error["code"], error["details"]) == (400, "VALIDATION_ERROR", {"field": name})
            assert error["message"].startswith(f"{name} {said}")


@every_kind
def test_a_field_has_one_of_its_words(sdk, kind):
    for name in kind.words:
        status, error = sdk("POST", kind.path, {**kind.needs, name: "sometimes"})
        assert (status, error["details"]) == (400, {"field": name})
        assert error["message"].startswith(f"{name} must be one of ")


@every_kind
def test_what_stays_as_it_was_made_is_not_changed_and_nothing_of_a_refused_change_is_kept(sdk, kind):
    made = sdk("POST", kind.path, kind.needs)[1]
    one = f"{kind.path}/{made[kind.told_id]}"
    assert sdk(kind.changed_by, one, {kind.fixed: "another", "id": "another"})[1] == made
    name = next(iter(kind.change))
    assert sdk(kind.changed_by, one, {name: 3})[0] == 400
    assert sdk(kind.changed_by, one, {})[1] == made


def test_an_item_of_another_asset_is_not_there(sdk):
    made = sdk("POST", "/metrics/snowflake.prod", KINDS["metric"].needs)[1]
    assert sdk("GET", f"/metrics/snowflake.prod.warehouse.orders/{made['id']}")[0] == 404
