"""Reading a request's body, in connexion's order and words (observed)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mock_airflow.answers import Oops
from mock_airflow.api.airflow2.problems import Problem, bad_request
from mock_airflow.api.airflow2.schema import Schema
from mock_airflow.errors import ShapeError

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


def read_body(schema: Schema, request: Request) -> Any:
    """The parsed body, if it has the shape that the document demands. Raises Problem (400 or 415)."""
    data = request.get_data(cache=True)
    content_type = request.headers.get("Content-Type", "")
    body: Any = None
    if request.is_json:
        try:
            body = json.loads(data) if data else None
        except ValueError:
            body = None
        except RecursionError:
            raise Oops("The body is nested too deep to be read.") from None
    if body is None and data:
        if _says_json(content_type):
            raise bad_request("Request body is not valid JSON")
        raise Problem(
            415, "Unsupported Media Type", f"Invalid Content-type ({content_type}), expected JSON data", linked=False
        )
    if body is None:
        raise bad_request("Request body must not be empty")
    try:
        schema.check_shape(body)
    except ShapeError as error:
        raise bad_request(str(error)) from None
    return body


def _says_json(content_type: str) -> bool:
    """Whether connexion takes a body that it cannot read for broken JSON: it looks at the type letter by letter.

    So a parameter or a capital letter makes it one of another type (observed).
    """
    main, slash, sub = content_type.partition("/")
    return bool(slash) and "/" not in sub and main == "application" and (sub == "json" or sub.endswith("+json"))
