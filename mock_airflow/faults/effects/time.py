"""Effects in time: late answers, and a clock that goes wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from mock_airflow.faults.effects.effect import Effect, number

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule

_FORMS = (
    "seconds are expected, or [low, high], or an object with one of fixed, uniform ([low, high]) and log_normal "
    '({"median": m, "sigma": s}), and "real": true for real seconds'
)


@dataclass(frozen=True, slots=True)
class Latency(Effect):
    """The request waits before it is looked at, as in a queue; on the deployment's clock unless it is told otherwise.

    A clock that is frozen advances at once. Nobody else waits: the deployment is not held meanwhile.
    """

    keyword = "latency"
    help = "wait before the request is looked at: seconds, [low, high], or a distribution"
    delays = True

    @classmethod
    def read(cls, value: Any) -> Any:
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
            raise ValueError(_FORMS)
        kind, parameters = next(iter(rest.items()))
        if kind == "fixed":
            parameters = _seconds(parameters)
        elif kind == "uniform":
            if not isinstance(parameters, (list, tuple)) or len(parameters) != 2:
                raise ValueError(_FORMS)
            parameters = [_seconds(edge) for edge in parameters]
            if parameters[0] > parameters[1]:
                raise ValueError("the lower edge comes first")
        elif kind == "log_normal" and isinstance(parameters, dict) and parameters.keys() == {"median", "sigma"}:
            parameters = {name: _seconds(part) for name, part in parameters.items()}
            if parameters["sigma"] > 10 or not parameters["median"]:
                raise ValueError("a median above 0 and a sigma up to 10 are expected")
        else:
            raise ValueError(_FORMS)
        return {kind: parameters, "real": True} if real else {kind: parameters}

    @property
    def text(self) -> str:
        """Such as ``latency 2 s``."""
        real = " of real time" if self.value.get("real") else ""
        if "fixed" in self.value:
            return f"latency {self.value['fixed']:g} s{real}"
        if "uniform" in self.value:
            low, high = self.value["uniform"]
            return f"latency {low:g} to {high:g} s{real}"
        form = self.value["log_normal"]
        return f"latency around {form['median']:g} s (log-normal, sigma {form['sigma']:g}){real}"

    def before(self, course: Course, rule: Rule) -> None:
        """Wait."""
        course.wait(self._drawn(course, rule), real=self.value.get("real", False))

    def _drawn(self, course: Course, rule: Rule) -> float:
        if "fixed" in self.value:
            return float(self.value["fixed"])
        fraction = course.draw(rule, "latency")
        if "uniform" in self.value:
            low, high = self.value["uniform"]
            return float(low + (high - low) * fraction)
        from statistics import NormalDist

        form = self.value["log_normal"]
        return float(form["median"] * math.exp(form["sigma"] * NormalDist().inv_cdf(max(fraction, 1e-12))))


def _seconds(value: Any) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    amount = number(value, "a number of seconds")
    if amount < 0:
        raise ValueError("no wait is shorter than 0 seconds")
    return amount


@dataclass(frozen=True, slots=True)
class DateSkew(Effect):
    """The answer's Date header is off, as with a server whose clock was not set."""

    keyword = "date_skew"
    help = "seconds by which the Date header is ahead of the deployment's clock; negative for behind"
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """Seconds; a timedelta is taken too."""
        if isinstance(value, timedelta):
            value = value.total_seconds()
        amount = number(value, "a number of seconds")
        if abs(amount) > 3e9:
            raise ValueError("up to 3e9 seconds, about a century, are possible")
        return amount

    @property
    def text(self) -> str:
        """Such as ``Date off by -300 s``."""
        return f"Date off by {self.value:+g} s"

    def after(self, course: Course, rule: Rule) -> None:
        """Set the header."""
        moment = course.deployment.airflow.now() + timedelta(seconds=self.value)
        course.headers["Date"] = format_datetime(moment.replace(microsecond=0), usegmt=True)
