"""How the key of an asset's partition becomes that of the runs that wait for it: Airflow 3's partition mappers (code).

A mapper is a JSON object as a DAG file declares it, such as ``{"type": "StartOfDayMapper", "timezone": "UTC"}``. One
whose type is not known here, a class of the file's own, hands keys on as they are. What a key cannot be mapped to is a
ValueError or a TypeError in Airflow's words, which its audit log quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import datetime, timedelta, tzinfo
from typing import Any

from mock_airflow.domain.schedules.cron import zone_of
from mock_airflow.domain.schedules.partition_windows import period

Mapper = Mapping[str, Any]

_INPUT = "%Y-%m-%dT%H:%M:%S"
IDENTITY: Mapper = {"type": "IdentityMapper"}
MOST_KEYS = 1000  # [scheduler] partition_mapper_max_downstream_keys


def _quarter(at: datetime) -> int:
    return (at.month - 1) // 3 + 1


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


_Start = Callable[[datetime], datetime]
_STARTS: dict[str, tuple[str, _Start]] = {
    "StartOfHourMapper": ("%Y-%m-%dT%H", lambda at: at.replace(minute=0, second=0, microsecond=0)),
    "StartOfDayMapper": ("%Y-%m-%d", _day),
    "StartOfWeekMapper": ("%Y-%m-%d (W%V)", lambda at: _day(at - timedelta(days=at.weekday()))),
    "StartOfMonthMapper": ("%Y-%m", lambda at: _day(at.replace(day=1))),
    "StartOfQuarterMapper": ("%Y-Q{quarter}", lambda at: _day(at.replace(month=_quarter(at) * 3 - 2, day=1))),
    "StartOfYearMapper": ("%Y", lambda at: _day(at.replace(month=1, day=1))),
}
_OF_WINDOW = {  # what a fan-out maps to where it does not say
    "DayWindow": "StartOfHourMapper",
    "WeekWindow": "StartOfDayMapper",
    "MonthWindow": "StartOfDayMapper",
    "QuarterWindow": "StartOfMonthMapper",
    "YearWindow": "StartOfMonthMapper",
}


def downstream(mapper: Mapper, key: str) -> list[str]:
    """The keys of the runs that a partition's key is for. Raises ValueError or TypeError for one that does not fit."""
    kind = mapper["type"]
    if kind in _STARTS:
        read = datetime.strptime(key, mapper.get("input_format") or _INPUT)  # noqa: DTZ007 - the mapper's zone counts
        zone = _zone(mapper)
        return [
            _text(mapper, _STARTS[kind][1](read.replace(tzinfo=zone) if read.tzinfo is None else read.astimezone(zone)))
        ]
    if kind == "FixedKeyMapper":
        return [mapper["downstream_key"]]
    if kind == "AllowedKeyMapper" and key not in mapper["allowed_keys"]:
        raise ValueError(f"Key {key!r} not in allowed keys {mapper['allowed_keys']}")
    if kind == "RollupMapper":
        return downstream(mapper["upstream_mapper"], key)
    if kind == "FanOutMapper":
        (coarse,) = downstream(mapper["upstream_mapper"], key)
        finer = _finer(mapper)
        return [_text(finer, each) for each in period(mapper["window"], _decoded(mapper["upstream_mapper"], coarse))]
    if kind == "ChainMapper":
        keys = [key]
        for each in mapper["mappers"]:
            keys = [mapped for one in keys for mapped in downstream(each, one)]
        return keys
    return [_product(mapper, key)] if kind == "ProductMapper" else [key]


def _product(mapper: Mapper, key: str) -> str:
    segments, delimiter = _segments(mapper, key), mapper.get("delimiter") or "|"
    if len(segments) != len(mapper["mappers"]):
        raise ValueError(f"Expected {len(mapper['mappers'])} segments in key, got {len(segments)}")
    found = []
    for each, segment in zip(mapper["mappers"], segments, strict=True):
        keys = downstream(each, segment)
        if each["type"] == "FanOutMapper" or len(keys) != 1:
            raise TypeError(
                f"ProductMapper child mappers must return a single key, but {each['type']} returned multiple keys"
            )
        found += keys
    return str(delimiter).join(found)


