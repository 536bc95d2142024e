"""Python's search for garbage, and where there is none to be found."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def none_made() -> Iterator[None]:
    """Have nobody look for garbage while very much is made that stays, such as rows or the code of modules.

    Python looks each time that so much more was made, through all of it, which would be a third of the work.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
