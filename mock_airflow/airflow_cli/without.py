"""Commands that Airflow has and that are not emulated, as no API can do what they do: they say so and fail."""

from __future__ import annotations

import argparse

from mock_airflow.airflow_cli.command import Cli, Exit, argument, command

_BOTH = (
    "cheat-sheet",
    "config get-value",
    "config list",
    "connections export",
    "connections import",
    "connections test",
    "dags report",
    "dags reserialize",
    "dags show",
    "dags show-dependencies",
    "dags test",
    "db check",
    "db clean",
    "db migrate",
    "db reset",
    "db shell",
    "info",
    "jobs check",
    "kerberos",
    "plugins",
    "providers behaviours",
    "providers hooks",
    "providers links",
    "providers notifications",
    "providers secrets",
    "providers triggers",
    "providers widgets",
    "roles add-perms",
    "roles del-perms",
    "roles export",
    "roles import",
    "rotate-fernet-key",
    "scheduler",
    "standalone",
    "sync-perm",
    "tasks failed-deps",
    "tasks render",
    "tasks run",
    "tasks test",
    "triggerer",
    "users export",
    "users import",
)
_ONLY = {
    2: ("dags backfill", "webserver"),
    3: ("api-server", "assets details", "assets materialize", "dags clear", "dag-processor"),
}
_REST = argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _refuse(cli: Cli) -> None:
    """Not emulated"""
    words = " ".join(cli.args.command.words)
    raise Exit(f"mock-airflow does not emulate `airflow {words}`, as Airflow's API has no counterpart of it.")


for _words in _BOTH:
    command(_words, _REST)(_refuse)
for _generation, _those in _ONLY.items():
    for _words in _those:
        command(_words, _REST, only=_generation)(_refuse)
