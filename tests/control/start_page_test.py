"""The pages for whoever comes by with a browser: `/__mock__/`, and what stands for Airflow's own UI."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
import requests

from mock_airflow.cli import main
from tests.support import Mocked


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
def test_it_says_what_this_is_and_its_links_lead_somewhere(mocked: Mocked, settings, api, reference) -> None:
    airflow = mocked(**settings)
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


def test_its_commands_are_commands(mocked: Mocked, capsys: pytest.CaptureFixture[str]) -> None:
    page = requests.get(f"{mocked().url}/__mock__/").text
    lines = re.findall(r"<code>mock-airflow (\S.* --url .*?)</code>", page)

    assert len(lines) >= 4
    for line in lines:
        assert main(line.split()) == 0
    assert "2025-01-01T07:00:00+00:00" in capsys.readouterr().out


def test_without_its_slash_it_is_found_too(mocked: Mocked) -> None:
    assert "This is no Airflow" in requests.get(f"{mocked().url}/__mock__").text


def test_it_is_for_whoever_may_use_the_control_api(mocked: Mocked) -> None:
    airflow = mocked(control_token="t0ken")

    assert requests.get(f"{airflow.url}/__mock__/").status_code == 401
    assert requests.get(f"{airflow.url}/__mock__/", headers={"Authorization": "Bearer t0ken"}).status_code == 200


def test_it_is_no_call_of_a_client(mocked: Mocked) -> None:
    airflow = mocked()
    requests.get(f"{airflow.url}/__mock__/")

    assert list(airflow.calls) == []


def test_an_airflow_2_leads_from_its_root_to_the_login_which_tells_the_way(mocked: Mocked) -> None:
    airflow = mocked()
    first = requests.get(f"{airflow.url}/", allow_redirects=False)
    assert (first.status_code, first.headers["Location"]) == (302, "/home")

    page = Page(requests.get(f"{airflow.url}/"))
    assert "This is Mock Airflow" in page.text
    assert page.links == ["/__mock__/"]


def test_an_airflow_3_has_one_page_which_tells_the_way(mocked: Mocked) -> None:
    airflow = mocked(airflow_version="3.3.2")

    page = Page(requests.get(f"{airflow.url}/"))
    assert "This is Mock Airflow" in page.text
    assert page.links == ["/__mock__/"]
