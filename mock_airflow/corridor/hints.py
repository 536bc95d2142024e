"""What somebody may have meant who asked for a path that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mock_airflow.api.api import Api

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

_LONGEST = 300  # characters of a path that may be another one misspelt; to look for it takes long


def nearest(method: str, path: str, apis: Iterable[Api]) -> str:
    """A sentence about why no operation fits, with the nearest one that exists."""
    if len(path) > _LONGEST:
        return f"There is no operation at {path[:_LONGEST]}... ({len(path)} characters)."
    routes = [(f"{api.prefix}{operation.path}", operation.method) for api in apis for operation in api]
    methods = sorted({each for template, each in routes if _fits(template, path)})
    if methods:
        return f"{path} has no {method}; it has {', '.join(methods)}."
    shaped = {_shape_like(template, path): template for template, _ in routes}
    found = difflib.get_close_matches(path, shaped, 1, 0.6)
    hint = f" Did you mean {shaped[found[0]]}?" if found else ""
    slash = " A slash at the end makes it another path." if path.endswith("/") else ""
    return f"There is no operation at {path}.{slash}{hint}"


def in_airflow_3(request: Request) -> str | None:
    """What a request of Airflow 2's API becomes in Airflow 3; None for any other."""
    from mock_airflow.api import migration

    if not request.path.startswith(migration.V1_PREFIX):
        return None
    sent = request.get_json(force=True, silent=True) if request.content_length else None
    found = migration.becomes(request.method, request.path, request.query_string.decode("latin-1"), sent)
    return None if found is None else str(found)


def _fits(template: str, path: str) -> bool:
    want, have = template.split("/"), path.split("/")
    return len(want) == len(have) and all(w == h or w.startswith("{") for w, h in zip(want, have, strict=True))


def _shape_like(template: str, path: str) -> str:
    """The template with its names filled from the path where the two run side by side."""
    have = path.split("/")
    parts = template.split("/")
    return "/".join(have[i] if part.startswith("{") and i < len(have) else part for i, part in enumerate(parts))
