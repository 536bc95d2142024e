"""Settings: one frozen record, the only list of options.

The command line, the environment (``MOCK_AIRFLOW_<NAME>``), a world file's ``settings``, the pytest marker and the
fixtures all read this record, so an option exists everywhere or nowhere. Names are Airflow's own where it has them.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timezone
from typing import Any, Literal

from mock_airflow.errors import SettingError

PROFILES = ("airflow2", "datacoves")
ENVIRONMENT_PREFIX = "MOCK_AIRFLOW_"


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("a text is expected")
    return str(value)


def _yes_or_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    found = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    if isinstance(value, str) and value.strip().lower() in found:
        return found[value.strip().lower()]
    raise ValueError("true or false is expected")


def _whole(low: int, high: int | None = None) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValueError("a whole number is expected")
        try:
            number = int(value)
        except ValueError:
            raise ValueError("a whole number is expected") from None
        if number < low or (high is not None and number > high):
            raise ValueError(f"a number from {low}{f' to {high}' if high is not None else ' on'} is expected")
        return number

    return parse


def _positive(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError("a number above 0 is expected") from None
    if not 0 < number <= 1e9:
        raise ValueError("a number above 0, up to 1e9, is expected")
    return number


def _one_of(*options: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        text = _text(value)
        if text not in options:
            near = difflib.get_close_matches(text, options, 1, 0.5)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise ValueError(f"one of {', '.join(options)} is expected{hint}")
        return text

    return parse


def _choice(*options: str) -> Callable[[Any], str]:
    """One of Airflow's own words, in any case, as Airflow takes them; true and false are taken as words too."""
    words = {option.lower(): option for option in options}

    def parse(value: Any) -> str:
        text = str(value) if isinstance(value, bool) else _text(value)
        return _one_of(*options)(words.get(text.strip().lower(), text))

    return parse


