"""Writes docs/failures.md: the catalogue of failures, and what each looks like with every profile, as it is met.

python docs/make_failures_page.py
"""

from __future__ import annotations

import re
from pathlib import Path

from mock_airflow import MockAirflow
from mock_airflow.errors import FailureError
from mock_airflow.failures.catalogue import CATALOGUE
from mock_airflow.failures.preview import Look, look
from mock_airflow.settings import PROFILES

PAGE = Path(__file__).with_name("failures.md")
_OPTIONS = {"airbyte": {"airbyte_edition": "cloud"}}  # the edition that has a bound on the number of applications

_HEAD = """\
# The catalogue of failures

Everything that access, limits and gateways can put before a client, one call each. The call acts on the credential that
the deployment handed out first, which is what the client under test holds, or on the requests that it makes.

```python
def test_a_revoked_key_is_told_to_the_user(mock_airflow):
    mock_airflow.failures.provoke("revoked")
    ...  # run the client
```

From a shell: `mock-airflow failures provoke revoked`, and `mock-airflow failures look revoked` to see the answer
without arranging it. From any language: `POST /__mock__/failures {"name": "revoked"}` and
`GET /__mock__/failures/revoked`. `reset` and `restore` take it back. The mark
`mock_airflow_matrix(failures="all")` runs one test in front of each. What a single rule can do beyond this catalogue
is told by [faults](faults.md).

The answers are those of an Airflow 2; of a vendor's profile on Airflow 3 there is a row where more than the path
and the layout is different.

This page is written by `docs/make_failures_page.py`, which meets each failure with each profile; a test compares.
"""


def page() -> str:
    """The page's text."""
    parts = [_HEAD]
    mocks = {name: _mock(name) for name in PROFILES}
    on_3 = {name: _mock(name, airflow_version="3.3.2") for name in PROFILES if not name.startswith("airflow")}
    for failure in CATALOGUE.values():
        parts += [f"## {failure.name}", "", failure.title, "", "| profile | request | answer |", "|---|---|---|"]
        for profile, mock in mocks.items():
            told = _told(mock, failure.name)
            parts.append(f"| `{profile}` | {told} |")
            if profile in on_3 and _moved(other := _told(on_3[profile], failure.name)) != _moved(told):
                parts.append(f"| `{profile}`, 3.x | {other} |")
        parts.append("")
    return "\n".join(parts)


def _mock(profile: str, **settings: str) -> MockAirflow:
    more = {**_OPTIONS.get(profile, {}), **settings}
    return MockAirflow(profile=profile, clock="2025-01-01T06:00:00Z", frozen=True, **more)


def _moved(told: str) -> str:
    return re.sub(r"/api/v[12]/|%2Fapi%2Fv[12]%2F|\s", "", told)


def _told(mock: MockAirflow, name: str) -> str:
    try:
        return _row(look(mock.deployment, name))
    except FailureError as error:
        return f"| no such failure: {str(error).split('such failure: ', 1)[-1]}"


def _row(met: Look) -> str:
    if met.status is None:
        return f"`{met.request}` | no answer: the connection is reset"
    told = [f"**{met.status}**"]
    told += [f"`{name}: {value}`" for name, value in met.headers.items() if name not in ("Content-Type", "Date")]
    if "skew" in met.name:
        told.append(f"`Date: {met.headers['Date']}`")
    body = re.sub(r"\s+", " ", met.body).strip().replace("|", "\\|").replace("`", "'")
    if body:
        told.append(f"`{body}`")
    return f"`{met.request}` | {' '.join(told)}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
