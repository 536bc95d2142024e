"""``mock-airflow world``: capture one from an Airflow that runs, check files, save a deployment, generate one."""

from __future__ import annotations

import argparse
import base64
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_airflow.cli.client import Server, add_address
from mock_airflow.cli.options import Parser, UsageError, nearest, parsed_setting

_VERBS = {
    "capture": "read an Airflow that runs, through GET only, into a world file",
    "check": "tell what is wrong with world files, line by line",
    "save": "write the whole deployment of a server that runs to a file",
    "generate": "make up a world of any size, the same for the same seed",
}
_NOT_TOLD = 20  # how many mistakes or refusals are printed


class Outcome(NamedTuple):
    """What to print, where, and the exit code."""

    said: str = ""
    complained: str = ""
    code: int = 0


def run(arguments: list[str], environment: Mapping[str, str]) -> Outcome:
    """Carry out ``world capture|check|save|generate``. Raises UsageError, or what the verb raises."""
    verb = arguments[0] if arguments else ""
    if verb in ("--help", "-h"):
        verbs = "\n".join(f"  {name:<9} {text}" for name, text in _VERBS.items())
        return Outcome(
            f"Usage: mock-airflow world VERB [OPTION]...\n\n{verbs}\n\n`mock-airflow world VERB --help` tells more."
        )
    if verb not in _VERBS:
        said = f"There is no verb {verb!r}" if verb else "A verb is missing, such as check"
        raise UsageError(f"{said}{nearest(verb, _VERBS)} See mock-airflow world --help.")
    if verb == "capture":
        return _capture(arguments[1:], environment)
    if verb == "save":
        return _save(arguments[1:], environment)
    return _check(arguments[1:]) if verb == "check" else _generate(arguments[1:])


def _whole(name: str, text: str, low: int, high: int) -> int:
    if not text.isdigit() or not low <= int(text) <= high:
        raise UsageError(f"--{name}: a number from {low} to {high} is expected, not {text!r}.")
    return int(text)


# ------------------------------------------------------------------------------------------------------------- capture


def _capture_parser() -> Parser:
    parser = Parser(
        "world capture",
        "Read an Airflow that runs, through GET only, into a world file. After a failure the same call goes on.",
        epilog="Also read from the environment, so that no secret has to be on the command line: AIRFLOW_API_URL,"
        " AIRFLOW_USERNAME with AIRFLOW_PASSWORD, AIRFLOW_TOKEN. Exit code: 0 when everything was read, 1 when a world"
        " was written but some of it could not be read, 2 when none was written.",
    )
    add = parser.add_argument
    add("--url", metavar="URL", help="the Airflow, or its API (also AIRFLOW_API_URL)")
    add("-o", "--output", metavar="FILE", default="world.json", help="the world file (default: world.json)")
    add("--user", metavar="NAME:PASSWORD", help="basic authentication; without a password that of AIRFLOW_PASSWORD")
    add("--token", metavar="TOKEN", help="sent as Authorization: Bearer TOKEN (also AIRFLOW_TOKEN)")
    add("--header", metavar="NAME: VALUE", action="append", default=[], help="any header; may be repeated")
    add("--runs-per-dag", metavar="N", default="10", help="how many runs of each DAG, the last ones (default: 10)")
    add("--xcoms", action="store_true", help="read xcoms with their values")
    add("--logs", action="store_true", help="read the logs of all attempts")
    add("--users", action="store_true", help="read users; passwords are never told")
    add(
        "--event-logs",
        metavar="N",
        default="0",
        help="read so many entries of the audit log, the last ones (default: 0)",
    )
    add("--variable-values", action="store_true", help="read the values of variables, not only their names")
    add("--skip", metavar="SECTION", action="append", default=[], help="a section not to read; may be repeated")
    add(
        "--scrub",
        metavar="PATTERN",
        action="append",
        default=[],
        help="a regular expression: what it matches is"
        " replaced by a pseudonym in names, and by *** elsewhere; may be repeated",
    )
    add("--parallel", metavar="N", default="4", help="how many requests at a time, up to 16 (default: 4)")
    return parser


def _capture(arguments: list[str], environment: Mapping[str, str]) -> Outcome:
    options = _capture_parser().read(arguments)
    from mock_airflow.world.capture.capturing import capture
    from mock_airflow.world.capture.gathering import ON_REQUEST, SKIPPABLE, Wanted

    url = options.url or environment.get("AIRFLOW_API_URL")
    if not url:
        raise UsageError("--url is missing: say which Airflow to read, or set AIRFLOW_API_URL.")
    for section in options.skip:
        if section not in SKIPPABLE:
            raise UsageError(f"--skip: there is no section {section!r} to skip{nearest(section, SKIPPABLE)}")
    wanted = Wanted(
        runs_per_dag=_whole("runs-per-dag", options.runs_per_dag, 0, 10_000),
        parallel=_whole("parallel", options.parallel, 1, 16),
        also=frozenset(name for name in ON_REQUEST if getattr(options, name)),
        skip=frozenset(options.skip),
        event_logs=_whole("event-logs", options.event_logs, 0, 1_000_000),
        variable_values=options.variable_values,
    )
    output = Path(options.output)
    progress = _Progress()
    try:
        found = capture(url, _headers(options, environment), output, wanted, scrub=options.scrub, tell=progress.tell)
    finally:
        progress.clear()
    counts = ", ".join(f"{count} {section}" for section, count in found.counts.items()) or "nothing"
    again = f"; {found.resumed} answers were there from an earlier call" if found.resumed else ""
    said = f"{output}: {counts}; {found.requests} requests{again}."
    complaints = [f"not read: {line}" for line in found.unread] + [f"left out: {line}" for line in found.left_out]
    return Outcome(said, _shortened(complaints), 1 if complaints else 0)


