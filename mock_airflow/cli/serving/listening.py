"""The options of the server itself, which are no settings of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mock_airflow.errors import SettingError, UsageError
from mock_airflow.server.access_log import FORMATS
from mock_airflow.settings import ENVIRONMENT_PREFIX, Settings
from mock_airflow.settings.address import PORT
from mock_airflow.settings.environment import variables
from mock_airflow.settings.values import folder, one_of, option, or_none, positive, text, whole, yes_or_no


def _port(value: Any) -> int:
    try:
        return whole(0, 65535)(value)
    except ValueError:
        raise ValueError("a port from 0 to 65535, where 0 takes any free one, is expected") from None


def _seconds(value: Any) -> float:
    """A number from 0 on."""
    return 0.0 if value in ("0", 0) else positive(value)


def _file(value: Any) -> Path:
    return Path(folder(value))


@dataclass(frozen=True)
class Listening:
    """How the server listens, and what its clients may take; seconds are the machine's."""

    host: str = option("127.0.0.1", text, "where to listen; the default is this machine only", metavar="ADDRESS")
    port: int = option(PORT, _port, "the port; 0 takes any free one", metavar="N")
    ready_file: Path | None = option(
        None, or_none(_file), "written once requests are answered: URL, credential ...", metavar="FILE"
    )
    verbose: bool = option(False, yes_or_no, "the same as --log-format human")
    log_format: str = option("none", one_of(*FORMATS), f"a line a request: {', '.join(FORMATS)}", metavar="FORMAT")
    log_file: Path | None = option(
        None, or_none(_file), "where those lines go (default: stderr); it may be moved away at any time", metavar="FILE"
    )
    metrics: bool = option(False, yes_or_no, "count requests, and tell Prometheus at /__mock__/metrics", rare=True)
    also: str | None = option(
        None, or_none(text), "the same world as another Airflow shows it, on its own port", metavar="VERSION"
    )
    also_port: int | None = option(None, or_none(_port), "that port (default: the one after --port)", metavar="N")
    workers: int = option(1, whole(1, 64), "how many processes answer, over one --database", metavar="N")
    quota_deployments: int = option(
        1000, whole(1, 10**9), "how many deployments others may make", metavar="N", rare=True
    )
    quota_rows: int | None = option(
        None, or_none(whole(1, 10**9)), "how many rows each of those may have", metavar="N", rare=True
    )
    quota_journal: int | None = option(
        None, or_none(whole(1, 10**7)), "how many calls the journal of each of those may keep", metavar="N", rare=True
    )
    quota_requests: int | None = option(
        None, or_none(whole(1, 10**9)), "how many requests a second each of those may get", metavar="N", rare=True
    )
    quota_idle: float | None = option(
        None, or_none(positive), "delete those unused for so long, or have them sleep", metavar="SECONDS", rare=True
    )
    max_connections: int = option(
        1000, whole(1, 10**6), "how many connections a process has open at once", metavar="N", rare=True
    )
    idle_timeout: float = option(
        60.0, positive, "how long a connection may be silent between requests", metavar="SECONDS", rare=True
    )
    head_timeout: float = option(
        30.0, positive, "how long the head of a request may take to arrive", metavar="SECONDS", rare=True
    )
    body_timeout: float = option(
        120.0, positive, "how long the body of a request may take to arrive", metavar="SECONDS", rare=True
    )
    stop_delay: float = option(
        0.0,
        _seconds,
        "how long to go on after a signal while /__mock__/ready says no, for balancers to notice",
        metavar="SECONDS",
        rare=True,
    )
    stop_grace: float = option(
        10.0, _seconds, "how long to finish the answers that are being made then", metavar="SECONDS", rare=True
    )


def listening(options: Mapping[str, Any], environment: Mapping[str, str]) -> Listening:
    """The options of the server itself: command line, else environment, else default. Raises UsageError."""
    ours = variables(environment)
    found: dict[str, Any] = {}
    for field in fields(Listening):
        where, value = f"--{field.name.replace('_', '-')}", options.get(field.name)
        if value is None and field.name in ours:
            where, value = f"{ENVIRONMENT_PREFIX}{field.name.upper()} in the environment", ours[field.name]
        if value is not None:
            try:
                found[field.name] = field.metadata["parse"](value)
            except ValueError as error:
                raise UsageError(f"{where}: {error}, not {value!r}.") from None
    return Listening(**found)


def see_that_they_share(where: Listening, settings: Settings) -> None:
    """Raise SettingError for workers that would have nothing in common."""
    if where.workers > 1 and settings.database is None:
        raise SettingError("Several workers share their state through a database; name one with --database.")
