"""What docs/profiles/mwaa.md shows with boto3, run as a reader would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "profiles" / "mwaa.md"


def test_the_pages_test_with_boto3(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```python\n((?:(?!```).)*?import boto3\n.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "page_test.py").write_text(shown, "utf-8")

    variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "REQUESTS_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "page_test.py"],
        cwd=tmp_path,
        env={**variables, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
