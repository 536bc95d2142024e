"""Reading one object of a world file: types checked, unknown keys refused, every complaint with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NoReturn

from mock_airflow.domain.records.json_object import unstorable
from mock_airflow.errors import LimitError, WorldError
from mock_airflow.settings import spelling

MISSING: Any = object()  # as a default: the key has to be there
_KEY, _LONGEST_KEY = re.compile(r"[\w.-]+"), 250


def complain(place: str, sentence: str, key: str | None = None) -> NoReturn:
    """Raise WorldError with the place in front; ``key`` is that of the object there which is wrong, or missing."""
    raise WorldError(sentence, place=place, key=key)


def nearest(name: str, known: Any) -> str:
    """A hint at the known name that looks most like this one."""
    found = spelling.nearest(name, known)
    return f" Did you mean {found!r}?" if found is not None else ""


_ISO_PERIOD = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)


class WorldEntry:
    """One object, read key by key; ``done`` refuses what nobody asked for.

    ``place`` says where it stands: file and path, such as ``etl.yaml: dags[2]``.
    """

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, Mapping):
            complain(place, f"an object is expected, not {_kind(value)}.")
        self.value: Mapping[str, Any] = value
        self.place = place
        self._asked: set[str] = set()

    def _take(self, name: str, default: Any, kinds: tuple[type, ...], what: str) -> Any:
        self._asked.add(name)
        value = self.value.get(name, MISSING)
        if value is MISSING:
            if default is MISSING:
                complain(self.place, f"the key {name!r} is missing; it has to be {what}.", name)
            return default
        if value is None and (default is None or default is MISSING):
            if default is None:
                return None
            complain(f"{self.place}.{name}", f"{what} is expected, not null.")
        if value is None:
            return default
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            complain(f"{self.place}.{name}", f"{what} is expected, not {_kind(value)}.")
        if isinstance(value, (str, dict)):
            check_characters(value, f"{self.place}.{name}")
        return value

    def has(self, name: str) -> bool:
        """Whether the key is there with another value than null."""
        return self.value.get(name) is not None

    def text(self, name: str, default: Any = MISSING) -> Any:
        """A text."""
        return self._take(name, default, (str,), "a text")

    def whole(self, name: str, default: Any = MISSING) -> Any:
        """A whole number; one written with a fraction of nothing (``2.0``) is taken too."""
        value = self._take(name, default, (int, float), "a whole number")
        if isinstance(value, float):
            if not value.is_integer():
                complain(f"{self.place}.{name}", f"a whole number is expected, not {value!r}.")
            value = int(value)
        if value is not default and not -(2**63) <= value < 2**63:
            complain(
                f"{self.place}.{name}", "a whole number is expected that a database can hold, below 2 to the 63rd."
            )
        return value

    def number(self, name: str, default: Any = MISSING) -> Any:
        """A number."""
        return self._take(name, default, (int, float), "a number")

    def flag(self, name: str, default: Any = MISSING) -> Any:
        """True or false."""
        return self._take(name, default, (bool,), "true or false")

    def object(self, name: str, default: Any = MISSING) -> Any:
        """An object, as it is."""
        return self._take(name, default, (dict,), "an object")

    def array(self, name: str, default: Any = MISSING) -> Any:
        """A list, as it is."""
        return self._take(name, default, (list, tuple), "a list")

    def texts(self, name: str, default: Any = ()) -> Any:
        """A list of texts, as a tuple."""
        items = self.array(name, default)
        if items is default:
            return default
        for index, item in enumerate(items):
            if not isinstance(item, str):
                complain(f"{self.place}.{name}[{index}]", f"a text is expected, not {_kind(item)}.")
            check_characters(item, f"{self.place}.{name}[{index}]")
        return tuple(items)

    def objects(self, name: str, default: Any = ()) -> Any:
        """A list of objects, as they are, as a tuple."""
        items = self.array(name, default)
        return items if items is default else tuple(items)

    def any(self, name: str, default: Any = None) -> Any:
        """Whatever stands there."""
        self._asked.add(name)
        return self.value.get(name, default)

    def moment(self, name: str, default: Any = MISSING) -> Any:
        """A time, in UTC; one without a zone is taken as UTC. YAML's own times are taken too."""
        value = self._take(name, default, (str, datetime), "a time such as 2025-01-01T06:00:00+00:00")
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.replace("Z", "+00:00") if value[-1:] == "Z" else value)
            except ValueError:
                complain(f"{self.place}.{name}", f"{value!r} is not a time such as 2025-01-01T06:00:00+00:00.")
        if isinstance(value, datetime) and value.tzinfo is not timezone.utc:
            try:
                value = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
            except OverflowError:
                complain(f"{self.place}.{name}", f"{value.isoformat()} lies outside of the years 1 to 9999 in UTC.")
        return value

    def period(self, name: str, default: Any = None) -> Any:
        """A period: seconds, Airflow's object with days, seconds and microseconds, or ISO 8601 such as ``PT10S``."""
        self._asked.add(name)
        value = self.value.get(name)
        if value is None:
            return default
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            parts = {"seconds": value}
        elif isinstance(value, str):
            if (found := _ISO_PERIOD.fullmatch(value)) is None or value[-1] in "PT":
                complain(f"{self.place}.{name}", f"{value!r} is not a period; PT10S and P1DT2H are some.")
            parts = {unit: float(part) for unit, part in found.groupdict("0").items()}
        else:
            part = self.child(name)
            part.text("__type", None)
            parts = {unit: part.whole(unit, 0) for unit in ("days", "seconds", "microseconds")}
            part.done()
        try:
            return timedelta(**parts)
        except (OverflowError, ValueError):
            complain(
                f"{self.place}.{name}", "this is not a period that can be reckoned with; it has 999999999 days at most."
            )

    def child(self, name: str) -> WorldEntry:
        """The object under a key."""
        self._asked.add(name)
        return WorldEntry(self.value.get(name), f"{self.place}.{name}")

    def children(self, name: str) -> list[WorldEntry]:
        """The objects of the list under a key; none when the key is not there."""
        return [
            WorldEntry(item, f"{self.place}.{name}[{index}]") for index, item in enumerate(self.array(name, None) or ())
        ]

    def ignore(self, *names: str) -> None:
        """Keys that may stand there and say what we work out ourselves."""
        self._asked.update(names)

    def done(self) -> None:
        """Refuse keys that nobody asked for."""
        for name in self.value:
            if name not in self._asked:
                complain(self.place, f"there is no key {name!r} here.{nearest(str(name), self._asked)}", name)


def attempt(read: Callable[[], Any], place: str) -> Any:
    """What ``read`` gives; a ValueError or a LimitError becomes a complaint at the place."""
    try:
        return read()
    except ValueError as error:
        complain(place, f"{error}.")
    except LimitError as error:
        complain(place, str(error))


def check_characters(value: Any, place: str) -> None:
    """See that a text can be told again, or all that is in a value."""
    if (odd := unstorable(value)) is not None:
        complain(place, f"there is {odd}, which no answer could hold.")


def check_key(key: str, place: str) -> None:
    """See that a DAG or a task could have this id: Airflow's own rule, in its words (code)."""
    if len(key) > _LONGEST_KEY:
        complain(place, f"The key has to be less than {_LONGEST_KEY} characters.")
    if not _KEY.fullmatch(key):
        complain(
            place,
            f"The key {key!r} has to be made of alphanumeric characters, dashes, dots and underscores exclusively.",
        )


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "a list" if isinstance(value, (list, tuple)) else "an object"
