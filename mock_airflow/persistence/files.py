"""A whole deployment in one file: settings, state, starting state, clock, keys, limits and fault rules.

The journal is no part of it, nor is a secret in clear that its vendor would not show again (``secrets.py``).
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow._version import __version__
from mock_airflow.deployment import Deployment
from mock_airflow.domain.state_documents import read_state, state_text
from mock_airflow.errors import DocumentError
from mock_airflow.persistence.fitting import see_that_it_fits
from mock_airflow.persistence.secrets import first_credential, is_unwritten, know_passwords, written_settings
from mock_airflow.settings import Settings
from mock_airflow.storage.documents import decode, schema, to_text, upgraded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KIND = "a deployment of mock-airflow"


def text_of(deployment: Deployment) -> str:
    """The deployment as it is now: a line that says what the file is and whether it is whole, and a line of JSON."""
    with deployment.lock:  # and not while it is written, which takes long for very many rows
        start, now = deployment.start, deployment.snapshot()
    body = (
        f'{{"settings":{to_text(written_settings(deployment.settings))},"first_draw":{deployment.first_draw},'
        f'"start":{state_text(start, left_out=is_unwritten)},'
        f'"now":{state_text(now, beside=start, left_out=is_unwritten)}}}'
    )
    head = {"this_is": _KIND, "schema": schema(), "written_by": __version__, "sha256": _sum(body)}
    return f"{json.dumps(head)}\n{body}\n"


def _sum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def restored(
    text: str, source: str, settings: Mapping[str, Any], wait: Callable[[float], object] | None = None
) -> Deployment:
    """The deployment that a text of ``text_of`` tells of.

    ``settings`` are put above its own, and ``wait`` is what passes real time, if not the machine's own sleep.
    What decides how its rows read, such as the profile, stays as it was saved. Raises DocumentError and SettingError.
    """
    first, _, rest = text.partition("\n")
    body = rest.rstrip("\n")
    try:
        head = json.loads(first)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or head.get("this_is") != _KIND:
        raise DocumentError(
            f"{source} is not a saved deployment; `mock-airflow world save` and MockAirflow.save write one."
        )
    number = head.get("schema")
    if not isinstance(number, int) or not 1 <= number <= schema():
        raise DocumentError(
            f"{source} was written by mock-airflow {head.get('written_by')}, whose documents (schema {number}) are"
            f" newer than what this version {__version__} reads (schema {schema()}); take that version or a later one."
        )
    if head.get("sha256") != _sum(body):
        raise DocumentError(f"{source} is damaged: it is not as it was written. Take a copy, or save it again.")
    told = upgraded(json.loads(body), number)
    saved = decode(told["settings"])
    chosen = Settings.of(**{**saved, **settings})
    deployment = Deployment(chosen) if wait is None else Deployment(chosen, wait=wait)
    see_that_it_fits(deployment, Settings.of(**saved).resolved(), source)
    start = read_state(deployment.airflow, told["start"])
    read_state(deployment.airflow, told["now"], beside=start)
    know_passwords(deployment)
    deployment.resume(start, {}, told["first_draw"])
    deployment.resume(start, first_credential(deployment, told["first_draw"]), told["first_draw"])
    deployment.collect()
    return deployment


def save(deployment: Deployment, path: Path) -> None:
    """Write the deployment to a file. Raises DocumentError."""
    write(text_of(deployment), path)


def write(text: str, path: Path) -> None:
    """Write a file that only its owner may read, as a whole or not at all. Raises DocumentError."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise DocumentError(f"{path} cannot be written: {error.strerror or error}.") from None


def load(path: Path, settings: Mapping[str, Any]) -> Deployment:
    """The deployment that a file has. Raises DocumentError and SettingError; the file is only read."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}.") from None
    return restored(text, str(path), settings)
