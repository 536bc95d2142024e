"""The pages for whoever comes by with a browser: `/__mock__/`, and what stands for Airflow's own UI."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.cli import main

Deploy = Callable[..., MockAirflow]


class Page(HTMLParser):
    """The text of a page, and where its links lead."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.text, self.links = "", []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if tag == "a" and name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += " ".join(data.split()) + " "


@pytest.fixture
def deploy() -> Iterator[Deploy]:
    begun = []

    def deploy(**settings: object) -> MockAirflow:
        begun.append(MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True, **settings).__enter__())
        return begun[-1]

    yield deploy
    for mock in begun:
        mock.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("settings", "api", "reference"),
    [
        ({}, "/api/v1", "/api/v1/ui/"),
        ({"base_url": "http://localhost:8080/team-a"}, "/team-a/api/v1", "/team-a/api/v1/ui/"),
        ({"airflow_version": "3.3.2"}, "/api/v2", "/docs"),
        ({"profile": "datacoves"}, "/api/v1", "/api/v1/ui/"),
    ],
    ids=["2", "mounted", "3", "gate"],
)
def test_it_says_what_this_is_and_its_links_lead_somewhere(deploy: Deploy, settings, api, reference) -> None:
    airflow = deploy(**settings)
    answer = requests.get(f"{airflow.url}/__mock__/")
    page = Page(answer)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for told in ("This is no Airflow", airflow.settings.airflow_version, api, "2025-01-01T06:00:00+00:00"):
        assert told in page.text
    assert reference in page.links
    assert len(page.links) >= 3
    for link in page.links:
        assert requests.get(urljoin(airflow.url, link), headers=airflow.headers).status_code == 200
    for secret in airflow.credentials.values():
        assert secret == "admin" or secret not in answer.text


def test_its_commands_are_commands(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    page = requests.get(f"{deploy().url}/__mock__/").text
    lines = re.findall(r"<code>mock-airflow (\S.* --url .*?)</code>", page)

    assert len(lines) >= 4
    for line in lines:
        assert main(line.split()) == 0
    assert "2025-01-01T07:00:00+00:00" in capsys.readouterr().out


def test_without_its_slash_it_is_found_too(deploy: Deploy) -> None:
    assert "This is no Airflow" in requests.get(f"{deploy().url}/__mock__").text


def test_it_is_for_whoever_may_use_the_control_api(deploy: Deploy) -> None:
    airflow = deploy(control_token="t0ken")

    assert requests.get(f"{airflow.url}/__mock__/").status_code == 401
    assert requests.get(f"{airflow.url}/__mock__/", headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_it_is_no_call_of_a_client(deploy: Deploy) -> None:
    airflow = deploy()
    requests.get(f"{airflow.url}/__mock__/")

    assert list(airflow.calls) == []


def test_an_airflow_2_leads_from_its_root_to_the_login_which_tells_the_way(deploy: Deploy) -> None:
    airflow = deploy()
    first = requests.get(f"{airflow.url}/", allow_redirects=False)
    assert (first.status_code, first.headers["Location"]) == (302, "/home")

    page = Page(requests.get(f"{airflow.url}/"))
    assert "This is Mock Airflow" in page.text
    assert page.links == ["/__mock__/"]


def test_an_airflow_3_has_one_page_which_tells_the_way(deploy: Deploy) -> None:
    airflow = deploy(airflow_version="3.3.2")

    page = Page(requests.get(f"{airflow.url}/"))
    assert "This is Mock Airflow" in page.text
    assert page.links == ["/__mock__/"]
