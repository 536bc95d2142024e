"""Effects on the request on its way: it waits, or comes in with another credential or other fields than were sent."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from mock_airflow.faults.effects.effect import effect, number

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule

_FORM = "application/x-www-form-urlencoded"
_CREDENTIALS = {
    "none": "no credential arrives",
    "malformed": "its credential arrives cut off",
    "wrong-scheme": "its credential arrives under another scheme",
}
_LATENCIES = (
    "seconds are expected, or [low, high], or an object with one of fixed, uniform ([low, high]) and log_normal "
    '({"median": m, "sigma": s}), and "real": true for real seconds'
)


def _credential(value: Any) -> Any:
    if not isinstance(value, str) or value not in _CREDENTIALS:
        raise ValueError("'none', 'malformed' or 'wrong-scheme' is expected")
    return value


@effect(
    "what becomes of the request's credential: 'none', 'malformed' or 'wrong-scheme'",
    read=_credential,
    text=lambda value: _CREDENTIALS[value],
)
def credential(course: Course, rule: Rule, value: str) -> None:
    """Lose the credential, cut it off after its scheme, or put it under another one, as a proxy or a client may.

    A cookie goes with it, since a session would be a credential too.
    """
    environ, deployment = course.request.environ, course.deployment
    name = "HTTP_" + deployment.profile.credential_header(deployment.settings).upper().replace("-", "_")
    header = environ.pop(name, None)
    environ.pop("HTTP_COOKIE", None)
    if value == "none" or header is None:
        return
    scheme, space, secret = header.partition(" ")
    if not space:
        scheme, secret = "", header
    if value == "malformed":
        environ[name] = scheme or secret[:4]
    else:
        environ[name] = f"{'Digest' if scheme.lower() != 'digest' else 'Basic'} {secret}"


def _fields(value: Any) -> Any:
    if not isinstance(value, dict) or not value or not all(isinstance(name, str) for name in value):
        raise ValueError("an object of fields and values is expected")
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise ValueError("an object of fields and values that JSON can say is expected") from None
    return value


@effect(
    "an object of fields that arrive with these values in the body; null takes one away",
    read=_fields,
    text=lambda value: f"the body arrives with another {', '.join(value)}",
)
def send(course: Course, rule: Rule, value: dict[str, Any]) -> None:
    """Give some fields of the request's JSON object or form other values."""
    environ = course.request.environ
    length = course.request.content_length or 0
    sent = environ["wsgi.input"].read(length) if length else b""
    if course.request.mimetype == _FORM:
        fields = dict(parse_qsl(sent.decode("utf-8", "replace"), keep_blank_values=True))
        sent = urlencode(_changed(fields, value)).encode()
    else:
        try:
            read = json.loads(sent)
        except ValueError:
            read = None
        if isinstance(read, dict):
            sent = json.dumps(_changed(read, value)).encode()
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(sent), str(len(sent))


def _changed(fields: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    return {name: told for name, told in {**fields, **value}.items() if told is not None}


def _latency(value: Any) -> Any:
    """Every form as an object with the distribution and, if so, ``real``."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, (list, tuple)):
        value = {"uniform": value}
    elif not isinstance(value, dict):
        value = {"fixed": value}
    rest = dict(value)
    real = rest.pop("real", False)
    if len(rest) != 1 or not isinstance(real, bool):
        raise ValueError(_LATENCIES)
    kind, parameters = next(iter(rest.items()))
    if kind == "fixed":
        parameters = _seconds(parameters)
    elif kind == "uniform":
        if not isinstance(parameters, (list, tuple)) or len(parameters) != 2:
            raise ValueError(_LATENCIES)
        parameters = [_seconds(edge) for edge in parameters]
        if parameters[0] > parameters[1]:
            raise ValueError("the lower edge comes first")
    elif kind == "log_normal" and isinstance(parameters, dict) and parameters.keys() == {"median", "sigma"}:
        parameters = {name: _seconds(part) for name, part in parameters.items()}
        if parameters["sigma"] > 10 or not parameters["median"]:
            raise ValueError("a median above 0 and a sigma up to 10 are expected")
    else:
        raise ValueError(_LATENCIES)
    return {kind: parameters, "real": True} if real else {kind: parameters}


def _seconds(value: Any) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    amount = number(value, "a number of seconds")
    if amount < 0:
        raise ValueError("no wait is shorter than 0 seconds")
    return amount


def _latency_text(value: dict[str, Any]) -> str:
    real = " of real time" if value.get("real") else ""
    if "fixed" in value:
        return f"latency {value['fixed']:g} s{real}"
    if "uniform" in value:
        low, high = value["uniform"]
        return f"latency {low:g} to {high:g} s{real}"
    form = value["log_normal"]
    return f"latency around {form['median']:g} s (log-normal, sigma {form['sigma']:g}){real}"


@effect(
    "wait before the request is looked at: seconds, [low, high], or a distribution",
    read=_latency,
    text=_latency_text,
    delays=True,
)
def latency(course: Course, rule: Rule, value: dict[str, Any]) -> None:
    """Wait, as in a queue, on the deployment's clock unless it is told otherwise.

    A clock that is frozen advances at once. Nobody else waits: the deployment is not held meanwhile.
    """
    course.wait(_drawn(course, rule, value), real=value.get("real", False))


def _drawn(course: Course, rule: Rule, value: dict[str, Any]) -> float:
    if "fixed" in value:
        return float(value["fixed"])
    fraction = course.draw(rule, "latency")
    if "uniform" in value:
        low, high = value["uniform"]
        return float(low + (high - low) * fraction)
    from statistics import NormalDist

    form = value["log_normal"]
    return float(form["median"] * math.exp(form["sigma"] * NormalDist().inv_cdf(max(fraction, 1e-12))))
