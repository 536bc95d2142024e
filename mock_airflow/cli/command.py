"""The command line: ``mock-airflow serve | keys | limits | journal | faults | failures | world | routes | explain``.

Errors are one sentence on stderr and exit code 2. What a verb needs is imported when it is called, so that asking for
the version or for help costs little.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mock_airflow._version import __version__
from mock_airflow.cli.options import (
    Parser,
    UsageError,
    given_settings,
    listening,
    nearest,
    parsed_setting,
    serve_parser,
)
from mock_airflow.errors import MockAirflowError
from mock_airflow.settings import Settings

if TYPE_CHECKING:
    from mock_airflow.cli.serve import Service

OVERVIEW = """\
Usage: mock-airflow VERB [OPTION]...

A local emulator of Airflow's REST API.

  serve      serve an Airflow that does not exist, until Ctrl-C
  keys       list, create, revoke and rotate the keys of a server that runs
  failures   list the catalogue of failures, and arrange one at a server that runs
  faults     list, add and clear the fault rules of a server that runs
  world      capture a world from an Airflow that runs, save a deployment, check or generate one
  limits     show, set, clear and exhaust the rate limits of a server that runs
  journal    show, explain, export and rewind the calls of a server that runs
  routes     list the operations that are served
  explain    tell what a status or a profile means, and how to see it happen

  --version  print the version

`mock-airflow VERB --help` tells the options of a verb."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    verb = arguments[0] if arguments else ""
    try:
        if verb in _VERBS:
            return _VERBS[verb](arguments[1:])
        if verb == "--version":
            print(f"mock-airflow {__version__}")
        elif verb in ("--help", "-h"):
            print(OVERVIEW)
        else:
            said = f"There is no verb {verb!r}" if verb else "A verb is missing, such as serve"
            raise UsageError(f"{said}{nearest(verb, _VERBS)} See mock-airflow --help.")
        return 0
    except MockAirflowError as error:
        print(f"mock-airflow: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads what we print has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _serve(arguments: list[str]) -> int:
    options = serve_parser().read(arguments)
    from mock_airflow.cli.stopping import Stopped, stopping_on_signals

    service: Service | None = None
    gc.disable()  # what is loaded now stays; to look for garbage in it takes a tenth of the start
    try:
        with stopping_on_signals() as stopping:
            given, where = given_settings(options, os.environ), listening(options, os.environ)
            from mock_airflow.cli.serve import Service, log_to_stderr
            from mock_airflow.world.reading import load_worlds

            log_to_stderr(where.verbose)
            names: tuple[str, ...] = given.get("world", () if given.keys() & {"dags_folder", "saved"} else ("demo",))
            world = load_worlds(names)
            settings = replace(Settings.of(**world.settings), **{**given, "world": names})
            service = Service(settings, world, where)
            for line in service.warnings():
                print(line, file=sys.stderr, flush=True)
            print(service.banner(), flush=True)
            gc.freeze()
            gc.enable()
            stopping.gently = service.server.end_soon
            service.run()
    except Stopped:
        pass
    finally:
        gc.enable()
    return _strictly(service) if service is not None and service.deployment.settings.strict else 0


def _strictly(service: Service) -> int:
    """The exit code of a strict server: 1 after what nobody expected, which is told."""
    from mock_airflow.testing.expectations import check

    try:
        check(service.deployment)
    except AssertionError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def _keys(arguments: list[str]) -> int:
    from mock_airflow.cli.keys import run

    print(run(arguments, os.environ), flush=True)
    return 0


def _failures(arguments: list[str]) -> int:
    from mock_airflow.cli.failures import run

    print(run(arguments, os.environ), flush=True)
    return 0


def _faults(arguments: list[str]) -> int:
    from mock_airflow.cli.faults import run

    print(run(arguments, os.environ), flush=True)
    return 0


def _world(arguments: list[str]) -> int:
    from mock_airflow.cli.world import run

    outcome = run(arguments, os.environ)
    if outcome.complained:
        print(outcome.complained, file=sys.stderr)
    if outcome.said:
        print(outcome.said, flush=True)
    return outcome.code


def _limits(arguments: list[str]) -> int:
    from mock_airflow.cli.limits import limits

    print(limits(arguments, os.environ), flush=True)
    return 0


def _journal(arguments: list[str]) -> int:
    from mock_airflow.cli.journal import journal

    print(journal(arguments, os.environ), flush=True)
    return 0


def _routes(arguments: list[str]) -> int:
    parser = Parser("routes", "List the operations that are served, with the permission that each demands.")
    parser.add_argument("--profile", metavar="NAME", help="how access is checked (default: airflow2)")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    options = parser.read(arguments)
    profile = parsed_setting("profile", options.profile or Settings().profile, "--profile")
    from mock_airflow.cli.routes import as_json, as_table, rows_of

    rows = rows_of(profile)
    print(as_json(rows) if options.json else as_table(rows), flush=True)
    return 0


def _explain(arguments: list[str]) -> int:
    parser = Parser("explain", "Tell what a status, a profile or a request of /api/v1 means, and how to see it happen.")
    parser.add_argument("topic", nargs="*", help="403, datacoves, or POST /api/v1/dags/etl/dagRuns for its successor")
    topic = " ".join(parser.read(arguments).topic)
    from mock_airflow.cli.explain import EXPLANATIONS, screen, successor

    told = screen(topic) if topic in EXPLANATIONS else successor(topic)
    if told is None:
        said = f"There is no explanation of {topic!r}" if topic else "Say what to explain"
        raise UsageError(f"{said}; there are {', '.join(EXPLANATIONS)}, and METHOD /api/v1/... for each request of v1.")
    print(told, flush=True)
    return 0


_VERBS = {
    "serve": _serve,
    "keys": _keys,
    "limits": _limits,
    "journal": _journal,
    "faults": _faults,
    "failures": _failures,
    "world": _world,
    "routes": _routes,
    "explain": _explain,
}
