"""The page at ``/__mock__/``, which tells whoever comes by with a browser what this is and where things are."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from mock_airflow._version import __version__
from mock_airflow.answers import HTML, Answer

if TYPE_CHECKING:
    from jinja2 import Template

    from mock_airflow.deployment import Deployment

_COMMANDS = (
    ("journal show", "lists the calls; journal explain NUMBER says why one was refused"),
    ("clock advance 1h", "has an hour pass"),
    ("failures list", "lists what can go wrong; failures provoke NAME has it go wrong"),
    ("reset", "goes back to the start"),
)


def start_page(deployment: Deployment, url: str, root: str, reference: str) -> Answer:
    """The page of the server at ``url``, whose API is shown at ``reference``; it tells no secret.

    ``root`` is where the control API is reached.
    """
    page = _template().render(
        version=__version__,
        title=deployment.profile.title,
        airflow_version=deployment.settings.airflow_version,
        profile=deployment.profile.name,
        dags=len(deployment.airflow.dags),
        now=deployment.clock.now().isoformat(timespec="seconds"),
        frozen=deployment.clock.frozen,
        api=deployment.mount + deployment.api_path,
        reference=deployment.mount + reference,
        gateway=deployment.profile.gateway,
        commands=_COMMANDS,
        url=url,
        root=root,
    )
    return Answer(page, content_type=HTML)


@cache
def _template() -> Template:
    from jinja2 import Environment

    text = files("mock_airflow.control.page").joinpath("templates/start_page.html").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)
