"""The deployments of a hub: which there are, a new one, opening one, deleting one."""

from __future__ import annotations

from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.control.page.page import ConsolePage, ConsoleVisit
from mock_airflow.server.hub import KEY
from mock_airflow.settings import PROFILES
from mock_airflow.world.reading import built_in_worlds

PAGE = ConsolePage("deployments", "Deployments", "h")
_SHOWN = 200


@PAGE.shows(beside=True)
def deployments(visit: ConsoleVisit) -> Answer:
    """List the deployments."""
    found = visit.ask("list_deployments")["deployments"]
    return visit.show(
        "deployments.html",
        found=found[:_SHOWN],
        total=len(found),
        hub=KEY in visit.request.environ,
        profiles=PROFILES,
        worlds=built_in_worlds(),
        server=visit.request.host_url.rstrip("/"),
    )


@PAGE.does("/create", beside=True)
def create(visit: ConsoleVisit) -> Answer:
    """Make a deployment."""
    given = visit.given("name", "profile", "airflow_version", "world", "rate_limit", "clock")
    body: dict[str, Any] = {"settings": {name: text for name, text in given.items() if name != "name"}}
    if "name" in given:
        body["name"] = given["name"]
    made = visit.ask("create_deployment", body=body)
    return visit.back(said=f"The deployment {made['name']} is there, at {made['url']}.")


@PAGE.does("/delete", beside=True)
def delete(visit: ConsoleVisit) -> Answer:
    """Delete a deployment."""
    name = visit.form.get("id", "")
    visit.ask("delete_deployment", id=name)
    return visit.back(said=f"The deployment {name} is gone, with all that it had.")
