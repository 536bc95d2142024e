"""What a DAG file declares of partitions: the form of their keys, and the mappers from assets' keys to runs'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_BY_PLACE = {  # what an argument is that has no name
    "AllowedKeyMapper": "allowed_keys",
    "FixedKeyMapper": "downstream_key",
    "SegmentWindow": "segments",
    "MinimumCount": "n",
}
_OF_SEVERAL = ("ProductMapper", "ChainMapper")


def told(timetable: Any) -> dict[str, Any]:
    """The fields of a DAG that tell of its partitions; none where it says nothing of them."""
    found: dict[str, Any] = {}
    if type(timetable).__name__ == "PartitionedAtRuntime":
        found["partitioned_at_runtime"] = True
    if getattr(timetable, "key_format", ""):
        found["partition_key_format"] = str(timetable.key_format)
    default, by_asset = getattr(timetable, "default_mapper", None), getattr(timetable, "mappers", {})
    mappers: dict[str, Any] = {}
    if default is not None:
        mappers["default"] = _described(default)
    for asset, mapper in by_asset.items():
        for kind, name in _names(asset):
            mappers.setdefault(kind, {})[name] = _described(mapper)
    return {**found, "partition_mappers": mappers} if mappers else found


def _names(asset: Any) -> Iterator[tuple[str, str]]:
    """By what a mapper's asset is found: what is written as an asset by both, a reference by what it says."""
    if type(asset).__name__ == "AssetRef":
        for kind, name in (("by_name", getattr(asset, "name", "")), ("by_uri", getattr(asset, "uri", ""))):
            if name:
                yield kind, str(name)
        return
    for uri, one in asset.iter_datasets():
        yield from (("by_name", str(one.name)), ("by_uri", str(uri)))


def _described(value: Any) -> dict[str, Any]:
    """A mapper, window or policy as an object: its type, and the arguments it was made with."""
    kind = type(value).__name__
    found: dict[str, Any] = {"type": kind}
    args = list(getattr(value, "args", ()))
    if kind in _OF_SEVERAL:
        found["mappers"] = [_described(each) for each in args]
    elif args and kind in _BY_PLACE:
        found[_BY_PLACE[kind]] = _plain(args[0])
    for name, each in getattr(value, "kwargs", {}).items():
        if each is not None:
            found[name] = str(each).rpartition(".")[2].lower() if name == "direction" else _plain(each)
    return found


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in (value if isinstance(value, (list, tuple)) else sorted(value))]
    return _described(value) if hasattr(value, "kwargs") else str(getattr(value, "name", value))
