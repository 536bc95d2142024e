"""What `mock-airflow doctor` looks at: each function looks at one thing, and changes nothing."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import ssl
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from mock_airflow._version import __version__
from mock_airflow.cli.serving.listening import Listening, see_that_they_share
from mock_airflow.errors import ControlError, MockAirflowError
from mock_airflow.settings import ENVIRONMENT_PREFIX, Settings
from mock_airflow.settings.doubts import doubts
from mock_airflow.settings.environment import variables

OK, NOTE, WARNING, ERROR = "ok", "note", "warning", "error"
_OLDEST = (3, 10)
_SOON = 14  # days; somebody who has fewer left for a new certificate should know


class Symptom(NamedTuple):
    """What was found out about a subject: ok, note, warning or error, and a sentence."""

    subject: str
    state: str
    detail: str


class Patient(NamedTuple):
    """What `serve` would be started with."""

    options: Mapping[str, Any]
    environment: Mapping[str, str]
    where: Listening
    settings: Settings
    given: Mapping[str, Any]


def examined(patient: Patient) -> Iterator[Symptom]:
    """All findings; what fails is a finding too."""
    looks = (_program, _libraries, _extras, _clock, _settings, _doubts, _workers, _metrics, _files)
    for look in (*looks, _world, _dag_folder, _database, _tls, _port):
        try:
            yield from look(patient)
        except MockAirflowError as error:
            yield Symptom(look.__name__.strip("_").replace("_", " "), ERROR, str(error))


def _program(patient: Patient) -> Iterator[Symptom]:
    version = sys.version_info[:2]
    told = f"Python {platform.python_version()} on {platform.system()} ({sys.executable})"
    yield Symptom("mock-airflow", OK, f"{__version__} in {Path(__file__).parents[2]}")
    yield Symptom("python", OK if version >= _OLDEST else ERROR, f"{told}; 3.10 is the oldest that is supported")


def _requirements(of: str = "mock-airflow") -> Iterator[tuple[str, str, str | None]]:
    """What a distribution asks for: another, its oldest version, and the extra that it belongs to."""
    try:
        asked = metadata.requires(of) or []
    except metadata.PackageNotFoundError:
        return
    for line in asked:
        wanted, _, marker = line.partition(";")
        name = re.match(r"[A-Za-z0-9._-]+", wanted)
        oldest = re.search(r">=\s*([0-9.]+)", wanted)
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", marker)
        if name and (extra or not marker.strip()) and name[0].lower() != "mock-airflow":
            belongs_to = extra[1] if extra else None
            yield name[0], oldest[1] if oldest else "0", belongs_to
            further = re.search(
                r"\[([\w-]+)\]", wanted
            )  # such as pyjwt[crypto], which is whole with cryptography alone
            for part, least, its_extra in _requirements(name[0]) if further else ():
                if further and its_extra == further[1]:
                    yield part, least, belongs_to


def _state_of(name: str, oldest: str) -> tuple[str, str]:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return ERROR, f"{name} is missing"
    found = tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])
    if found < tuple(map(int, oldest.split("."))):
        return ERROR, f"{name} {version} is older than {oldest}"
    return OK, f"{name} {version}"


def _libraries(patient: Patient) -> Iterator[Symptom]:
    for name, oldest, extra in _requirements():
        if extra is None:
            yield Symptom("library", *_state_of(name, oldest))


def _extras(patient: Patient) -> Iterator[Symptom]:
    """Which extras are whole; those that only serve this project's own work are left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, oldest, extra in _requirements():
        if extra is not None and extra not in ("dev", "docs", "test", "browser", "benchmarks", "all"):
            found.setdefault(extra, []).append(_state_of(name, oldest))
    for extra, parts in sorted(found.items()):
        whole = all(state == OK for state, _ in parts)
        yield Symptom(f"extra {extra}", OK if whole else NOTE, ", ".join(text for _, text in parts))


def _clock(patient: Patient) -> Iterator[Symptom]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    here = datetime.now(timezone.utc).astimezone()
    yield Symptom("clock", OK, f"this machine has {here.isoformat(timespec='seconds')} ({here.tzname()})")
    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        yield Symptom("clock", ERROR, "there are no time zones on this machine; install the package tzdata.")


def _settings(patient: Patient) -> Iterator[Symptom]:
    """What is not as by default, and who says so."""
    ours = variables(patient.environment)
    for option in (*fields(Listening), *fields(Settings)):
        name = option.name
        value = getattr(patient.where, name) if option in fields(Listening) else patient.given.get(name)
        sources: dict[str, bool] = {
            f"--{name.replace('_', '-')}": patient.options.get(name) not in (None, ()),
            "--set": any(text.partition("=")[0].strip().replace("-", "_") == name for text in _set(patient)),
            f"{ENVIRONMENT_PREFIX}{name.upper()} in the environment": name in ours,
        }
        said_by = next((source for source, says in sources.items() if says), None)
        if said_by is not None:
            shown = "***" if option.metadata.get("secret") else str(value)
            yield Symptom("setting", OK, f"{name} = {shown} ({said_by})")


