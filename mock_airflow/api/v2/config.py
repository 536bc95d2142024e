"""The configuration, as far as the deployment shows it."""

from __future__ import annotations

from mock_airflow.access.permissions import on
from mock_airflow.answers import JSON, Answer
from mock_airflow.api.airflow3.accept import TEXT, accept, accepted
from mock_airflow.api.airflow3.dialect import answer
from mock_airflow.api.airflow3.parameters import Parameter
from mock_airflow.api.airflow3.problems import Detail
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.domain.installation import configuration
from mock_airflow.domain.installation.configuration import AIRFLOW_3, Sections
from mock_airflow.journal.why import Why

operation = API.tagged("Config")


def _form(call: Call) -> str:
    """Text or JSON, as the client takes it. Raises Detail: 406, and then 403 where nothing is exposed."""
    kind = accepted(call)
    if call.settings.expose_config == "False":
        raise Detail(
            403,
            "Your Airflow administrator chose not to expose the configuration, most likely for security reasons.",
            why=Why("The setting expose_config is off."),
        )
    return kind


def _told(sections: Sections, kind: str) -> Answer:
    if kind == TEXT:
        return Answer(configuration.in_text(sections), content_type="text/plain; charset=utf-8")
    return answer(configuration.in_json(sections))


@operation(
    "GET",
    "/config",
    access=on("GET", "Configurations"),
    query=(Parameter("section"),),
    media=(JSON, TEXT),
    headers=(accept(JSON, TEXT),),
    answer="Config",
    refuses=(404, 406),
)
def get_config(call: Call) -> Answer:
    """Read the configuration, or one section of it."""
    kind = _form(call)
    name = call.query["section"]
    sections = AIRFLOW_3.one_section(call.settings, name) if name else None
    return _told(sections or AIRFLOW_3.everything(call.settings), kind)


@operation(
    "GET",
    "/config/section/{section}/option/{option}",
    access=on("GET", "Configurations"),
    media=(JSON, TEXT),
    headers=(accept(JSON, TEXT),),
    answer="Config",
    refuses=(404, 406),
)
def get_config_value(call: Call) -> Answer:
    """Read one option of the configuration; the names come back as they were asked for (observed)."""
    kind = _form(call)
    section, option = call.path["section"], call.path["option"]
    return _told({section: {option: AIRFLOW_3.one_option(call.settings, section, option)}}, kind)
