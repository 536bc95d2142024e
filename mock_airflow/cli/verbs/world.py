"""``mock-airflow world``: check world files, capture one from an Airflow that runs, save a deployment, generate one."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from mock_airflow.cli.client import Server, at_server
from mock_airflow.cli.serving.options import parsed_setting
from mock_airflow.cli.terminal import Progress, Said
from mock_airflow.cli.usage import FILE, Group, Read, nearest, operand
from mock_airflow.errors import UsageError

_OUTPUT = click.option(
    "-o", "--output", metavar="FILE", type=FILE, default="world.json", help="the world file (default: world.json)"
)
_NOT_TOLD = 20  # how many mistakes or refusals are printed


def _amount(option: str, low: int, high: int, default: int, help: str) -> Callable[[Callable[..., Said]], Any]:
    """An option for a whole number within bounds, of which both are told."""

    def parse(text: str) -> int:
        if not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"a number from {low} to {high} is expected")
        return int(text)

    told = f"{help} (default: {default})"
    return click.option(option, metavar="N", default=str(default), type=Read(parse), help=told)


@click.group(cls=Group)
def world() -> None:
    """Check world files, capture a world from an Airflow that runs, save a deployment, or generate one."""


@world.command()
@operand("files", "FILE...", "world files, or the names of built-in worlds", nargs=-1, required=True, type=FILE)
def check(files: tuple[str, ...]) -> Said:
    """Tell what is wrong with world files, line by line. Several are read together, as serve would read them."""
    from mock_airflow.world import checking

    found = checking.check(files)
    data = {"mistakes": [str(each) for each in found.mistakes], "counts": found.counts}
    if found.mistakes:
        return Said("", data, "\n".join(data["mistakes"]), 2)
    return Said(f"{', '.join(files)}: sound; {_counted(found.counts) or 'nothing in it'}.", data)


_CAPTURE_EPILOG = """Also read from the environment, so that no secret has to be on the command line: AIRFLOW_API_URL,
AIRFLOW_USERNAME with AIRFLOW_PASSWORD, AIRFLOW_TOKEN. Exit code: 0 when everything was read, 1 when a world was written
but some of it could not be read, 2 when none was written."""


@world.command(epilog=_CAPTURE_EPILOG)
@click.option("--url", metavar="URL", help="the Airflow, or its API (also AIRFLOW_API_URL)")
@_OUTPUT
@click.option("--user", metavar="NAME:PASSWORD", help="basic authentication; without password AIRFLOW_PASSWORD's")
@click.option("--token", metavar="TOKEN", help="sent as Authorization: Bearer TOKEN (also AIRFLOW_TOKEN)")
@click.option("--header", "headers", metavar="NAME: VALUE", multiple=True, help="any header; may be repeated")
@_amount("--runs-per-dag", 0, 10_000, 10, "how many runs of each DAG, the last ones")
@click.option("--xcoms", is_flag=True, help="read xcoms with their values")
@click.option("--logs", is_flag=True, help="read the logs of all attempts")
@click.option("--users", is_flag=True, help="read users; passwords are never told")
@_amount("--event-logs", 0, 1_000_000, 0, "read so many entries of the audit log, the last ones")
@click.option("--variable-values", is_flag=True, help="read the values of variables, not only their names")
@click.option("--skip", metavar="SECTION", multiple=True, help="a section not to read; may be repeated")
@click.option(
    "--scrub",
    metavar="PATTERN",
    multiple=True,
    help="a regular expression: what it matches is replaced by a pseudonym in names, and by *** elsewhere; may be"
    " repeated",
)
@_amount("--parallel", 1, 16, 4, "how many requests at a time, up to 16")
def capture(url: str | None, output: str, skip: Sequence[str], scrub: Sequence[str], **given: Any) -> Said:
    """Read an Airflow that runs, through GET only, into a world file. After a failure the same call goes on."""
    from mock_airflow.world.capture import capturing
    from mock_airflow.world.capture.gathering import ON_REQUEST, SKIPPABLE, WantedRows

    url = url or os.environ.get("AIRFLOW_API_URL")
    if not url:
        raise UsageError("--url is missing: say which Airflow to read, or set AIRFLOW_API_URL.")
    for section in skip:
        if section not in SKIPPABLE:
            raise UsageError(f"--skip: there is no section {section!r} to skip{nearest(section, SKIPPABLE)}")
    wanted = WantedRows(
        runs_per_dag=given["runs_per_dag"],
        parallel=given["parallel"],
        also=frozenset(name for name in ON_REQUEST if given[name]),
        skip=frozenset(skip),
        event_logs=given["event_logs"],
        variable_values=given["variable_values"],
    )
    headers = _headers(given["headers"], given["user"], given["token"])
    progress = Progress()

    def tell(what: str, done: int, of: int, requests: int) -> None:
        progress(done, of, label=what, note=f"{requests} requests")

    try:
        found = capturing.capture(url, headers, Path(output), wanted, scrub=scrub, tell=tell)
    finally:
        progress.clear()
    again = f"; {found.resumed} answers were there from an earlier call" if found.resumed else ""
    complaints = [f"not read: {line}" for line in found.unread] + [f"left out: {line}" for line in found.left_out]
    data = {"file": output, "counts": found.counts, "requests": found.requests, "complaints": complaints}
    said = f"{output}: {_counted(found.counts) or 'nothing'}; {found.requests} requests{again}."
    return Said(said, data, _shortened(complaints), 1 if complaints else 0)


def _headers(given: Sequence[str], user: str | None, token: str | None) -> dict[str, str]:
    """The headers that carry the credential: those of the command line, else those of the environment."""
    headers = {}
    for text in given:
        name, colon, value = text.partition(":")
        if not colon or not name.strip() or not value.strip():
            raise UsageError("--header: a name, a colon and a value are expected, such as 'Authorization: Token ...'.")
        headers[name.strip()] = value.strip()
    told = {
        "--header": next((value for name, value in headers.items() if name.lower() == "authorization"), None),
        "--user": user,
        "--token": token,
    }
    who = [name for name, value in told.items() if value is not None]
    if len(who) > 1:
        raise UsageError(f"{who[0]} and {who[1]} both say who asks; give one of them.")
    if not who:
        user, token = os.environ.get("AIRFLOW_USERNAME"), os.environ.get("AIRFLOW_TOKEN")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    elif user:
        name, _, password = user.partition(":") if who else (user, "", "")
        password = password or os.environ.get("AIRFLOW_PASSWORD", "")
        if not password:
            raise UsageError("The user has no password; give it as NAME:PASSWORD, or set AIRFLOW_PASSWORD.")
        headers["Authorization"] = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    return headers


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {section}" for section, count in counts.items())


def _shortened(lines: Sequence[str]) -> str:
    rest = len(lines) - _NOT_TOLD
    return "\n".join([*lines[:_NOT_TOLD], *([f"and {rest} more"] if rest > 0 else [])])


@world.command("save")
@click.option("-o", "--output", metavar="FILE", type=FILE, default="airflow.saved", help="(default: airflow.saved)")
@at_server
def save_world(server: Server, output: str) -> Said:
    """Write the whole deployment of a server that runs to a file.

    It has state, clock, keys as digests, limits and fault rules. `serve --saved FILE` and MockAirflow.load(FILE) go on
    from there.
    """
    return save(server, Path(output))


def save(server: Server, output: Path) -> Said:
    """Write what a server has to a file. Raises ControlError and DocumentError."""
    from mock_airflow.persistence.files import write

    text: str = server.ask("GET", "/saved")["saved"]
    write(text, output)
    return Said(f"{output}: {len(text) / 1e6:.1f} MB.", {"file": str(output), "characters": len(text)})


@world.command()
@_amount("--dags", 1, 10_000, 200, "how many DAGs")
@_amount("--runs", 0, 10_000_000, 10_000, "how many finished runs they share")
@_amount("--seed", 0, 1 << 63, 0, "what everything is drawn from")
@click.option(
    "--until",
    metavar="TIME",
    help="when the history ends and the world's clock begins (default: 2026-01-01)",
)
@_OUTPUT
def generate(dags: int, runs: int, seed: int, until: str | None, output: str) -> Said:
    """Make up a world of any size; the same arguments give the same bytes."""
    from mock_airflow.world import generating

    if not output.endswith(".json"):
        raise UsageError(f"--output: a world file that is written ends in .json, unlike {output!r}.")
    end = parsed_setting("clock", until, "--until") if until else generating.UNTIL
    pieces = generating.generate(dags=dags, runs=runs, seed=seed, until=end)
    size = generating.write(Path(output), pieces)
    data = {"file": output, "dags": dags, "runs": runs, "bytes": size}
    return Said(f"{output}: {dags} DAGs, {runs} runs, {size / 1e6:.1f} MB.", data)
