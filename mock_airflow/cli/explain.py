"""What a status or a profile means here, what causes it, and how to see it happen: the texts of `mock-airflow explain`.

Every call is run by a test against a server with the options beside it, and has to be answered as it says. A profile's
text is the module `explanation` of its folder.
"""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from importlib import import_module

import click

from mock_airflow.cli.terminal import Said, columns
from mock_airflow.cli.usage import Read, Verb, operand
from mock_airflow.errors import UsageError
from mock_airflow.failures.statuses import STATUSES
from mock_airflow.profiles.explanation import CONTROL, Explanation
from mock_airflow.settings import PROFILES

_WIDTH = 96
_REASON = f"""\
  curl {CONTROL}/journal       decision, reason and would_pass of each request
  mock-airflow serve --set explain_header=true      the reason in the header X-Mock-Airflow-Reason
  mock-airflow serve --verbose                      the reason in a line per request, on stderr
  The answer's body never changes by this: it stays what a real server sends."""


def _of_profile(name: str) -> Explanation:
    explanation: Explanation = import_module(f"mock_airflow.profiles.{name.replace('-', '_')}.explanation").EXPLANATION
    return explanation


EXPLANATIONS = {**STATUSES, **{name: _of_profile(name) for name in PROFILES}}


def screen(topic: str) -> str:
    """The text on a topic, as one screen."""
    told = EXPLANATIONS[topic]
    parts = [told.title, "", textwrap.fill(told.meaning, _WIDTH), ""]
    parts += ["What causes it" if topic.isdigit() else "What to know", ""]
    parts += [textwrap.fill(cause, _WIDTH, initial_indent="  - ", subsequent_indent="    ") for cause in told.causes]
    parts += ["", "See it happen"]
    for options, calls in ((told.options, told.calls), *told.elsewhere):
        parts += ["", f"  mock-airflow serve {options}".rstrip()]
        for call, status in calls:
            parts += [f"  {call}", f"      is answered with {status}"]
    return "\n".join([*parts, "", "See the reason", "", _REASON])


_REQUEST = "POST /api/v1/dags/etl/dagRuns"
_TOPIC = Read(str, list(EXPLANATIONS))


def successor(request: str) -> Said | None:
    """What a request such as ``GET /api/v1/dags`` becomes in Airflow 3; None for what is none of v1."""
    from mock_airflow.api import migration

    method, _, path = request.partition(" ")
    found = migration.becomes(method, path.strip())
    if found is None:
        return None
    told = {
        "What is different": [f"{each.where}: {each}" for each in found.changes],
        "What to know": list(found.notes),
        "What is different everywhere": list(migration.EVERYWHERE),
    }
    parts = [f"{method.upper()} {path.strip()} in Airflow 3", "", f"  {found.method} {found.path}"]
    for title, lines in told.items():
        parts += ["", title, ""] if lines else []
        parts += [textwrap.fill(each, _WIDTH, initial_indent="  - ", subsequent_indent="    ") for each in lines]
    changes, notes, everywhere = told.values()
    data = {"method": found.method, "path": found.path, "changes": changes, "notes": notes, "everywhere": everywhere}
    return Said("\n".join(parts), data)


_REQUEST = "POST /api/v1/dags/etl/dagRuns"
_TOPIC = Read(str, list(EXPLANATIONS))


@click.command(cls=Verb)
@operand(
    "topic", "[TOPIC]...", "403, datacoves, or POST /api/v1/dags/etl/dagRuns for its successor", nargs=-1, type=_TOPIC
)
def explain(topic: tuple[str, ...]) -> Said:
    """Tell what a status, a profile or a request of /api/v1 means, and how to see it happen."""
    asked = " ".join(topic)
    if not asked:
        titles = {name: told.title for name, told in EXPLANATIONS.items()}
        titles["METHOD /api/v1/..."] = "what becomes of this request in Airflow 3"
        listed = textwrap.indent(columns(titles.items()), "  ")
        return Said(f"What `mock-airflow explain TOPIC` can tell of:\n\n{listed}", titles)
    if asked in EXPLANATIONS:
        return Said(screen(asked), asdict(EXPLANATIONS[asked]))
    found = successor(asked)
    if found is None:
        known = ", ".join(EXPLANATIONS)
        raise UsageError(
            f"There is no explanation of {asked!r}; there are {known}, and METHOD /api/v1/... for each request of v1."
        )
    return found
