"""What is kept of requests has its bound: the journal's entries, and what rewinding needs."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any


def test_what_is_kept_does_not_grow_with_the_calls(deploy: Callable[..., Any]) -> None:
    call = deploy(journal_size=50, rate_limit="100000/second")

    def kept_after(calls: int) -> int:
        for _ in range(calls):
            assert call.get("/api/v1/pools").status_code == 200
        gc.collect()
        return len(gc.get_objects())

    settled = kept_after(300)
    assert kept_after(1200) < settled + 500
    assert len(call.deployment.journal) == 50
