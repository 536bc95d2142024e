"""What a status or a profile means here, what causes it, and how to see it happen: the texts of `mock-airflow explain`.

Every call is run by a test against a server with the options beside it, and has to be answered as it says. A profile's
text is the module `explanation` of its folder.
"""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from importlib import import_module

import click

from mock_airflow.cli.serving.options import parsed_setting
from mock_airflow.cli.terminal import Said, columns
from mock_airflow.cli.usage import Read, Verb, operand
from mock_airflow.errors import UsageError
from mock_airflow.failures.statuses import STATUSES
from mock_airflow.failures.statuses_of_3 import STATUSES_OF_3
from mock_airflow.profiles.explanation import CONTROL, Explanation
from mock_airflow.settings import PROFILES, Settings

_WIDTH = 96
_REASON = f"""\
  curl {CONTROL}/journal       decision, reason and would_pass of each request
  mock-airflow serve --set explain_header=true      the reason in the header X-Mock-Airflow-Reason
  mock-airflow serve --verbose                      the reason in a line per request, on stderr
  The answer's body never changes by this: it stays what a real server sends."""


def _of_profile(name: str) -> Explanation:
    explanation: Explanation = import_module(f"mock_airflow.profiles.{name.replace('-', '_')}.explanation").EXPLANATION
    return explanation


_PROFILES = {name: _of_profile(name) for name in PROFILES}
# What there is to explain, by generation.
EXPLANATIONS: dict[int, dict[str, Explanation]] = {2: {**STATUSES, **_PROFILES}, 3: {**STATUSES_OF_3, **_PROFILES}}
_KNOWN = list(dict.fromkeys([*sorted({*STATUSES, *STATUSES_OF_3}), *_PROFILES]))


def generation_of(topic: str, asked: int | None) -> int:
    """Of which Airflow to tell: as asked; else of 2, unless only 3 has the topic."""
    return asked if asked is not None else 2 if topic in EXPLANATIONS[2] else 3


def screen(topic: str, generation: int = 2) -> str:
    """The text on a topic, as one screen."""
    told = EXPLANATIONS[generation][topic]
    parts = [told.title, "", textwrap.fill(told.meaning, _WIDTH), ""]
    parts += ["What causes it" if topic.isdigit() else "What to know", ""]
    parts += [textwrap.fill(cause, _WIDTH, initial_indent="  - ", subsequent_indent="    ") for cause in told.causes]
    parts += ["", "See it happen"]
    for options, calls in ((told.options, told.calls), *told.elsewhere):
        parts += ["", f"  mock-airflow serve {options}".rstrip()]
        for call, status in calls:
            parts += [f"  {call}", f"      is answered with {status}"]
    parts += ["", "See the reason", "", _REASON]
    if topic.isdigit() and topic in EXPLANATIONS[5 - generation]:
        version = {2: "3.3.2", 3: "2.11.2"}[generation]
        parts += ["", f"Airflow {version[0]} differs: mock-airflow explain {topic} --airflow-version {version}"]
    return "\n".join(parts)


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
    parts = [f"{method.upper()} {path.strip()} in Airflow 3", "", f"  {found.method} {found.path}", *_listed(told)]
    changes, notes, everywhere = told.values()
    data = {"method": found.method, "path": found.path, "changes": changes, "notes": notes, "everywhere": everywhere}
    return Said("\n".join(parts), data)


def _listed(told: dict[str, list[str]]) -> list[str]:
    """Titles with the points below each; what has none is left out."""
    parts: list[str] = []
    for title, lines in told.items():
        parts += ["", title, ""] if lines else []
        parts += [textwrap.fill(each, _WIDTH, initial_indent="  - ", subsequent_indent="    ") for each in lines]
    return parts


def of_airflow_3(request: str) -> Said:
    """A request such as ``GET /api/v2/dags``: who may send it, what it takes, how it is answered.

    Raises UsageError for one that Airflow 3 does not have.
    """
    from mock_airflow.api.described import described

    method, _, path = request.partition(" ")
    told = described(method.upper(), path.strip())
    head = [f"{told.method} {told.path}: {told.summary}"]
    points = {
        "Who may": told.permissions,
        "Parameters": [str(each) for each in told.parameters],
        "Body": [str(each) for each in told.body],
        "Answers": [f"{status}: {what}" for status, what in told.answers.items()],
        "In Airflow 2": told.before,
    }
    return Said("\n".join([*head, *_listed(points)]), asdict(told))


_TOPIC = Read(str, _KNOWN)


@click.command(cls=Verb)
@operand(
    "topic",
    "[TOPIC]...",
    "403, datacoves, GET /api/v2/dags, or POST /api/v1/dags/etl/dagRuns for its successor",
    nargs=-1,
    type=_TOPIC,
)
@click.option("--airflow-version", metavar="VERSION", help="of which Airflow's statuses (default: 2, or who has it)")
def explain(topic: tuple[str, ...], airflow_version: str | None) -> Said:
    """Tell what a status, a profile or a request means, and how to see it happen."""
    asked = " ".join(topic)
    given = parsed_setting("airflow_version", airflow_version, "--airflow-version") if airflow_version else None
    generation = generation_of(asked, Settings.of(airflow_version=given).generation if given else None)
    if not asked:
        titles = {name: EXPLANATIONS[generation_of(name, None)][name].title for name in _KNOWN}
        titles["METHOD /api/v1/..."] = "what becomes of this request in Airflow 3"
        titles["METHOD /api/v2/..."] = "who may send it, what it takes, how it is answered"
        listed = textwrap.indent(columns(titles.items()), "  ")
        return Said(f"What `mock-airflow explain TOPIC` can tell of:\n\n{listed}", titles)
    if asked in EXPLANATIONS[generation]:
        return Said(screen(asked, generation), asdict(EXPLANATIONS[generation][asked]))
    if asked in _KNOWN:
        raise UsageError(f"Airflow {generation} answers nothing with {asked}; Airflow {5 - generation} does.")
    if " /api/v2/" in asked or " /auth/" in asked:
        return of_airflow_3(asked)
    found = successor(asked)
    if found is None:
        method, _, path = asked.partition(" ")
        if path.startswith("/") and not path.startswith("/api/"):
            raise UsageError(
                f"A request is named with the whole path, such as {method} /api/v1{path} or {method} /api/v2{path}, and"
                f" not {asked!r}."
            )
        raise UsageError(
            f"There is no explanation of {asked!r}; there are {', '.join(_KNOWN)}, METHOD /api/v1/... for each request"
            " of v1, and METHOD /api/v2/... for each of Airflow 3."
        )
    return found
