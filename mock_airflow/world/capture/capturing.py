"""A capture as a whole: read, scrub, see that the result loads, and write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mock_airflow._version import __version__
from mock_airflow.errors import CaptureError, OutputError, UnreadError
from mock_airflow.settings import Settings
from mock_airflow.world.capture.gathering import Gathering, WantedRows
from mock_airflow.world.capture.gathering_3 import Gathering3
from mock_airflow.world.capture.partial import Partial
from mock_airflow.world.capture.scrubbing import rules_of, scrubbed
from mock_airflow.world.capture.source import Source, Waiting, api_url
from mock_airflow.world.checking import Mending
from mock_airflow.world.reading import SECTIONS
from mock_airflow.world.writing import write_whole

Tell = Callable[[str, int, int, int], object]  # what is read, how many are, of how many, after how many requests


@dataclass
class Captured:
    """What a capture gave and took.

    ``counts`` are entries by section, ``unread`` says what could not be read and ``left_out`` what a world file cannot
    hold, ``resumed`` is how many answers were there from an earlier call.
    """

    counts: dict[str, int]
    unread: list[str]
    left_out: list[str]
    requests: int
    resumed: int


def capture(
    url: str,
    headers: Mapping[str, str],
    output: Path,
    wanted: WantedRows,
    *,
    scrub: Sequence[str] = (),
    waiting: Waiting | None = None,
    tell: Tell = lambda what, done, of, requests: None,
) -> Captured:
    """Read the Airflow at ``url`` into a world file; GET is all that is ever sent.

    What was read lies in ``<output>.part`` until the world is written, so that a second call goes on after a failure.
    Raises CaptureError when the server cannot be asked or refuses the credential, OutputError, and further errors that
    say what is wrong with an argument.
    """
    _see_that_it_can_be_written(output)
    rules, address = rules_of(scrub), api_url(url)
    partial = Partial(output.with_name(f"{output.name}.part"), address)
    try:
        source = Source(address, headers, partial=partial, parallel=wanted.parallel, waiting=waiting)
        source = _the_one_that_answers(source, headers)
        kind = Gathering3 if source.url.endswith("/api/v2") else Gathering
        gathering = kind(source, wanted, lambda what, done, of: tell(what, done, of, source.requests))
        try:
            gathering.gather()
        except (KeyError, TypeError) as error:
            said = f"{error} is missing, or of another type"
            raise CaptureError(f"What {source.url} answers is not what an {_name(source)} answers: {said}.") from error
        world, left_out = _loadable(scrubbed(_with_settings(gathering.sections), rules))
        about = {
            "captured": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "by": f"mock-airflow {__version__}",
            "from": address,
            "runs_per_dag": wanted.runs_per_dag,
            "not_read": _in_words(gathering.unread),
            "left_out": left_out,
        }
        _write(output, {**scrubbed({"about": about}, rules), **world})
    except BaseException:
        partial.close()
        raise
    partial.remove()
    counts = {section: len(rows) for section, rows in world.items() if isinstance(rows, list)}
    return Captured(counts, _in_words(gathering.unread), left_out, source.requests, partial.found)


def _see_that_it_can_be_written(output: Path) -> None:
    if output.suffix != ".json":
        raise OutputError(f"--output {output}: the name of a world file that is written ends in .json.")
    if not output.parent.is_dir():
        raise OutputError(f"--output {output}: there is no folder {output.parent}.")
    if output.exists() and not output.is_file():
        raise OutputError(f"--output {output}: there is something else than a file.")


def _the_one_that_answers(source: Source, headers: Mapping[str, str]) -> Source:
    """The source, or the same server's newer API where an Airflow 3 says that the older one has been removed.

    Raises CaptureError when there is no Airflow's API, or the credential opens nothing of it.
    """
    try:
        answer = source.get("/dags", limit=1)
    except UnreadError as refusal:
        if refusal.status == 404 and "/api/v2" in str(refusal) and source.url.endswith("/api/v1"):
            return _the_one_that_answers(source.at(f"{source.url.removesuffix('/api/v1')}/api/v2", headers), headers)
        if refusal.status in (401, 403):
            raise CaptureError(
                f"The server at {source.url} refuses the credential ({refusal}); it has to be one that may read DAGs."
            ) from None
        raise CaptureError(
            f"What answers at {source.url} is no {_name(source)} whose API can be read ({refusal})."
        ) from None
    if not isinstance(answer, dict) or "dags" not in answer:
        raise CaptureError(f"What answers at {source.url} is no {_name(source)}; its list of DAGs has no DAGs.")
    return source


def _name(source: Source) -> str:
    return "Airflow 3" if source.url.endswith("/api/v2") else "Airflow 2"


def _with_settings(sections: dict[str, Any]) -> dict[str, Any]:
    """The sections in their usual order, empty ones left out, with what differs as settings."""
    version = (sections.get("version") or {}).get("version")
    settings = {"airflow_version": version} if version and version != Settings().airflow_version else {}
    if sections.get("fab"):
        settings["auth_manager"] = "fab"
    if settings:
        sections = {**sections, "settings": settings}
    return {section: sections[section] for section in SECTIONS if sections.get(section)}


def _loadable(world: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The world without what a world file cannot hold, such as fields of an Airflow that ours does not know."""
    mending = Mending({"captured": world})
    left_out = [f"{place}: {sentence}" for _, _, _, place, sentence, _ in mending.mistakes()]
    return world, left_out


def _in_words(unread: Mapping[str, Mapping[str, Sequence[str]]]) -> list[str]:
    """What could not be read: a section and a reason a line, with the first of the paths.

    All in alphabetical order, as what is read side by side ends in any order.
    """
    lines = []
    for section, reasons in sorted(unread.items()):
        for why, paths in sorted(reasons.items()):
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            lines.append(f"{section}: {why} (GET {min(paths)}{more})")
    return lines


def _write(output: Path, world: Mapping[str, Any]) -> None:
    """Write the world, an entry a line, as a whole or not at all; only its owner may read it."""
    text = "{\n" + ",\n".join(_section(name, content) for name, content in world.items()) + "\n}\n"
    try:
        write_whole(output, [text], private=True)
    except OSError as error:
        raise OutputError(f"The world file {output} cannot be written: {error.strerror or error}.") from None


def _section(name: str, content: Any) -> str:
    head = f" {json.dumps(name)}: "
    if isinstance(content, list) and content:
        return head + "[\n" + ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in content) + "\n ]"
    if isinstance(content, dict) and content:
        members = (f"  {json.dumps(key)}: {json.dumps(item, ensure_ascii=False)}" for key, item in content.items())
        return head + "{\n" + ",\n".join(members) + "\n }"
    return head + json.dumps(content)
