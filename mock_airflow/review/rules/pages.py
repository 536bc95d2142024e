"""Reading a list page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.traffic import PAGING, Seen, Traffic, grouped

rule = partial(ReviewRule, subject="pages and lists")


class PageRead(NamedTuple):
    """A page that was read: its call, the first item's place, how many items it had, how many there were."""

    call: Seen
    start: int
    items: int
    total: int


class Gap(NamedTuple):
    """What was not read of a list: from which item on, and to which."""

    start: int
    end: int


def page_of(call: Seen) -> PageRead | None:
    """The page that a call read; None where it read none, or by a cursor, which leaves out nothing."""
    reads = call.method == "GET" or call.entry.path.endswith("/list")
    if call.page is None or not call.ok or not reads or "cursor" in call.query:
        return None
    return PageRead(call, call.offset, *call.page)


def gaps(pages: Iterable[PageRead]) -> list[Gap]:
    """What these pages leave out of their list, as long as it was when the last of them was read."""
    read = list(pages)
    if not read:
        return []
    total, covered, found = read[-1].total, 0, []
    for page in sorted(read, key=lambda each: each.start):
        if page.start > covered and covered < total:
            found.append(Gap(covered, min(page.start, total)))
        covered = max(covered, page.start + page.items)
    if covered < total:
        found.append(Gap(covered, total))
    return found


def readings(traffic: Traffic) -> Iterator[list[PageRead]]:
    """The pages of one list that one client read with one limit, one after the other.

    The same offset again begins a new reading.
    """
    for read in grouped_pages((page for call in traffic if (page := page_of(call)) is not None), by_limit=True):
        reading: list[PageRead] = []
        starts: set[int] = set()
        for page in read:
            if page.start in starts:
                yield reading
                reading, starts = [], set()
            reading.append(page)
            starts.add(page.start)
        yield reading


def grouped_pages(pages: Iterable[PageRead], *, by_limit: bool = False) -> list[list[PageRead]]:
    """Pages by client, list and filters, and by the limit where that is asked for."""
    by_number = {page.call.number: page for page in pages}
    groups = grouped(
        (page.call for page in by_number.values()),
        lambda call: (call.client, call.entry.path, call.filters, call.limit if by_limit else None),
    )
    return [[by_number[call.number] for call in calls] for calls in groups.values()]


_MEANT_AS_ALL = 50  # who asks for as many items, or says nothing, wants the list and not a sample


@rule(
    "first-page-only",
    "Reads the first page only",
    severity=Severity.ERROR,
    source="documented: a page has 100 items at most (50 out of the box with Airflow 3), total_entries tells of more",
    consequence="What lies beyond the page is never seen, and nothing says so: the one DAG that failed may be among"
    " it.",
    way_out='while len(found) < page["total_entries"]: page = get(offset=len(found)); found += page["dags"]',
)
def first_page_only(traffic: Traffic) -> Iterable[Finding]:
    """
    A list was answered from its first item on with fewer items than there are, and the same client never read further
    with the same filters. The page has to be full, as some lists count items in total_entries that a filter leaves out;
    and the client has to have asked for no limit, for more than it was given, or for at least 50 items (a warning only,
    if it got as many as it asked for). Whoever asks for the first ten, or for the latest of an order that goes down,
    wants no more. Whoever goes on from the last date that it saw, by the bound of the column that orders the list,
    reads further.
    """
    following = _following(traffic)
    bounds = _bounds(traffic)
    alone: dict[tuple[object, ...], list[PageRead]] = {}
    for reading in readings(traffic):
        page = reading[-1]
        after = following.get(page.call.number)
        if any(each.start > 0 for each in reading) or (after is not None and after.start > 0):
            continue
        if _goes_on_by_bound(page.call, bounds):
            continue
        limit = page.call.limit
        latest = limit is not None and _order(page.call).startswith("-")
        meant = limit is None or limit > page.items or (limit >= _MEANT_AS_ALL and not latest)
        if meant and _cut_at(traffic, limit) <= page.items < page.total:
            alone.setdefault((page.call.client, page.call.entry.path, page.call.filters, limit), []).append(page)
    for pages in alone.values():
        page = pages[-1]
        yield Finding(
            f"#{page.call.number} read {page.items} of {page.total} items, and the rest was never read.",
            tuple(each.call for each in pages),
            {"read": page.items, "total": page.total, "limit": page.call.limit},
            severity=Severity.WARNING if page.call.limit == page.items else None,
        )


def _order(call: Seen) -> str:
    """What a list was to be ordered by; empty for nothing."""
    return call.asked("order_by") or str(call.body.get("order_by") or "")


def _following(traffic: Traffic) -> dict[int, PageRead]:
    """For each page the next one that the same client read of the same list, whatever its limit.

    The same page once more is passed over: threads that read one list at once are answered in turn.
    """
    found: dict[int, PageRead] = {}
    for read in grouped_pages(page for call in traffic if (page := page_of(call)) is not None):
        after: PageRead | None = None
        for page, later in pairwise(reversed(read)):
            if (page.start, page.call.limit) != (later.start, later.call.limit) or after is None:
                after = page
            found[later.call.number] = after
    return found


