"""How a failed assertion of ours is shown: pytest leaves out the frames of a module whose global says so.

Only what a test asserts is meant for its author; any other error is shown with all of its frames.
"""

from __future__ import annotations

from typing import Any


def assertions(excinfo: Any) -> bool:
    """Whether a failure is an assertion's; the value of a module's ``__tracebackhide__``."""
    return excinfo is not None and isinstance(excinfo.value, AssertionError)
