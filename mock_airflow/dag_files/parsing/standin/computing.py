"""What ``airflow.utils`` and ``airflow.macros`` compute for files that are read; an error for the rest."""

from __future__ import annotations

import datetime
import hashlib
import importlib
import itertools
import json
import pkgutil
import random
import re
import string
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from typing import Any
from urllib.parse import urlencode

from mock_airflow.dag_files.parsing.standin.dags.params import NOTSET
from mock_airflow.dag_files.parsing.standin.errors import AirflowException
from mock_airflow.dag_files.parsing.standin.moments import utcnow
from mock_airflow.dag_files.parsing.standin.placeholders import Placeholder

# Packages whose functions compute something, so that an empty placeholder would be a wrong answer.
PACKAGES = ("airflow.utils.", "airflow.macros.")


class NotComputed(Placeholder):
    """A function of Airflow's that is not known here: to name it is no error, to use it while a file is read is one."""

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(
            f"mock-airflow: {self._placeholder_name} was used while this DAG file was read, and it is none of the "
            "functions of Airflow that mock-airflow computes. Use something else, or report it."
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return NotComputed(f"{self._placeholder_name}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], (type(print), type(_is_set), type)):
            return args[0]  # it decorates something
        return self._refuse()

    __iter__ = __getitem__ = __len__ = __index__ = __int__ = __float__ = __contains__ = _refuse
    __add__ = __radd__ = __mod__ = __mul__ = __enter__ = _refuse


def import_string(dotted_path: str) -> Any:
    """What a path such as ``package.module.Name`` names. Raises ImportError, in Airflow's words."""
    module, found, name = dotted_path.rpartition(".")
    if not found:
        raise ImportError(f"{dotted_path} doesn't look like a module path")
    try:
        return getattr(importlib.import_module(module), name)
    except AttributeError:
        raise ImportError(f'Module "{module}" does not define a "{name}" attribute/class') from None


def _qualname(thing: Any) -> str:
    if callable(thing) and hasattr(thing, "__qualname__"):
        return f"{thing.__module__}.{thing.__qualname__}"
    if hasattr(thing, "__name__") and not hasattr(thing, "__module__"):
        return str(thing.__name__)
    return f"{type(thing).__module__}.{type(thing).__qualname__}"


def _iter_namespace(package: Any) -> Iterator[str]:
    return (info.name for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."))


def _chunks(items: Any, chunk_size: int) -> Iterator[Any]:
    if chunk_size <= 0:
        raise ValueError("Chunk size must be a positive integer")
    return (items[i : i + chunk_size] for i in range(0, len(items), chunk_size))


def _reduce_in_chunks(fn: Callable[..., Any], iterable: Any, initializer: Any, chunk_size: int = 0) -> Any:
    items = list(iterable)
    return reduce(fn, _chunks(items, chunk_size or len(items)), initializer) if items else initializer


def _as_flattened_list(iterable: Iterable[Iterable[Any]]) -> list[Any]:
    return list(itertools.chain.from_iterable(iterable))


def _is_container(thing: Any) -> bool:
    return hasattr(thing, "__iter__") and not isinstance(thing, str)


def _merge_dicts(dict1: Mapping[str, Any], dict2: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(dict1)
    for key, value in dict2.items():
        both = isinstance(merged.get(key), dict) and isinstance(value, dict)
        merged[key] = _merge_dicts(merged[key], value) if both else value
    return merged


def _prune_dict(val: Any, mode: str = "strict") -> Any:
    if mode not in ("strict", "truthy"):
        raise ValueError("allowable values for `mode` include `truthy` and `strict`")

    def gone(each: Any) -> bool:
        return not each if mode == "truthy" else each is None

    def kept(items: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
        for key, each in items:
            left = each if gone(each) else _prune_dict(each, mode)
            if not gone(left):
                yield key, left

    if isinstance(val, dict):
        return dict(kept(val.items()))
    return [each for _, each in kept(enumerate(val))] if isinstance(val, list) else val


def _partition(pred: Callable[[Any], Any], iterable: Iterable[Any]) -> tuple[Iterator[Any], Iterator[Any]]:
    one, other = itertools.tee(iterable)
    return itertools.filterfalse(pred, one), filter(pred, other)


def _is_set(value: Any) -> bool:
    return not (value is None or value is NOTSET)


def _exactly_one(*values: Any) -> bool:
    if len(values) == 1 and isinstance(values[0], (list, tuple)):
        raise ValueError("Not supported for iterable args. Use `*` to unpack your iterable in the function call.")
    return sum(map(bool, values)) == 1


def _at_most_one(*values: Any) -> bool:
    return sum(each is not NOTSET and bool(each) for each in values) <= 1


def _convert_camel_to_snake(camel_str: str) -> str:
    return re.sub(r"(?!^)([A-Z]+)", r"_\1", camel_str).lower()


def _url(*args: Any, **kwargs: Any) -> str:
    query = kwargs.get("query", args[0] if args else {})
    return f"/?{urlencode(query)}"


def _random_string(length: int = 8, choices: str = string.ascii_letters + string.digits) -> str:
    return "".join(random.choices(choices, k=length))


def _ds_add(ds: str, days: int) -> str:
    return str(datetime.date.fromisoformat(ds) + datetime.timedelta(days)) if days else ds


def _ds_format(ds: str, input_format: str, output_format: str) -> str:
    return datetime.datetime.strptime(str(ds), input_format).strftime(output_format)


def _date_range(start_date: Any, end_date: Any = None, num: Any = None, delta: Any = None) -> list[Any]:
    if not delta:
        return []
    if end_date and num:
        raise AirflowException("Wait. Either specify end_date OR num")
    if isinstance(delta, str):
        return _cron_range(start_date, end_date, num, delta)
    step = delta if isinstance(delta, datetime.timedelta) else datetime.timedelta(seconds=delta)
    if end_date and start_date > end_date:
        raise AirflowException("Wait. start_date needs to be before end_date")
    found: list[Any] = []
    end: Any = end_date or (None if num else utcnow())
    moment = start_date
    while (len(found) < abs(num)) if num else moment <= end:
        found.append(moment)
        moment = moment - step if num and num < 0 else moment + step
    return sorted(found)


def _cron_range(start_date: Any, end_date: Any, num: Any, cron: str) -> list[Any]:
    from croniter import croniter

    from mock_airflow.dag_files.parsing.standin.dags.timetables import CRON_PRESETS

    moments: Any = croniter(CRON_PRESETS.get(cron, cron), start_date - datetime.timedelta(microseconds=1))
    found = [moments.get_next(datetime.datetime)]
    end: Any = end_date or (None if num else utcnow())
    while (len(found) < num) if num else found[-1] <= end:
        found.append(moments.get_next(datetime.datetime))
    return found if num else [each for each in found if each <= end]


_FIRST = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)


def _round_time(dt: Any, delta: Any, start_date: Any = _FIRST) -> Any:
    if isinstance(delta, str):
        return _cron_range(start_date, dt, None, delta)[-1]
    dt = dt.replace(microsecond=0)
    parts = (dt - start_date) // delta
    before, after = start_date + parts * delta, start_date + (parts + 1) * delta
    return after if dt - before > after - dt else before


_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def _infer_time_unit(durations: Any) -> str:
    longest = max(durations, default=0)
    return next(
        (unit for unit, above in (("seconds", 120), ("minutes", 7200), ("hours", 86400)) if longest <= above), "days"
    )


def _scale_time_units(durations: Any, unit: str) -> Any:
    return [each / _UNITS[unit] for each in durations]


def _from_timestamp(timestamp: float, tz: Any = None) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(timestamp, tz if isinstance(tz, datetime.tzinfo) else datetime.timezone.utc)


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Masks, sends and writes nothing: that is no part of a DAG."""


_MACROS: dict[str, Any] = {
    "ds_add": _ds_add,
    "ds_format": _ds_format,
    "datetime": datetime.datetime,
    "timedelta": datetime.timedelta,
    "time": time,
    "uuid": uuid,
    "json": json,
    "random": random.random,
}

COMPUTED: dict[str, dict[str, Any]] = {
    "airflow.macros": _MACROS,
    "airflow.sdk.execution_time.macros": _MACROS,
    "airflow.utils.module_loading": {
        "import_string": import_string,
        "qualname": _qualname,
        "iter_namespace": _iter_namespace,
    },
    "airflow.utils.helpers": {
        "chunks": _chunks,
        "reduce_in_chunks": _reduce_in_chunks,
        "as_flattened_list": _as_flattened_list,
        "is_container": _is_container,
        "merge_dicts": _merge_dicts,
        "prune_dict": _prune_dict,
        "partition": _partition,
        "is_set": _is_set,
        "exactly_one": _exactly_one,
        "at_most_one": _at_most_one,
        "convert_camel_to_snake": _convert_camel_to_snake,
        "build_airflow_url_with_query": _url,
    },
    "airflow.utils.strings": {"get_random_string": _random_string},
    "airflow.utils.dates": {
        "date_range": _date_range,
        "round_time": _round_time,
        "infer_time_unit": _infer_time_unit,
        "scale_time_units": _scale_time_units,
    },
    "airflow.utils.timezone": {"from_timestamp": _from_timestamp},
    "airflow.utils.hashlib_wrapper": {"md5": hashlib.md5},
    "airflow.utils.email": dict.fromkeys(("send_email", "send_email_smtp"), _nothing),
    "airflow.utils.log.secrets_masker": {"mask_secret": _nothing, "redact": lambda value, *more, **options: value},
    "airflow.utils.log.logging_mixin": {},
}


def uncomputed(module: str, name: str) -> Any:
    """What stands for a function that is not known here; None for what is no function of these packages."""
    if name[:1].islower() and f"{module}.".startswith(PACKAGES) and module != "airflow.utils":
        return NotComputed(f"{module}.{name}")
    return None
