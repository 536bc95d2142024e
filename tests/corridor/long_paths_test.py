"""Paths of any length are answered at once."""

from __future__ import annotations

from tests.support import Deploy


def test_a_very_long_path_gets_no_hint(deploy: Deploy) -> None:
    call = deploy()
    call.get("/api/v1/" + "x" * 60_000)
    call.get("/api/v1/dagz")
    long, short = call.deployment.journal
    assert len(long.reason) < 500
    assert "Did you mean /api/v1/dags?" in short.reason
