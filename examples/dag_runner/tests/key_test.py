"""A key that expires, or is rotated, is read anew, once for each refusal."""

from __future__ import annotations

import pytest

from dag_runner import AirflowClient, Unauthorized


@pytest.fixture
def nightly(mock_airflow, safe):
    """The key of the nightly job, which lies in the safe."""
    key = mock_airflow.keys.create(name="nightly", scope="read-write", expires_in=3600)
    safe.key = key.secret
    return key


@pytest.fixture
def client(mock_airflow, nightly, safe):
    return AirflowClient(mock_airflow.api_url, safe.read)


def test_rotated_key_is_read_anew(client, mock_airflow, nightly, safe):
    client.run("sales_report", "may")
    safe.key = mock_airflow.keys.rotate(nightly).secret

    assert client.run("sales_report", "may").state == "success"
    assert [call.status for call in mock_airflow.calls] == [200, 401, 200]
    assert safe.reads == 2


def test_expired_key_is_read_anew_between_two_polls(client, mock_airflow, nightly, safe, virtual_sleep):
    mock_airflow.plan("sales_report", {"query": 2 * 3600})
    run = client.trigger("sales_report")
    safe.key = mock_airflow.keys.create(name="next", scope="read-write").secret

    assert client.wait(run, every=600, patience=10_000).state == "success"
    assert [call.status for call in mock_airflow.calls].count(401) == 1


@pytest.mark.parametrize("end", ["revoke", "expire"])
def test_no_new_key_is_to_be_had(client, mock_airflow, nightly, safe, end):
    getattr(mock_airflow.keys, end)(nightly)
    with pytest.raises(Unauthorized, match="Invalid token"):
        client.trigger("sales_report")

    assert safe.reads == 2
