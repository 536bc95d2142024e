"""Effects on the request on its way: another credential or other fields come in than the client sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from mock_airflow.faults.effects.effect import Effect

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Credential(Effect):
    """The credential is lost, cut off after its scheme, or under another one, as by a proxy or a client that errs."""

    keyword = "credential"
    help = "what becomes of the request's credential: 'none', 'malformed' or 'wrong-scheme'"

    @classmethod
    def read(cls, value: Any) -> Any:
        """One of the words."""
        if value not in ("none", "malformed", "wrong-scheme"):
            raise ValueError("'none', 'malformed' or 'wrong-scheme' is expected")
        return value

    @property
    def text(self) -> str:
        """What becomes of it."""
        return {"none": "no credential arrives", "malformed": "its credential arrives cut off"}.get(
            self.value, "its credential arrives under another scheme"
        )

    def before(self, course: Course, rule: Rule) -> None:
        """Change the header. A cookie goes with it, since a session would be a credential too."""
        environ = course.request.environ
        header = environ.pop("HTTP_AUTHORIZATION", None)
        environ.pop("HTTP_COOKIE", None)
        if self.value == "none" or header is None:
            return
        scheme, space, value = header.partition(" ")
        if not space:
            scheme, value = "", header
        if self.value == "malformed":
            environ["HTTP_AUTHORIZATION"] = scheme or value[:4]
        else:
            environ["HTTP_AUTHORIZATION"] = f"{'Digest' if scheme.lower() != 'digest' else 'Basic'} {value}"


@dataclass(frozen=True, slots=True)
class Send(Effect):
    """Some fields of the request's JSON object or form arrive with other values."""

    keyword = "send"
    help = "an object of fields that arrive with these values in the body; null takes one away"

    @classmethod
    def read(cls, value: Any) -> Any:
        """Values by name."""
        if not isinstance(value, dict) or not value or not all(isinstance(name, str) for name in value):
            raise ValueError("an object of fields and values is expected")
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            raise ValueError("an object of fields and values that JSON can say is expected") from None
        return value

    @property
    def text(self) -> str:
        """Which fields."""
        return f"the body arrives with another {', '.join(self.value)}"

    def before(self, course: Course, rule: Rule) -> None:
        """Rewrite the body, if it is an object or a form."""
        environ = course.request.environ
        length = course.request.content_length or 0
        sent = environ["wsgi.input"].read(length) if length else b""
        if course.request.mimetype == _FORM:
            fields = self._changed(dict(parse_qsl(sent.decode("utf-8", "replace"), keep_blank_values=True)))
            sent = urlencode(fields).encode()
        else:
            try:
                read = json.loads(sent)
            except ValueError:
                read = None
            if isinstance(read, dict):
                sent = json.dumps(self._changed(read)).encode()
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(sent), str(len(sent))

    def _changed(self, fields: dict[str, Any]) -> dict[str, Any]:
        told = {**fields, **self.value}
        return {name: value for name, value in told.items() if value is not None}
