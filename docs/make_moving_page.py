"""Writes docs/moving_to_v2.md: what each operation of /api/v1 becomes, as the two tables of operations tell it.

python docs/make_moving_page.py
"""

from __future__ import annotations

from pathlib import Path

from mock_airflow.api import migration
from mock_airflow.api.migration import Becomes

PAGE = Path(__file__).with_name("moving_to_v2.md")

_HEAD = """\
# Moving a client from v1 to v2

Airflow 2's API is `/api/v1`, Airflow 3's is `/api/v2`. Here they stand side by side: first what every client meets,
then each
operation. This page is written by `docs/make_moving_page.py` from the tables of operations; a test compares.

While you move, [both generations over one world](airflow3.md) let the old and the new client look at the same runs.
What one
request becomes is told by `mock-airflow explain POST /api/v1/dags/etl/dagRuns`, and, where a client still calls
`/api/v1` of an
Airflow 3, by the journal's reason. The [review](review.md) tells it of all calls of a client at once.

{everywhere}

## Sign in and trigger

With Airflow 2:

```python
import requests


def test_trigger(mock_airflow):
    mock_airflow.add_dag("etl", tasks=["extract", "load"])
    pair = mock_airflow.credentials

    run = requests.post(
        f"{{mock_airflow.api_url}}/dags/etl/dagRuns",
        json={{}},
        auth=(pair["username"], pair["password"]),
    ).json()

    assert (run["external_trigger"], run["execution_date"]) == (True, run["logical_date"])
```

With Airflow 3 a token is signed in for, and `logical_date` has to be said, be it null:

```python
import pytest
import requests


@pytest.mark.mock_airflow(airflow_version="3.3.2")
def test_trigger(mock_airflow):
    mock_airflow.add_dag("etl", tasks=["extract", "load"])
    answer = requests.post(f"{{mock_airflow.url}}/auth/token", json=mock_airflow.credentials)
    headers = {{"Authorization": f"Bearer {{answer.json()['access_token']}}"}}

    url = f"{{mock_airflow.api_url}}/dags/etl/dagRuns"
    run = requests.post(url, json={{"logical_date": None}}, headers=headers).json()

    assert (run["triggered_by"], run["logical_date"]) == ("rest_api", None)
```

## Wait for a run

With Airflow 2 a client polls:

```python
import time

import requests


def test_wait(mock_airflow, virtual_sleep):
    mock_airflow.add_dag("etl", tasks=["extract", "load"])
    run = mock_airflow.trigger("etl")
    url = f"{{mock_airflow.api_url}}/dags/etl/dagRuns/{{run.run_id}}"

    while (state := requests.get(url, headers=mock_airflow.headers).json()["state"]) in ("queued", "running"):
        time.sleep(5)

    assert state == "success"
```

With Airflow 3 it may ask to be told, line by line:

```python
import json

import pytest
import requests


@pytest.mark.mock_airflow(airflow_version="3.3.2", frozen=True)
def test_wait(mock_airflow):
    mock_airflow.add_dag("etl", tasks=["extract", "load"])
    run = mock_airflow.trigger("etl")
    url = f"{{mock_airflow.api_url}}/dags/etl/dagRuns/{{run.run_id}}/wait"

    with requests.get(url, params={{"interval": 5}}, headers=mock_airflow.headers, stream=True) as answer:
        states = [json.loads(line)["state"] for line in answer.iter_lines()]

    assert states[-1] == "success"
```

## Read all pages

With Airflow 2 by `offset`, as in [the recipe](recipes/pagination.md). With Airflow 3 by `offset` too, and runs and
task instances by
a cursor, which nothing that comes meanwhile puts out of step:

```python
import pytest
import requests


@pytest.mark.mock_airflow(airflow_version="3.3.2")
def test_every_page_is_read(mock_airflow):
    mock_airflow.add_dag("etl")
    made = [mock_airflow.trigger("etl").run_id for _ in range(5)]

    found, cursor = [], ""
    while cursor is not None:
        page = requests.get(
            f"{{mock_airflow.api_url}}/dags/etl/dagRuns",
            params={{"limit": 2, "cursor": cursor}},
            headers=mock_airflow.headers,
        ).json()
        found += [run["dag_run_id"] for run in page["dag_runs"]]
        cursor = page["next_cursor"]

    assert found == made
```

## Understand a refusal

With Airflow 2 an error is an object with `title`, `status` and `detail`. With Airflow 3 it is one key, `detail`: a
text, or for a
422 a list of all that is wrong; and who may not do a thing is told so before anything else:

```python
import pytest
import requests


@pytest.mark.mock_airflow(airflow_version="3.3.2")
def test_refusals(mock_airflow):
    mock_airflow.add_dag("etl")
    url, viewer = f"{{mock_airflow.api_url}}/dags/etl/dagRuns", mock_airflow.principal("Viewer")

    refused = requests.post(url, json={{}}, headers=mock_airflow.headers)
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "logical_date"])
    assert requests.post(url, json={{}}, headers=viewer.headers).status_code == 403
    assert requests.post(url, json={{}}).status_code == 401
```

## Each operation

| v1 | v2 | in the request | in the answer | to know |
|---|---|---|---|---|
"""


def page() -> str:
    """The page's text."""
    everywhere = "\n".join(f"- {each}" for each in migration.EVERYWHERE)
    rows = sorted((migration.whole(*row) for row in migration.table()), key=lambda told: told.v1.path)
    return _HEAD.format(everywhere=everywhere) + "".join(f"{_row(told)}\n" for told in rows)


def _row(told: Becomes) -> str:
    request = [f"{each.where}: {each}" for each in told.changes if each.where != "answer"]
    answer = [str(each) for each in told.changes if each.where == "answer"]
    cells = [
        f"`{told.v1.method} {told.v1.path}`",
        f"`{told.method} {told.path}`",
        *("<br>".join(dict.fromkeys(lines)) for lines in (request, answer, told.notes)),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
