"""One world as two versions of Airflow show it: what is done through one face is read through the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from mock_airflow import MockAirflow
from mock_airflow.errors import MockClosedError, SettingError

VERSIONS = [("3.3.2", "2.11.2"), ("2.11.2", "3.3.2")]


def ask(mock: MockAirflow, method: str, path: str, **more: Any) -> requests.Response:
    headers = more.pop("headers", None) or mock.headers
    return requests.request(method, f"{mock.api_url}{path}", headers=headers, timeout=30, **more)


def triggered(mock: MockAirflow) -> str:
    body = {"logical_date": None} if mock.settings.generation == 3 else {}
    answer = ask(mock, "POST", "/dags/etl/dagRuns", json=body)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["dag_run_id"]
    return found


@pytest.fixture(params=VERSIONS, ids=" seen as ".join)
def faces(request: pytest.FixtureRequest) -> Iterator[tuple[MockAirflow, MockAirflow]]:
    version, other = request.param
    with MockAirflow(airflow_version=version, clock="2025-06-01T12:00:00Z", frozen=True) as mock:
        mock.add_dag("etl", tasks=["extract", "load"])
        yield mock, mock.seen_as(other)


def test_a_run_of_either_is_read_in_the_other(faces: tuple[MockAirflow, MockAirflow]) -> None:
    for asked, other in (faces, faces[::-1]):
        run_id = triggered(asked)
        asked.clock.advance(60)

        told = ask(other, "GET", f"/dags/etl/dagRuns/{run_id}").json()

        assert (told["dag_run_id"], told["state"]) == (run_id, "success")
        assert ("run_after" in told) == (other.settings.generation == 3)
        assert ("execution_date" in told) == (other.settings.generation == 2)


def test_each_has_its_own_paths_and_access(faces: tuple[MockAirflow, MockAirflow]) -> None:
    one, other = faces

    assert one.url != other.url
    assert {one.api_url[-2:], other.api_url[-2:]} == {"v1", "v2"}
    for asked, foreign in (faces, faces[::-1]):
        assert ask(asked, "GET", "/dags").status_code == 200
        assert ask(asked, "GET", "/dags", headers=foreign.headers).status_code in (401, 403)
        wrong = foreign.api_url.removeprefix(foreign.url)
        assert requests.get(f"{asked.url}{wrong}/dags", headers=asked.headers, timeout=30).status_code == 404
        assert asked.env["AIRFLOW_API_URL"] == asked.api_url


def test_people_are_the_same_with_either(faces: tuple[MockAirflow, MockAirflow]) -> None:
    for mock in faces:
        viewer = mock.principal("Viewer")
        assert ask(mock, "GET", "/dags", headers=viewer.headers).status_code == 200
        assert ask(mock, "DELETE", "/dags/etl", headers=viewer.headers).status_code == 403


def test_calls_faults_limits_and_clock_are_common(faces: tuple[MockAirflow, MockAirflow]) -> None:
    one, other = faces
    pattern = f"GET {other.api_url.removeprefix(other.url)}/pools"
    one.faults.add(pattern, status=503)

    assert ask(other, "GET", "/pools").status_code == 503
    assert ask(one, "GET", "/pools").status_code == 200
    assert [call.status for call in one.calls] == [call.status for call in other.calls] == [503, 200]
    one.calls.assert_called(pattern)
    one.clock.set(datetime(2030, 1, 1, tzinfo=timezone.utc))
    assert other.clock.now() == one.clock.now()


def test_either_is_reset_restored_rewound_and_forked(faces: tuple[MockAirflow, MockAirflow]) -> None:
    one, other = faces
    before = one.snapshot()
    run_id = triggered(other)
    call = other.calls[-1]
    fork = other.fork()

    one.restore(before)
    assert ask(other, "GET", f"/dags/etl/dagRuns/{run_id}").status_code == 404
    with fork:
        assert fork.settings == other.settings
        assert ask(fork, "GET", f"/dags/etl/dagRuns/{run_id}").status_code == 200
        assert ask(fork.seen_as(one.settings.airflow_version), "GET", f"/dags/etl/dagRuns/{run_id}").status_code == 200
    again = triggered(one)
    one.rewind(call)
    assert ask(other, "GET", f"/dags/etl/dagRuns/{again}").status_code == 404
    other.reset()
    assert not one.calls
    assert ask(one, "GET", "/dags").json()["total_entries"] == 0
    assert ask(other, "GET", "/dags").status_code == 200


def test_the_same_face_when_asked_again(faces: tuple[MockAirflow, MockAirflow]) -> None:
    one, other = faces

    assert one.seen_as(other.settings.airflow_version) is other
    assert other.seen_as(one.settings.airflow_version) is one
    assert other.story().startswith("No call reached")
    triggered(other)
    assert "etl" in other.story()


def test_a_face_is_closed_with_its_mock() -> None:
    with MockAirflow() as mock:
        other = mock.seen_as("3.3.2")
        url = other.url
    with pytest.raises(MockClosedError):
        other.url  # noqa: B018  (to ask for it is the test)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)


def test_a_vendors_gate_may_stand_before_one_face_only() -> None:
    with MockAirflow(airflow_version="3.3.2") as mock:
        other = mock.seen_as("2.11.2", profile="datacoves")

        assert set(other.credentials) == {"api_key"}
        assert ask(other, "GET", "/dags").status_code == 200
        assert ask(other, "GET", "/dags", headers=mock.headers).status_code == 401
        assert ask(mock, "GET", "/dags").status_code == 200
        mock.reset()
        assert ask(other, "GET", "/dags").status_code == 200


@pytest.mark.parametrize(
    ("version", "more", "words"),
    [
        ("latest", {}, "not as 'latest'"),
        ("2.11.2", {"profile": "airflow3"}, "'airflow3' is not one of Airflow 2.11.2"),
        ("3.3.2", {"profile": "astro"}, "keeps things of its own"),
        ("3.3.2", {"profil": "astro"}, "no setting 'profil'"),
    ],
)
def test_what_cannot_be_seen_is_refused(version: str, more: dict[str, Any], words: str) -> None:
    with MockAirflow() as mock, pytest.raises(SettingError, match=words):
        mock.seen_as(version, **more)


def test_the_fixtures_mock_has_faces_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest, requests

        kept = []

        @pytest.mark.mock_airflow(airflow_version="3.3.2")
        def test_both(mock_airflow):
            old = mock_airflow.seen_as("2.11.2")
            kept.append((f"{old.api_url}/dags", old.headers))
            assert requests.get(kept[0][0], headers=kept[0][1]).status_code == 200

        def test_it_ended_with_its_test(mock_airflow):
            assert requests.get(kept[0][0], headers=kept[0][1]).status_code == 410
        """
    )

    pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider").assert_outcomes(passed=2)