_LOWER = re.compile(r".+_gte?|after")
_UPPER = re.compile(r".+_lte?|before")
_Bounds = tuple[tuple[str, str], ...]


def _bounds_of(call: Seen) -> tuple[_Bounds, _Bounds, _Bounds]:
    """The lower bounds of a list, the upper ones, and what else chose its items."""
    items = [(name, str(values)) for name, values in (*call.query.items(), *call.body.items())]
    chosen = sorted((name, value) for name, value in items if name not in PAGING)
    lower = tuple(item for item in chosen if _LOWER.fullmatch(item[0]))
    upper = tuple(item for item in chosen if _UPPER.fullmatch(item[0]))
    return lower, upper, tuple(item for item in chosen if item not in lower and item not in upper)


def _bounds(traffic: Traffic) -> dict[object, dict[tuple[_Bounds, _Bounds], int]]:
    """Which call was the last with each bounds of a list in order, by client, path and what else chose its items."""
    found: dict[object, dict[tuple[_Bounds, _Bounds], int]] = {}
    for call in traffic:
        if _order(call) and page_of(call) is not None:
            lower, upper, rest = _bounds_of(call)
            found.setdefault((call.client, call.entry.path, rest), {})[lower, upper] = call.number
    return found


def _goes_on_by_bound(call: Seen, bounds: Mapping[object, Mapping[tuple[_Bounds, _Bounds], int]]) -> bool:
    """Whether the same list was read on by moving the one bound that its order has to be read on by."""
    lower, upper, rest = _bounds_of(call)
    down = _order(call).startswith("-")
    return any(
        number > call.number and (upper != high and lower == low if down else lower != low and upper == high)
        for (low, high), number in bounds.get((call.client, call.entry.path, rest), {}).items()
    )


def _cut_at(traffic: Traffic, limit: int | None) -> int:
    """How many items a page that was cut has at least: fewer are all that there are, whatever total_entries says."""
    if traffic.deployment is None:
        return min(limit or _MEANT_AS_ALL, _MEANT_AS_ALL)
    settings = traffic.deployment.settings
    most = settings.maximum_page_limit
    usual = settings.fallback_page_limit or (50 if traffic.deployment.generation == 3 else 100)
    return min(limit or usual, most)


@rule(
    "stepped-by-asked-limit",
    "Steps by the limit that it asked for",
    severity=Severity.ERROR,
    source="observed: [api] maximum_page_limit cuts a larger limit without a word",
    consequence="The items between the cut and the next offset are left out, page after page.",
    way_out='offset += len(page["dags"])  # not += limit',
)
def stepped_by_limit(traffic: Traffic) -> Iterable[Finding]:
    """
    A page had fewer items than the limit that was asked for although the list went on, and the next page that the same
    client read began at the old offset plus that limit, and not plus what came.
    """
    for reading in readings(traffic):
        for page, following in pairwise(reading):
            limit = page.call.limit
            cut = limit is not None and page.items < limit and page.start + page.items < page.total
            if cut and limit is not None and following.start == page.start + limit:
                yield Finding(
                    f"#{page.call.number} asked for {limit} items from {page.start} on and got {page.items};"
                    f" #{following.call.number} went on at {following.start}.",
                    (page.call, following.call),
                    {"limit": limit, "got": page.items, "left_out": limit - page.items},
                )
                break


@rule(
    "pages-with-gaps",
    "Leaves items out between pages",
    severity=Severity.ERROR,
    source="documented: offset is how many items to leave out",
    consequence="The items in the gap are never seen, and nothing says so.",
    way_out='offset += len(page["dags"])',
)
def with_gaps(traffic: Traffic) -> Iterable[Finding]:
    """
    One client read at least two pages of a list with the same filters and limit, from its first item on, and between
    them lie items that it never read, no more at a place than a page has. A reading that stops before the end of the
    list is not one with gaps; neither is one that jumps further, as to the last page, nor one that a limit which was
    cut explains.
    """
    for reading in readings(traffic):
        if len(reading) < 2 or min(page.start for page in reading) > 0 or _was_cut(reading):
            continue
        last = max(page.start for page in reading)
        longest = max(page.items for page in reading)
        between = [gap for gap in gaps(reading) if gap.end <= last and gap.end - gap.start <= longest]
        if between:
            missed = sum(gap.end - gap.start for gap in between)
            yield Finding(
                f"{len(reading)} pages of GET {reading[0].call.entry.path} leave out {missed} items, the first at"
                f" {between[0].start}.",
                tuple(page.call for page in reading),
                {"left_out": missed, "total": reading[-1].total},
            )


def _was_cut(reading: Sequence[PageRead]) -> bool:
    return any(
        page.call.limit is not None
        and page.items < page.call.limit
        and following.start == page.start + page.call.limit
        and page.start + page.items < page.total
        for page, following in pairwise(reading)
    )


