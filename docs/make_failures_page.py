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

This page is written by `docs/make_failures_page.py`, which meets each failure with each profile; a test compares.
"""


def page() -> str:
    """The page's text."""
    parts = [_HEAD]
    mocks = {
        name: MockAirflow(profile=name, clock="2025-01-01T06:00:00Z", frozen=True, **_OPTIONS.get(name, {}))
        for name in PROFILES
    }
    for failure in CATALOGUE.values():
        parts += [f"## {failure.name}", "", failure.title, "", "| profile | request | answer |", "|---|---|---|"]
        for profile, mock in mocks.items():
            try:
                parts.append(_row(profile, look(mock.deployment, failure.name)))
            except FailureError as error:
                why = str(error).split("such failure: ", 1)[-1]
                parts.append(f"| `{profile}` | | no such failure: {why} |")
        parts.append("")
    return "\n".join(parts)


def _row(profile: str, met: Look) -> str:
    if met.status is None:
        return f"| `{profile}` | `{met.request}` | no answer: the connection is reset |"
    told = [f"**{met.status}**"]
    told += [f"`{name}: {value}`" for name, value in met.headers.items() if name not in ("Content-Type", "Date")]
    if "skew" in met.name:
        told.append(f"`Date: {met.headers['Date']}`")
    body = re.sub(r"\s+", " ", met.body).strip().replace("|", "\\|").replace("`", "'")
    if body:
        told.append(f"`{body}`")
    return f"| `{profile}` | `{met.request}` | {' '.join(told)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