def date_of(mapper: Mapper, key: str) -> datetime | None:
    """The moment that a run's key stands for; None where keys say nothing of time. Raises ValueError."""
    kind = mapper["type"]
    if kind in _STARTS:
        return _STARTS[kind][1](_decoded(mapper, key)).replace(tzinfo=_zone(mapper))
    if kind == "RollupMapper":
        return date_of(mapper["upstream_mapper"], key)
    if kind == "FanOutMapper":
        return date_of(_finer(mapper), key)
    if kind == "ChainMapper":
        return date_of(mapper["mappers"][-1], key)
    if kind != "ProductMapper":
        return None
    pairs = zip(mapper["mappers"], _segments(mapper, key), strict=False)
    dates = [date for each, segment in pairs if (date := date_of(each, segment)) is not None]
    return dates[0] if len(dates) == 1 else None


def carried(mapper: Mapper, date: datetime | None) -> datetime | None:
    """The date of the partition that changed, where a mapper hands that on."""
    return date if mapper["type"] == "IdentityMapper" else None


def most_keys(mapper: Mapper) -> tuple[int, str]:
    """How many keys one may become, and the words that name that limit."""
    own = mapper.get("max_downstream_keys")
    if own is not None:
        return own, f"max_downstream_keys={own}"
    return MOST_KEYS, f"[scheduler] partition_mapper_max_downstream_keys={MOST_KEYS}"


def complete(mapper: Mapper, key: str, came: Set[str]) -> bool:
    """Whether the partitions that came are all that a run of that key waits for; any one is, but for a roll-up."""
    if mapper["type"] != "RollupMapper":
        return True
    upstream = mapper["upstream_mapper"]
    try:
        expected = {_encoded(upstream, each) for each in period(mapper["window"], _decoded(upstream, key))}
    except ValueError:
        return False
    policy = mapper.get("wait_policy") or {"type": "WaitForAll"}
    if policy["type"] != "MinimumCount":
        return expected <= came
    number: int = policy["n"]
    least = number if number > 0 else max(0, len(expected) + number)
    return len(expected & came) >= least


def _finer(mapper: Mapper) -> Mapper:
    return mapper.get("downstream_mapper") or {"type": _OF_WINDOW[mapper["window"]["type"]]}


def _segments(mapper: Mapper, key: str) -> list[str]:
    return key.split(mapper.get("delimiter") or "|")


def _zone(mapper: Mapper) -> tzinfo:
    return zone_of(mapper.get("timezone") or "UTC")


def _format(mapper: Mapper) -> str:
    return mapper.get("output_format") or _STARTS[mapper["type"]][0]


def _text(mapper: Mapper, at: Any) -> str:
    if mapper["type"] in _STARTS:
        text: str = at.strftime(_format(mapper))
        return text.format(quarter=_quarter(at)) if mapper["type"] == "StartOfQuarterMapper" else text
    return at.isoformat() if isinstance(at, datetime) else str(at)


def _decoded(mapper: Mapper, key: str) -> Any:
    """What a key stands for: a moment without a zone, where a mapper is about time."""
    if mapper["type"] not in _STARTS:
        return key
    if mapper["type"] not in ("StartOfWeekMapper", "StartOfQuarterMapper"):
        return datetime.strptime(key, _format(mapper))  # noqa: DTZ007 - by the calendar
    found = _pattern(_format(mapper)).search(key)
    parts = found.groupdict() if found else {}
    if mapper["type"] == "StartOfQuarterMapper" and {"Y", "quarter"} <= {*parts}:
        return datetime(int(parts["Y"]), int(parts["quarter"]) * 3 - 2, 1)  # noqa: DTZ001 - by the calendar
    if mapper["type"] == "StartOfWeekMapper" and {"Y", "m", "d"} <= {*parts}:
        return datetime(int(parts["Y"]), int(parts["m"]), int(parts["d"]))  # noqa: DTZ001 - by the calendar
    raise ValueError(f"{mapper['type']}.decode_downstream could not parse {key!r}")


def _encoded(mapper: Mapper, decoded: Any) -> str:
    if mapper["type"] not in _STARTS:
        return str(decoded)
    text: str = decoded.replace(tzinfo=_zone(mapper)).strftime(mapper.get("input_format") or _INPUT)
    return text


def _pattern(form: str) -> re.Pattern[str]:
    """What a key of that form looks like, its parts by name."""
    parts: Iterable[str] = re.split(r"(%[YmdHMSVUW]|{quarter})", form)
    known = {"%Y": r"\d{4}", "{quarter}": "[1-4]"}
    return re.compile(
        "".join(
            f"(?P<{part.strip('%{}')}>{known.get(part, r'[0-9]{2}')})"
            if re.fullmatch(r"%[YmdHMSVUW]|{quarter}", part)
            else re.escape(part)
            for part in parts
        )
    )