def _or_none(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None or value == "" else parse(value)


def _several(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("a list of texts, or a text with commas, is expected")


def _files(value: Any) -> tuple[str, ...]:
    parts = [value] if isinstance(value, os.PathLike) else value
    if isinstance(parts, (list, tuple)):
        parts = [os.fspath(part) if isinstance(part, os.PathLike) else part for part in parts]
    return _several(parts)


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        moment = value
    else:
        try:
            moment = datetime.fromisoformat(_text(value).replace("Z", "+00:00"))
        except ValueError:
            raise ValueError("a time such as 2025-01-01T06:00:00Z is expected") from None
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment


def _option(default: Any, parse: Callable[[Any], Any], help: str, **more: Any) -> Any:
    return field(default=default, metadata={"parse": parse, "help": help, **more})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a deployment behaves. ``Settings.of(...)`` checks values that come from outside."""

    profile: str = _option(
        "airflow2", _one_of(*PROFILES), "how access is handed out and checked: " + ", ".join(PROFILES)
    )
    world: tuple[str, ...] = _option(
        (), _files, "a world file, or the name of one that is built in; several are merged", metavar="FILE|NAME"
    )
    user: tuple[str, ...] = _option((), _several, "a user of its own", metavar="NAME:PASSWORD:ROLE", secret=True)
    key: tuple[str, ...] = _option((), _several, "an API key of its own", metavar="SECRET:SCOPE", secret=True)
    rate_limit: str | None = _option(
        None, _or_none(_text), "how many requests a credential may make, such as 500/minute"
    )
    burst: str | None = _option(None, _or_none(_text), "how many of them at once, such as 25/second")
    clock: datetime | None = _option(None, _or_none(_moment), "the moment at which the clock starts", metavar="TIME")
    frozen: bool = _option(False, _yes_or_no, "start with a clock that stands still")
    speed: float = _option(1.0, _positive, "seconds on the clock in a real second", metavar="N")
    runs: Literal["timed", "instant", "manual"] = _option(
        "timed", _one_of("timed", "instant", "manual"), "how runs live: by the clock, at once, or never started"
    )
    seed: int = _option(0, _whole(0), "what ids, tokens and durations are drawn from", metavar="N")
    airflow_version: str = _option("2.11.2", _text, "the version that Airflow says it has")
    hostname: str = _option("mock-airflow", _text, "the host that task instances ran on")
    maximum_page_limit: int = _option(100, _whole(1), "[api] the most items of a page")
    fallback_page_limit: int = _option(100, _whole(1), "[api] the items of a page when limit=0 is asked for")
    access_control_allow_origins: tuple[str, ...] = _option((), _several, "[api] origins that browsers may call from")
    access_control_allow_headers: str = _option("", _text, "[api] headers that browsers may send")
    access_control_allow_methods: str = _option("", _text, "[api] methods that browsers may use")
    auth_backends: tuple[str, ...] = _option(
        ("basic_auth", "session"), _several, "[api] ways to authenticate, in order: basic_auth, session, deny_all"
    )
    auth_role_public: str | None = _option(
        "Public", _or_none(_text), "the role of requests without credentials; empty for none (401 instead of 403)"
    )
    expose_config: str = _option(
        "False", _choice("False", "True", "non-sensitive-only"), "[webserver] whether the API tells the configuration"
    )
    test_connection: str = _option(
        "Disabled", _choice("Disabled", "Enabled", "Hidden"), "[core] whether connections may be tested"
    )
    enable_experimental_api: bool = _option(
        False, _yes_or_no, "[api] serve /api/experimental too, which checks no permissions"
    )
    enable_xcom_deserialize_support: bool = _option(
        False, _yes_or_no, "[api] let xcoms be read with deserialize=true, by their own classes"
    )
    airflow_bugs: bool = _option(True, _yes_or_no, "fail with a 500 page where a real Airflow does; else answer 400")
    explain_header: bool = _option(False, _yes_or_no, "say in X-Mock-Airflow-Reason why a request was refused")
    journal_size: int = _option(1000, _whole(0), "how many requests the journal keeps", metavar="N")
    control_token: str | None = _option(
        None, _or_none(_text), "opens the control API to other hosts that send it as a bearer token", secret=True
    )

    @staticmethod
    def of(base: Settings | None = None, **values: Any) -> Settings:
        """Settings from ``base`` (the defaults) and outside values. Raises SettingError for a bad name or value."""
        known = {option.name: option for option in fields(Settings)}
        parsed: dict[str, Any] = {}
        for name, value in values.items():
            option = known.get(name.replace("-", "_"))
            if option is None:
                near = difflib.get_close_matches(name, known, 1, 0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"the settings are {', '.join(known)}."
                raise SettingError(f"There is no setting {name!r}; {hint}")
            try:
                parsed[option.name] = option.metadata["parse"](value)
            except ValueError as error:
                shown = "The value" if option.metadata.get("secret") else f"The value {value!r}"
                raise SettingError(f"{shown} cannot be used for the setting {option.name!r}: {error}.") from None
        return replace(base or Settings(), **parsed)

    @staticmethod
    def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
        """The values that environment variables name, by setting. Raises SettingError for an unknown one."""
        found = {
            name[len(ENVIRONMENT_PREFIX) :].lower(): value
            for name, value in environment.items()
            if name.startswith(ENVIRONMENT_PREFIX)
        }
        known = {option.name for option in fields(Settings)}
        for name in found:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1, 0.5)
                hint = f"did you mean {ENVIRONMENT_PREFIX}{near[0].upper()}?" if near else "unset it."
                raise SettingError(f"The environment variable {ENVIRONMENT_PREFIX}{name.upper()} is no setting; {hint}")
        return found

    def __repr__(self) -> str:
        """Only what differs from the defaults, and no secret."""
        told = []
        for option in fields(self):
            value = getattr(self, option.name)
            if value != option.default:
                told.append(f"{option.name}={'***' if option.metadata.get('secret') else repr(value)}")
        return f"Settings({', '.join(told)})"