def _headers(options: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, str]:
    """The headers that carry the credential: those of the command line, else those of the environment."""
    headers = {}
    for text in options.header:
        name, colon, value = text.partition(":")
        if not colon or not name.strip() or not value.strip():
            raise UsageError("--header: a name, a colon and a value are expected, such as 'Authorization: Token ...'.")
        headers[name.strip()] = value.strip()
    told = {
        "--header": next((value for name, value in headers.items() if name.lower() == "authorization"), None),
        "--user": options.user,
        "--token": options.token,
    }
    given = [name for name, value in told.items() if value is not None]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} both say who asks; give one of them.")
    user, token = options.user, options.token
    if not given:
        user, token = environment.get("AIRFLOW_USERNAME"), environment.get("AIRFLOW_TOKEN")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    elif user:
        name, _, password = user.partition(":") if given else (user, "", "")
        password = password or environment.get("AIRFLOW_PASSWORD", "")
        if not password:
            raise UsageError("The user has no password; give it as NAME:PASSWORD, or set AIRFLOW_PASSWORD.")
        headers["Authorization"] = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    return headers


class _Progress:
    """A bar on stderr, where somebody looks at it."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._last = 0.0

    def tell(self, what: str, done: int, of: int, requests: int) -> None:
        now = time.monotonic()
        if self._shown and (now - self._last > 0.1 or done == of):
            self._last = now
            bar = ("#" * (24 * done // max(1, of))).ljust(24, ".")
            sys.stderr.write(f"\r\x1b[K{what:<16} [{bar}] {done}/{of}  {requests} requests")
            sys.stderr.flush()

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _shortened(lines: list[Any]) -> str:
    rest = len(lines) - _NOT_TOLD
    return "\n".join([*map(str, lines[:_NOT_TOLD]), *([f"and {rest} more"] if rest > 0 else [])])


# --------------------------------------------------------------------------------------------------------------- check


def _check(arguments: list[str]) -> Outcome:
    parser = Parser(
        "world check",
        "Tell what is wrong with world files, line by line. Several are read together, as serve would read them.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a world file, or the name of a built-in world")
    files = parser.read(arguments).files
    from mock_airflow.world.checking import check

    found = check(files)
    if found.mistakes:
        return Outcome(complained="\n".join(map(str, found.mistakes)), code=2)
    counts = ", ".join(f"{count} {section}" for section, count in found.counts.items()) or "nothing in it"
    return Outcome(f"{', '.join(files)}: sound; {counts}.")


# ---------------------------------------------------------------------------------------------------------------- save


def _save(arguments: list[str], environment: Mapping[str, str]) -> Outcome:
    parser = Parser(
        "world save",
        "Write the whole deployment of a server that runs to a file: state, clock, keys as digests, limits and fault"
        " rules. `serve --saved FILE` and MockAirflow.load(FILE) go on from there.",
    )
    add_address(parser)
    parser.add_argument("-o", "--output", metavar="FILE", default="airflow.saved", help="(default: airflow.saved)")
    options = parser.read(arguments)
    return Outcome(save(Server.of(options, environment), Path(options.output)))


def save(server: Server, output: Path) -> str:
    """Write what a server has to a file; gives what to say. Raises ServerProblem and DocumentError."""
    from mock_airflow.persistence.files import write

    text: str = server.ask("GET", "/saved")["saved"]
    write(text, output)
    return f"{output}: {len(text) / 1e6:.1f} MB."


# ------------------------------------------------------------------------------------------------------------ generate


def _generate(arguments: list[str]) -> Outcome:
    parser = Parser("world generate", "Make up a world of any size; the same arguments give the same bytes.")
    add = parser.add_argument
    add("--dags", metavar="N", default="200", help="how many DAGs (default: 200)")
    add("--runs", metavar="N", default="10000", help="how many finished runs they share (default: 10000)")
    add("--seed", metavar="N", default="0", help="what everything is drawn from (default: 0)")
    add("--until", metavar="TIME", help="when the history ends and the world's clock begins (default: 2026-01-01)")
    add("-o", "--output", metavar="FILE", default="world.json", help="the world file (default: world.json)")
    options = parser.read(arguments)
    from mock_airflow.world.generating import UNTIL, generate, write

    until = parsed_setting("clock", options.until, "--until") if options.until else UNTIL
    if not options.output.endswith(".json"):
        raise UsageError(f"--output: a world file that is written ends in .json, unlike {options.output!r}.")
    pieces = generate(
        dags=_whole("dags", options.dags, 1, 10_000),
        runs=_whole("runs", options.runs, 0, 10_000_000),
        seed=_whole("seed", options.seed, 0, 1 << 63),
        until=until,
    )
    size = write(Path(options.output), pieces)
    return Outcome(f"{options.output}: {options.dags} DAGs, {options.runs} runs, {size / 1e6:.1f} MB.")
