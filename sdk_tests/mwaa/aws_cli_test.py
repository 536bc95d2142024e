"""The AWS command line at our server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

NAME = "MyAirflowEnvironment"


def aws(*words: str) -> Any:
    program = str(Path(sys.executable).with_name("aws"))
    done = subprocess.run(
        [sys.executable, program, "mwaa", *words], capture_output=True, text=True, timeout=300, check=False
    )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def test_the_command_line() -> None:
    assert aws("list-environments")["Environments"] == [NAME, "a-second", "a-third"]
    assert aws("create-web-login-token", "--name", NAME)["WebToken"]
    asked = ("--name", NAME, "--path", "/dags", "--method", "GET", "--query-parameters", '{"limit": 1}')
    assert len(aws("invoke-rest-api", *asked)["RestApiResponse"]["dags"]) == 1
    assert "(ResourceNotFoundException)" in aws("get-environment", "--name", "nothing")
