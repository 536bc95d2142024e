"""The command line: one module of ``verbs/`` a verb."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code."""
    from mock_airflow.cli import command

    return command.main(argv)