# ------------------------------------------------------------------------------------------------- roles of the other


def permitted(mock: MockAirflow, role: str) -> set[tuple[str, str]]:
    """What a role is said to permit, by the face itself."""
    admin = mock.principal("Admin").headers
    told = requests.get(f"{mock.url}/auth/fab/v1/roles/{role}", headers=admin, timeout=30).json()
    return {(each["action"]["name"], each["resource"]["name"]) for each in told["actions"]}


@pytest.mark.parametrize("home", ["2.11.2", "3.3.2"])
def test_roles_permit_what_they_do_in_the_generation_that_shows_them(home: str) -> None:
    fab = {"auth_manager": "fab"}
    with MockAirflow(airflow_version=home, **(fab if home == "3.3.2" else {})) as mock:
        three, two = (mock, mock.seen_as("2.11.2")) if home == "3.3.2" else (mock.seen_as("3.3.2", **fab), mock)
        with MockAirflow(airflow_version="3.3.2", **fab) as alone3, MockAirflow(airflow_version="2.11.2") as alone2:
            for role in ("Admin", "Op", "User", "Viewer", "Public"):
                assert permitted(three, role) == permitted(alone3, role)
                assert permitted(two, role) == permitted(alone2, role)
        for role, seen in (("Viewer", 200), ("User", 200), ("Public", 403)):
            assert ask(three, "GET", "/assets", headers=three.principal(role).headers).status_code == seen
            assert ask(two, "GET", "/datasets", headers=two.principal(role).headers).status_code == seen


def test_what_a_role_was_given_or_lost_is_so_in_both() -> None:
    with MockAirflow(airflow_version="3.3.2", auth_manager="fab") as mock:
        admin, path = mock.principal("Admin").headers, f"{mock.url}/auth/fab/v1/roles"
        old = mock.seen_as("2.11.2")

        def told(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
            return [{"action": {"name": action}, "resource": {"name": resource}} for action, resource in pairs]

        held = permitted(mock, "Viewer") - {("can_read", "Pools")} | {("can_read", "Variables")}
        body = {"name": "Viewer", "actions": told(*held)}
        assert requests.patch(f"{path}/Viewer", json=body, headers=admin, timeout=30).status_code == 200
        own = {"name": "assets", "actions": told(("can_read", "Assets"))}
        assert requests.post(path, json=own, headers=admin, timeout=30).status_code == 200

        viewer = old.principal("Viewer").headers
        assert ask(old, "GET", "/pools", headers=viewer).status_code == 403
        assert ask(old, "GET", "/variables", headers=viewer).status_code == 200
        assert ask(old, "GET", "/datasets", headers=viewer).status_code == 200
        assert permitted(old, "assets") == {("can_read", "Datasets")}


def test_an_auth_manager_is_a_setting_of_airflow_3() -> None:
    with pytest.raises(
        SettingError, match=r"setting of Airflow 3, and an Airflow 2\.11\.2 has FAB's users and roles any"
    ):
        MockAirflow(auth_manager="fab")
    with MockAirflow(airflow_version="3.3.2", auth_manager="fab") as mock:
        assert mock.seen_as("2.11.2").settings.auth_manager is None
        with pytest.raises(SettingError, match="set airflow_version"):
            mock.seen_as("2.10.0", auth_manager="fab")