def _doubts(patient: Patient) -> Iterator[Symptom]:
    for sentence in doubts(patient.settings.resolved()):
        yield Symptom("setting", WARNING, sentence)


def _set(patient: Patient) -> tuple[str, ...]:
    return tuple(patient.options.get("set") or ())


def _workers(patient: Patient) -> Iterator[Symptom]:
    see_that_they_share(patient.where, patient.settings)
    yield from ()


def _metrics(patient: Patient) -> Iterator[Symptom]:
    if patient.where.metrics:
        from mock_airflow.server.metrics import Metrics

        Metrics(1)
        yield Symptom("metrics", OK, "they can be counted")


def _files(patient: Patient) -> Iterator[Symptom]:
    """Whether the files that the server writes can be there."""
    for name in ("ready_file", "log_file"):
        file: Path | None = getattr(patient.where, name)
        if file is None:
            continue
        if not file.parent.is_dir():
            yield Symptom(name.replace("_", " "), ERROR, f"{file} cannot be written: there is no folder {file.parent}.")
        elif file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
            yield Symptom(name.replace("_", " "), ERROR, f"{file} cannot be written: it is a folder, or not allowed.")
        else:
            yield Symptom(name.replace("_", " "), OK, f"{file} can be written")


def _world(patient: Patient) -> Iterator[Symptom]:
    """The worlds, and whether they and the settings make a deployment."""
    from mock_airflow.deployment import Deployment
    from mock_airflow.world.reading import load_worlds

    world = load_worlds(patient.settings.world)
    world.apply(Deployment(Settings.of(**{**world.settings, **patient.given, "database": None})))
    if patient.settings.world:
        yield Symptom("world", OK, f"{', '.join(world.sources)} can be read")


def _dag_folder(patient: Patient) -> Iterator[Symptom]:
    if patient.settings.dags_folder is None:
        return
    from mock_airflow.dag_files.folder import DagFolder

    path = Path(DagFolder(patient.settings).path)
    count = sum(1 for _ in path.rglob("*.py"))
    state, told = (OK, f"{count} Python files") if count else (WARNING, "no Python file")
    yield Symptom("dag folder", state, f"{path} has {told}")


def _database(patient: Patient) -> Iterator[Symptom]:
    if patient.settings.database is None:
        return
    from mock_airflow.persistence.looking import look
    from mock_airflow.storage.documents import schema

    found = look(patient.settings.database)
    if found.schema is None:
        yield Symptom("database", OK, "it is reached, and empty; `serve` makes its tables")
    elif found.schema > schema():
        yield Symptom(
            "database",
            ERROR,
            f"a later mock-airflow made it (schema {found.schema}; this one reads {schema()}); update.",
        )
    else:
        yield Symptom("database", OK, f"it is reached; schema {found.schema}, {found.deployments} deployments")


def _tls(patient: Patient) -> Iterator[Symptom]:
    from dataclasses import replace

    from mock_airflow.server.tls import tls_of

    tls = tls_of(replace(patient.settings, tls_ca_file=None), patient.where.host)  # which would be written
    if tls is not None:
        if tls.ca_file is not None:
            yield Symptom("tls", OK, "a certificate can be made up")
        else:
            yield _of_certificate(tls.context, str(patient.settings.tls_cert))


def _of_certificate(context: ssl.SSLContext, file: str) -> Symptom:
    """Whether a certificate counts now, and until when, as a client finds out that trusts no other one."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(file)
    one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking, answering = client.wrap_bio(one, other), context.wrap_bio(other, one, server_side=True)
    try:
        for side in (asking, answering, asking):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return Symptom("tls", ERROR, f"the certificate {file} is refused by clients: {error.verify_message}.")
    told = asking.getpeercert() or {}
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), timezone.utc)
    left = (end - datetime.now(timezone.utc)).days
    detail = f"the certificate and its key are used; it counts until {end:%Y-%m-%d}, for {left} days"
    return Symptom("tls", OK if left >= _SOON else WARNING, detail)


def _port(patient: Patient) -> Iterator[Symptom]:
    from mock_airflow.server.ports import listen

    where = patient.where
    try:
        with contextlib.closing(listen(where.host, where.port)):
            yield Symptom("port", OK, f"{where.host}:{where.port} is free")
    except MockAirflowError as error:
        yield _who_is_there(where, error)


def _who_is_there(where: Listening, error: MockAirflowError) -> Symptom:
    from mock_airflow.cli.client import Server

    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(where.host, where.host)
    url = f"http://[{host}]:{where.port}" if ":" in host else f"http://{host}:{where.port}"
    try:
        ready = Server(url, None).ask("GET", "/ready")
    except ControlError:
        return Symptom("port", ERROR, str(error))
    told = ready.get("status") if isinstance(ready, dict) else None
    return Symptom("port", WARNING, f"a Mock Airflow answers at {url} already; it is {told}")
