"""``mock-airflow review``: the calls of a server that runs, or those in a file, whichever Airflow answered them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import click

from mock_airflow.cli.client import Server, at_server
from mock_airflow.cli.terminal import Said, json_text
from mock_airflow.cli.usage import Read, Verb, operand
from mock_airflow.errors import UsageError
from mock_airflow.settings.values import whole

_SEVERITIES = ("note", "warning", "error")
_FORMATS = ("text", "sarif", "html")


class _Wanted(NamedTuple):
    """Which review is asked for."""

    format: str
    severity: str
    ignore: tuple[str, ...]
    since: int | None
    score: bool
    migration: bool


@click.command(cls=Verb)
@operand("file", "[FILE]", "an HTTP archive (HAR), an export of a journal, or a recording", required=False)
@click.option("--severity", type=Read(str, _SEVERITIES), default="note", help="the least that is told (default: note)")
@click.option("--ignore", multiple=True, metavar="RULE", help="a rule that is not wanted; may be repeated")
@click.option("--since", type=Read(whole(0)), metavar="NUMBER", help="calls from this number on, of a server")
@click.option("--score", is_flag=True, help="the score card too")
@click.option("--migration", is_flag=True, help="what has to change for Airflow 3, too")
@click.option("--format", type=Read(str, _FORMATS), default="text", help="text, sarif or html (default: text)")
@click.option("--output", metavar="FILE", help="where to write it instead")
@click.option("--fail-on", type=Read(str, _SEVERITIES), help="exit code 1 for advice that weighs as much")
@at_server
def review(server: Server, file: str | None, output: str | None, fail_on: str | None, **given: Any) -> Said:
    """Say what clients did that will hurt in production, of a server that runs or of a file."""
    wanted = _Wanted(**given)
    text, data = _of_server(server, wanted) if file is None else _of_file(Path(file), wanted)
    least = _SEVERITIES.index(fail_on) if fail_on is not None else len(_SEVERITIES)
    code = int(any(_SEVERITIES.index(each["severity"]) >= least for each in data["advice"]))
    if output is None:
        return Said(text, data, code=code)
    try:
        Path(output).write_text(f"{text.rstrip()}\n", "utf-8")
    except OSError as error:
        raise UsageError(f"--output: {output} cannot be written: {error.strerror or error}.") from None
    return Said(f"Written to {output}.", data, code=code)


def _of_server(server: Server, wanted: _Wanted) -> tuple[str, Any]:
    """The review of a server's journal: as it is to be written, and as JSON."""
    given = {"severity": wanted.severity, "since": wanted.since, "ignore": ",".join(wanted.ignore) or None}
    query = {name: value for name, value in given.items() if value is not None}
    data = server.ask("GET", f"/review?{urlencode(query)}")
    if wanted.format == "sarif":
        return json_text(server.ask("GET", f"/review?{urlencode({**query, 'format': 'sarif'})}")), data
    query |= {"format": wanted.format, "score": str(wanted.score).lower(), "migration": str(wanted.migration).lower()}
    return server.text(f"/review?{urlencode(query)}").rstrip(), data


def _of_file(path: Path, wanted: _Wanted) -> tuple[str, Any]:
    """The review of a file's calls: as it is to be written, and as JSON. Raises ReviewError."""
    from mock_airflow.review.imported import traffic_of
    from mock_airflow.review.review import review as review_of
    from mock_airflow.review.words import text

    if wanted.since is not None:
        raise UsageError("--since is for a server's journal; a file is reviewed whole.")
    found = review_of(traffic_of(path), ignore=wanted.ignore, severity=wanted.severity)
    if wanted.format == "text":
        return text(found, score=wanted.score, migration=wanted.migration), found.as_json()
    written = json_text(found.sarif(path.as_posix())) if wanted.format == "sarif" else found.html(path.name)
    return written, found.as_json()
