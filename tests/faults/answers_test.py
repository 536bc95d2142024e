"""Effects on the answer: statuses in many words, bodies, types and headers."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import pytest

from mock_airflow import MockAirflow
from mock_airflow.in_process.wsgi_call import wsgi_call

NOW = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)


def lowered(reply):
    return {name.lower(): value for name, value in reply.headers}


@pytest.mark.parametrize(
    ("status", "page", "server", "title"),
    [
        (502, None, "nginx", "502 Bad Gateway"),
        (503, None, "nginx", "503 Service Temporarily Unavailable"),
        (504, None, "nginx", "504 Gateway Time-out"),
        (502, "alb", "awselb/2.0", "502 Bad Gateway"),
        (503, "alb", "awselb/2.0", "503 Service Temporarily Unavailable"),
        (504, "alb", "awselb/2.0", "504 Gateway Time-out"),
        (520, None, "cloudflare", "520: Web server is returning an unknown error"),
        (524, None, "cloudflare", "524: A timeout occurred"),
        (413, "nginx", "nginx", "413 Request Entity Too Large"),
    ],
)
def test_gateways_page(airflow, ask, status, page, server, title):
    airflow.faults.add("*", status=status, page=page)
    answer = ask()
    headers = lowered(answer)
    body = answer.body.decode()

    assert answer.status == status
    assert headers["server"] == server
    assert headers["content-type"].lower().startswith("text/html")
    assert f"{title}</title>" in body
    assert ("<center>nginx</center>" in body) == (server == "nginx")
    assert ("cf-ray" in headers) == (server == "cloudflare")
    assert "x-robots-tag" not in headers, "nothing of Airflow's gets out"
    assert headers["content-length"] == str(len(answer.body))


def test_status_in_the_words_of_the_api(airflow, ask):
    airflow.faults.add("*", status=503, page="api", times=1)
    airflow.faults.add("*", status=418)
    answer = ask()
    headers = lowered(answer)

    assert (answer.status, headers["content-type"]) == (503, "application/problem+json")
    assert headers["server"].startswith("mock-airflow/")
    assert headers["cache-control"] == "no-store"
    told = json.loads(answer.body)
    assert (told["status"], told["title"], told["type"]) == (503, "Service Unavailable", "about:blank")
    assert ask().status == 418


def test_airflow_is_not_asked(airflow, ask):
    airflow.faults.add("POST *", status=503, times=1)

    assert ask("POST", "/api/v1/pools", b'{"name": "p", "slots": 1}').status == 503
    assert ask("GET", "/api/v1/pools/p").status == 404
    assert airflow.calls[0].changes == ()


@pytest.mark.parametrize(
    ("body", "content_type", "sent"),
    [
        ("<html>Sign in</html>", "text/html; charset=utf-8", b"<html>Sign in</html>"),
        ({"error": "maintenance"}, "application/json", b'{"error": "maintenance"}'),
        ('{"a": 1}', "application/json", b'{"a": 1}'),
        ("upstream connect error", "text/plain", b"upstream connect error"),
        ("", "text/plain", b""),
    ],
)
@pytest.mark.parametrize("status", [None, 200, 503])
def test_body_of_ones_own(airflow, ask, body, content_type, sent, status):
    airflow.faults.add("get_dags", body=body, status=status)
    answer = ask()

    assert (answer.status, answer.body) == (status or 200, sent)
    assert lowered(answer)["content-type"] == content_type
    assert lowered(answer)["content-length"] == str(len(sent))


def test_headers_are_set_and_taken_away(airflow, ask):
    airflow.faults.add("get_dags", headers={"X-Request-Id": "7", "Cache-Control": None})
    headers = lowered(ask())

    assert headers["x-request-id"] == "7"
    assert "cache-control" not in headers


@pytest.mark.parametrize(
    ("form", "header"),
    [
        (2, "2"),
        ("30", "30"),
        (0, "0"),
        ("zero", "0"),
        ("absent", None),
        ("past", "Sun, 01 Jun 2025 11:00:00 GMT"),
        ("date 30", "Sun, 01 Jun 2025 12:00:30 GMT"),
        ("date", "Sun, 01 Jun 2025 12:00:01 GMT"),
        ("absurd", "315360000"),
        ("malformed", "soon"),
    ],
)
def test_forms_of_retry_after(airflow, ask, form, header):
    airflow.faults.add("*", status=503, retry_after=form)

    assert lowered(ask()).get("retry-after") == header


def test_garbage_looks_whole_and_is_no_json(airflow, ask):
    airflow.faults.add("*", garbage=True)
    for path in ("/api/v1/dags", "/api/v1/health", "/api/v1/dags/nope"):
        answer = ask("GET", path)
        assert lowered(answer)["content-type"] == "application/json"
        assert lowered(answer)["content-length"] == str(len(answer.body))
        with pytest.raises(ValueError, match=r"Expecting|Invalid|Extra|Unterminated"):
            json.loads(answer.body)


def test_wrong_content_type(airflow, ask):
    airflow.faults.add("*", content_type="text/html", times=1)
    answer = ask()

    assert lowered(answer)["content-type"] == "text/html"
    assert json.loads(answer.body)["total_entries"] == 5


@pytest.mark.parametrize("skew", [-3600, 90])
def test_skewed_date(airflow, ask, skew):
    airflow.faults.add("*", date_skew=skew)

    assert (parsedate_to_datetime(lowered(ask())["date"]) - NOW).total_seconds() == skew


def test_faults_stand_before_a_vendors_gate():
    with MockAirflow(profile="datacoves") as airflow:
        airflow.faults.add("*", status=502, times=1)
        url = "http://localhost/api/v1/dags"

        assert wsgi_call(airflow.deployment.wsgi, "GET", url).status == 502
        assert wsgi_call(airflow.deployment.wsgi, "GET", url).status == 401
