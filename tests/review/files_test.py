"""Traffic from files: archives that a browser and a proxy exported, our own exports, recordings, and what is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_airflow import MockAirflow, MockAirflowError
from mock_airflow.journal.export import har, recording
from mock_airflow.review.imported import traffic_of
from mock_airflow.review.review import Review, review
from tests.review.talking import Talker

# Made with Chromium 156 (its developer tools) and mitmproxy 11.0.2.
EXPORTS = Path(__file__).resolve().parents[2] / "fixtures" / "archives"


def of_file(path: Path, **more: Any) -> Review:
    return review(traffic_of(path), **more)


@pytest.mark.parametrize(
    ("name", "calls", "rules"),
    [
        ("chromium", 12, ["error-read-as-success", "secret-in-conf", "secret-in-url"]),
        ("mitmproxy", 10, ["error-read-as-success", "poll-too-fast", "secret-in-conf", "secret-in-url"]),
    ],
)
def test_exports_of_a_browser_and_a_proxy_are_read(name: str, calls: int, rules: list[str]) -> None:
    found = of_file(EXPORTS / f"{name}.har", severity="warning")

    assert (found.calls, sorted(found.rules)) == (calls, rules)
    assert {each.rule for each in found.left_out} == {
        "waited-for-what-cannot-end",
        "more-rights-than-needed",
        "patch-resets-fields",
        "delete-takes-along",
        "connection-for-every-call",  # neither says by which connection a call came
    }
    told = f"{found}{json.dumps(found.as_json())}{json.dumps(found.sarif())}{found.html()}"
    assert "hunter2" not in told
    assert "7f3a91c2d4e5f6a7" not in told


def call(number: int, **more: Any) -> dict[str, Any]:
    """One call of an archive, a second after the one before it."""
    url = more.get("url", "https://airflow.example/api/v1/pools")
    return {
        "startedDateTime": f"2025-01-01T06:00:{number:02}.000Z",
        "time": 20,
        "request": {"method": "GET", "url": url, "headers": headers(more.get("sent", {}))},
        "response": {
            "status": more.get("status", 200),
            "headers": headers(more.get("told", {})),
            "content": {"text": more.get("body", "{}"), **more.get("content", {})},
        },
        **more.get("entry", {}),
    }


def headers(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def archive(tmp_path: Path, *calls: Any) -> Path:
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(calls)}}), "utf-8")
    return path


AUTH = {"Authorization": "Basic YWRtaW46aHVudGVyMg=="}
LOGIN = {"Location": "https://login.example/start"}


@pytest.mark.parametrize("header", ["X-Acme-Key", "X-Auth", "Authorization", "x-api-key", "X-Session-Token"])
def test_a_header_that_sounds_like_a_credential_is_not_told(tmp_path: Path, header: str) -> None:
    (seen,) = traffic_of(archive(tmp_path, call(1, sent={header: "kein-mensch-raet-das-9f3c"})))
    assert "raet-das" not in repr(seen.entry.request_headers)
    assert dict(seen.entry.request_headers)[header].endswith("***")


@pytest.mark.parametrize(
    ("told", "sent", "found"),
    [(LOGIN, AUTH, True), (LOGIN, {}, False), ({"Location": "https://airflow.example/start"}, AUTH, False)],
)
def test_a_credential_that_is_sent_on_is_told(
    tmp_path: Path, told: dict[str, str], sent: dict[str, str], found: bool
) -> None:
    first = call(1, status=302, sent=AUTH, told=told)
    review = of_file(archive(tmp_path, first, call(2, url=told["Location"], sent=sent)))

    assert bool(review.of("authorization-sent-on")) is found
    assert review.calls == 2
    assert "hunter2" not in str(review.as_json())


def test_only_calls_to_airflow_count_and_their_order_is_that_of_time(tmp_path: Path) -> None:
    dotnet = {"startedDateTime": "2025-01-01T06:00:06.1234567Z"}
    others = [call(3, url="https://airflow.example/static/app.js"), call(4, url="data:text/plain,x")]
    later, earlier = call(9, url="https://x.example/wf/api/v1/dags?limit=100"), call(5, entry=dotnet)
    traffic = traffic_of(archive(tmp_path, *others, later, earlier))

    assert [(each.number, each.id) for each in traffic] == [(4, "get_pools"), (3, "get_dags")]
    assert [each.described.root for each in traffic] == ["", "/wf"]


def test_bodies_in_base64_and_connections_are_read(tmp_path: Path) -> None:
    page = "eyJkYWdzIjogW10sICJ0b3RhbF9lbnRyaWVzIjogM30="  # {"dags": [], "total_entries": 3}
    calls = [
        call(
            number,
            body=page,
            content={"encoding": "base64"},
            entry={"connection": str(number), "startedDateTime": f"2025-01-01T06:00:00.{number}00Z"},
        )
        for number in range(1, 6)
    ]
    found = of_file(archive(tmp_path, *calls))

    assert found.rules[0] == "connection-for-every-call"
    assert traffic_of(archive(tmp_path, *calls)).calls[0].page == (0, 3)


BROKEN = [
    ("", "is not JSON, as an HTTP archive is: .* It may have been cut off"),
    ('{"log": {"entries": [', "is not JSON.*in line 1, column 22. It may have been cut off"),
    ("PK\x03\x04", "is not JSON"),
    ("[]", "holds a list or a single value"),
    ("{}", "is neither an HTTP archive"),
    ('{"log": []}', "traffic.har.log is .* and not the object that holds everything"),
    ('{"log": {}}', "traffic.har.log has no 'entries'"),
    ('{"log": {"entries": []}}', "holds no call to Airflow's REST API"),
    ('{"log": {"entries": [4]}}', r"traffic.har.log.entries\[0\] has no 'request'"),
    ({"request": {}, "response": {}}, r"entries\[0\].request has no 'method', which is the method"),
    ({"request": {"method": "GET", "url": 4}, "response": {}}, r"request.url is 4, and not the URL"),
    (
        {"request": {"method": "GET", "url": "http://[x/api/v1/dags"}, "response": {}},
        "which is not a URL: Invalid IPv6",
    ),
    ({"entry": {"startedDateTime": "yesterday"}}, "startedDateTime is 'yesterday', which is not a moment such as"),
    ({"entry": {"response": {"status": "200"}}}, "response.status is '200', and not the status"),
    ({"content": {"encoding": "base64", "text": "a"}}, "is not the base64 that its encoding says"),
    ({"entry": {"request": {"method": "GET", "url": "http://x/api/v1/dags", "headers": [1]}}}, r"headers\[0\] is no"),
]


@pytest.mark.parametrize(("content", "said"), BROKEN)
def test_what_is_broken_gets_a_clear_sentence(tmp_path: Path, content: Any, said: str) -> None:
    path = tmp_path / "traffic.har"
    if isinstance(content, str):
        path.write_text(content, "utf-8")
    else:
        path = archive(tmp_path, content if "request" in content else call(1, **content))
    with pytest.raises(MockAirflowError, match=said):
        traffic_of(path)


def test_what_is_no_file_or_no_text_gets_a_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(MockAirflowError, match="cannot be read: No such file"):
        traffic_of(tmp_path / "none.har")
    with pytest.raises(MockAirflowError, match="cannot be read: Is a directory"):
        traffic_of(tmp_path)
    (tmp_path / "x.har").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MockAirflowError, match="is not a text in UTF-8"):
        traffic_of(tmp_path / "x.har")
    (tmp_path / "deep.har").write_text("[" * 100_000, "utf-8")
    with pytest.raises(MockAirflowError, match="nests its values deeper"):
        traffic_of(tmp_path / "deep.har")


def test_our_own_exports_say_what_the_journal_says(tmp_path: Path) -> None:
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as airflow:
        for number in range(120):
            airflow.add_dag(f"dag_{number:03}", tasks=("only",))
        talker = Talker(airflow)
        talker.get("/dags?fields=dag_id")
        talker.post("/dags/dag_001/dagRuns", {"dag_run_id": "x", "conf": {"password": "hunter2"}}, wait=60)
        entries = list(airflow.deployment.journal)
        forms = {
            "har": har(entries),
            "entries": {"entries": [entry.told() for entry in entries]},
            "recording": recording(entries),
        }
        for name, form in forms.items():
            path = tmp_path / f"{name}.json"
            path.write_text(json.dumps(form), "utf-8")
            found = of_file(path, severity="warning")
            # a recording leaves out what holds something hidden, and tells no times
            rules = [] if name == "recording" else ["secret-in-conf"]
            assert [rule for rule in found.rules if rule != "first-page-only"] == rules, name
            assert ("poll-too-fast" in {each.rule for each in found.left_out}) is (name == "recording")


def test_recordings_of_a_real_airflow_are_read(checkout: Path) -> None:
    folder = checkout / "fixtures" / "recordings"
    files = sorted(folder.glob("airflow-2.11.2/answers/*.json"))
    found = {path.stem: of_file(path, severity="error").rules for path in files}

    assert len(files) > 10
    # a recording that tries out what a second run of the same date is answered
    assert {name: rules for name, rules in found.items() if rules} == {
        "07_dagrun_trigger": ["same-date-triggered-twice", "error-read-as-success"]
    }


def test_answers_without_their_scenario_are_refused(tmp_path: Path, checkout: Path) -> None:
    answers = next((checkout / "fixtures" / "recordings" / "airflow-2.11.2" / "answers").glob("*.json"))
    (tmp_path / "alone.json").write_text(answers.read_text("utf-8"), "utf-8")
    with pytest.raises(MockAirflowError, match="has answers alone; what was asked is not in it"):
        traffic_of(tmp_path / "alone.json")
