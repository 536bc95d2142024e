"""The configuration, as far as the deployment shows it."""

from __future__ import annotations

import json

from mock_airflow.access.permissions import on
from mock_airflow.answers import HTML, JSON, Answer, Refusal
from mock_airflow.api.airflow2.accept import best_match
from mock_airflow.api.airflow2.parameters import Query
from mock_airflow.api.airflow2.problems import Problem
from mock_airflow.api.airflow2.schema import Field, Schema, as_read_only, nested
from mock_airflow.api.operation import Call
from mock_airflow.api.v1.api import API
from mock_airflow.domain.installation import configuration
from mock_airflow.domain.installation.configuration import AIRFLOW_2, Sections
from mock_airflow.journal.why import Why

operation = API.tagged("Config")

TEXT = "text/plain"
CONFIG_OPTION = Schema("ConfigOption", *as_read_only(Field("key"), Field("value")))
CONFIG_SECTION = Schema("ConfigSection", *as_read_only(Field("name")), nested("options", CONFIG_OPTION, many=True))
CONFIG = Schema("Config", nested("sections", CONFIG_SECTION, many=True))


def _wanted_type(call: Call) -> str:
    """Text or JSON, as the client takes it. Raises Refusal (406), and then Problem (403) where nothing is exposed."""
    kind = best_match(call.headers.get("Accept"), (TEXT, JSON))
    if kind is None:
        raise Refusal(
            status=406,
            body="",
            content_type=HTML,
            why=Why(
                "The configuration comes as text/plain or application/json; the Accept header takes neither.",
                would_pass="the header Accept: application/json",
            ),
        )
    if call.settings.expose_config == "False":
        raise Problem(
            403,
            "Forbidden",
            "Your Airflow administrator chose not to expose the configuration, most likely for security reasons.",
            why=Why("The setting expose_config is off."),
        )
    return kind


def _told(sections: Sections, kind: str) -> Answer:
    """The answer: sections in the form of airflow.cfg, or as JSON with four spaces a level (observed)."""
    if kind == TEXT:
        return Answer(configuration.in_text(sections), content_type=TEXT)
    return Answer(json.dumps(configuration.in_json(sections), indent=4))


@operation(
    "GET", "/config", access=on("GET", "Configurations"), query=(Query("section"),), answer=CONFIG, media=(JSON, TEXT)
)
def get_config(call: Call) -> Answer:
    """Read the configuration, or one section of it."""
    kind = _wanted_type(call)
    sensitive = call.settings.expose_config == "True"
    name = call.query.get("section")
    if name:
        return _told(AIRFLOW_2.one_section(call.settings, name, sensitive=sensitive), kind)
    return _told(AIRFLOW_2.everything(call.settings, sensitive=sensitive), kind)


@operation(
    "GET",
    "/config/section/{section}/option/{option}",
    access=on("GET", "Configurations"),
    answer=CONFIG,
    media=(JSON, TEXT),
)
def get_value(call: Call) -> Answer:
    """Read one option of the configuration."""
    kind = _wanted_type(call)
    section, option = call.path["section"], call.path["option"]
    return _told({section: {option: AIRFLOW_2.one_option(call.settings, section, option)}}, kind)