@rule(
    "pages-overlap",
    "Reads items twice",
    severity=Severity.WARNING,
    source="documented: offset is how many items to leave out",
    consequence="What is counted or acted on for each item is so twice.",
    way_out='offset += len(page["dags"])',
)
def overlap(traffic: Traffic) -> Iterable[Finding]:
    """
    One client read two pages of a list with the same filters and limit, of which the second began within the first, at
    another item than its first. The same page read again is another reading.
    """
    for reading in readings(traffic):
        for page, following in pairwise(reading):
            if page.start < following.start < page.start + page.items:
                yield Finding(
                    f"#{page.call.number} read the items {page.start} to {page.start + page.items - 1}, and"
                    f" #{following.call.number} began again at {following.start}.",
                    (page.call, following.call),
                    {"twice": page.start + page.items - following.start},
                )
                break


# Lists of 2.x whose order leaves open which item comes first (observed; with 3.x the primary key always decides).
_UNORDERED = frozenset({"get_task_instances", "get_task_instances_batch"})
_BY_MOMENT = frozenset({"get_dag_warnings", "get_dataset_events"})
_SHARED = frozenset({"state", "dag_id", "external_trigger", "run_type", "conn_type", "event", "owner", "timestamp"})


@rule(
    "pages-without-order",
    "Reads pages in no order",
    severity=Severity.NOTE,
    source="observed with Airflow 2: these lists have no order of their own, or one that many items share",
    consequence="The database may give equal items in another order for each page: some come twice, others never.",
    way_out='params={"order_by": "id"}  # or another column that no two items share',
)
def without_order(traffic: Traffic) -> Iterable[Finding]:
    """
    One client read at least two pages of a list of the API v1 which has no order that decides: task instances of all
    runs, DAG warnings and dataset events without order_by, or any list ordered by a column that many items share, such
    as state. Lists that Airflow orders by their key, and all lists of the API v2, are in order by themselves.
    """
    for reading in readings(traffic):
        first = reading[0].call
        if len(reading) < 2 or first.version != "v1":
            continue
        order = _order(first).lstrip("-")
        shared = order in _SHARED and not (first.id == "get_dags" and order == "dag_id")
        of_all = first.id in _UNORDERED and first.run is None
        if shared or (not order and (of_all or first.id in _BY_MOMENT)):
            yield Finding(
                f"{len(reading)} pages of {first.method} {first.entry.path} were read"
                + (f" ordered by {order}, which many items share." if order else " in no order."),
                tuple(page.call for page in reading),
                {"pages": len(reading), "order_by": order or None},
                way_out='params={"dag_id": ...}  # one DAG after the other: task instances take no order'
                if of_all
                else None,
            )


@rule(
    "items-came-twice",
    "Got the same items on two pages",
    severity=Severity.WARNING,
    source="observed: what comes into a list before the offset pushes the rest on",
    consequence="Items are acted on twice, and where some left the list others are never seen.",
    way_out='params={"order_by": "id"}  # so that new items come at the end',
)
def came_twice(traffic: Traffic) -> Iterable[Finding]:
    """
    Two pages of one reading, which do not overlap by their offsets, held the same items, told by their ids, although
    the client did not ask for them twice. Only answers that are kept whole can show it.
    """
    for reading in readings(traffic):
        if len(reading) < 2:
            continue
        seen: Counter[str] = Counter()
        places: dict[str, list[Seen]] = {}
        spans = sorted((page.start, page.start + page.items) for page in reading)
        if any(one[1] > other[0] for one, other in pairwise(spans)):
            continue
        for page in reading:
            for item in page.call.items() or ():
                if (name := identity_of(page.call, item)) is not None:
                    seen[name] += 1
                    places.setdefault(name, []).append(page.call)
        twice = [name for name, times in seen.items() if times > 1]
        if twice:
            calls = tuple(dict.fromkeys(call for name in twice for call in places[name]))
            yield Finding(
                f"{len(twice)} items came on two pages of GET {reading[0].call.entry.path}, such as {twice[0]}.",
                calls,
                {"items": len(twice)},
            )


_IDS: Mapping[str, tuple[str, ...]] = {
    "get_dags": ("dag_id",),
    "get_dag_runs": ("dag_id", "dag_run_id"),
    "get_dag_runs_batch": ("dag_id", "dag_run_id"),
    "get_list_dag_runs_batch": ("dag_id", "dag_run_id"),
    "get_task_instances": ("dag_id", "dag_run_id", "task_id", "map_index"),
    "get_task_instances_batch": ("dag_id", "dag_run_id", "task_id", "map_index"),
    "get_event_logs": ("event_log_id",),
    "get_import_errors": ("import_error_id",),
    "get_connections": ("connection_id",),
    "get_variables": ("key",),
    "get_pools": ("name",),
    "get_assets": ("id",),
    "get_datasets": ("id",),
}


def identity_of(call: Seen, item: Mapping[str, Any]) -> str | None:
    """What an item of a call's list is told by; None where that is not known."""
    names = _IDS.get(call.id, ())
    if not names or any(item.get(name) is None for name in names):
        return None
    return "/".join(str(item[name]) for name in names)
