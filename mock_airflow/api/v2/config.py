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
from mock_airflow.domain.installation.configuration import Sections
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
        blocks = (
            f"[{name}]\n" + "\n".join(f"{key} = {value}" for key, value in options.items()) + "\n"
            for name, options in sections.items()
        )
        return Answer("\n".join(blocks), content_type="text/plain; charset=utf-8")
    listed = [
        {"name": name, "options": [{"key": key, "value": value} for key, value in options.items()]}
        for name, options in sections.items()
    ]
    return answer({"sections": listed})


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
    sections = configuration.one_section_of_3(call.settings, name) if name else None
    return _told(sections or configuration.everything_of_3(call.settings), kind)


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
    return _told({section: {option: configuration.one_option_of_3(call.settings, section, option)}}, kind)
