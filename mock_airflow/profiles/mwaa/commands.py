"""Which commands of Airflow's MWAA lets through (documented for 2.x; in 3.x assumed to be the same, and backfills)."""

from __future__ import annotations

from collections.abc import Sequence

_FORBIDDEN = (
    "celery",
    "dags reserialize",
    "db check",
    "db check-migrations",
    "db downgrade",
    "db init",
    "db migrate",
    "db reset",
    "db shell",
    "db upgrade",
    "api-server",
    "dag-processor",
    "flower",
    "kerberos",
    "pools export",
    "pools import",
    "rotate-fernet-key",
    "scheduler",
    "shell",
    "standalone",
    "sync-perm",
    "tasks run",
    "triggerer",
    "users create",
    "users delete",
    "users export",
    "users import",
    "variables export",
    "variables import",
    "webserver",
    "worker",
)


def let_through(argv: Sequence[str], generation: int) -> str | None:
    """Why a command is not let through; None for one that is."""
    words = [word for word in argv[:2] if not word.startswith("-")]
    for depth in (1, 2):
        if " ".join(words[:depth]) in _FORBIDDEN:
            return f"MWAA does not let `airflow {' '.join(words[:depth])}` through."
    return None
