"""Every command of the Containerfile and of the compose file, run outside of a container."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.cli.processes import serving, surroundings
from tests.persistence.postgres import Postgres, programs

DEPLOY = Path(__file__).parent
ROOT = DEPLOY.parent
PATIENCE = 300  # seconds, for what asks the package index


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile, each on one line."""
    lines = [line for line in (DEPLOY / "Containerfile").read_text("utf-8").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def last(name: str) -> str:
    return [rest for each, rest in instructions() if each == name][-1]


def variables() -> dict[str, str]:
    return dict(word.split("=", 1) for word in last("ENV").split())


def copied(to: Path) -> None:
    """The checkout as it is sent to the build."""
    left_out = (DEPLOY / "Containerfile.dockerignore").read_text("utf-8").split()

    def leave(folder: str, names: list[str]) -> set[str]:
        below = Path(folder).relative_to(ROOT).as_posix()
        paths = {name: name if below == "." else f"{below}/{name}" for name in names}
        return {
            name
            for name, path in paths.items()
            if any(fnmatch.fnmatch(path, one) or fnmatch.fnmatch(name, one.removeprefix("**/")) for one in left_out)
        }

    shutil.copytree(ROOT, to, ignore=leave)


@pytest.mark.network
def test_the_image_is_built_serves_is_healthy_and_stops(tmp_path: Path) -> None:
    copied(tmp_path / "src")
    places = {"/opt/mock-airflow": str(tmp_path / "opt"), "/src": str(tmp_path / "src")}

    def here(text: str) -> str:
        return re.sub("|".join(places), lambda found: places[found[0]], text)

    for name, rest in instructions():
        if name == "RUN":
            done = subprocess.run(here(rest), shell=True, capture_output=True, text=True, timeout=PATIENCE, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    path = here(variables()["PATH"]).replace("$PATH", os.environ["PATH"])
    [program], [verb] = json.loads(last("ENTRYPOINT")), json.loads(last("CMD"))
    assert verb == "serve"
    found = shutil.which(program, path=path)
    assert found == str(tmp_path / "opt/bin/mock-airflow")
    ours = {name: value for name, value in variables().items() if name != "PATH"}
    with serving(tmp_path, command=[found], **ours, PATH=path) as server:
        health = json.loads(last("HEALTHCHECK").partition(" CMD ")[2])
        assert f":{last('EXPOSE')}/" in health[-1]
        assert ours["MOCK_AIRFLOW_PORT"] == last("EXPOSE")
        health[-1] = health[-1].replace(last("EXPOSE"), str(server.address[1]))
        assert subprocess.run(health, env=surroundings(PATH=path), timeout=PATIENCE, check=False).returncode == 0
        token = server.told["control_token"]
        assert token in server.out
        url = f"{server.told['url']}/__mock__/metrics"
        assert requests.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert [json.loads(line)["path"] for line in server.err.splitlines() if line.startswith("{")][-1:] == [
            "/__mock__/metrics"
        ]
        extras = re.search(r"\[([a-z,-]+)\]", last("RUN"))
        assert extras
        doctor = subprocess.run(
            [found, "doctor", "--json", "--port", "0"], env=surroundings(), capture_output=True, timeout=PATIENCE
        )
        whole = {each["subject"] for each in json.loads(doctor.stdout)["findings"] if each["state"] == "ok"}
        assert {f"extra {name}" for name in extras[1].split(",")} <= whole
        assert server.end(signal.Signals[last("STOPSIGNAL")]) == 0
        gone = subprocess.run(health, env=surroundings(PATH=path), capture_output=True, timeout=PATIENCE, check=False)
        assert gone.returncode != 0


def test_nothing_in_the_image_is_done_that_no_test_does() -> None:
    assert {name for name, _ in instructions()} == {
        *("FROM", "COPY", "RUN", "ENV", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD")
    }
    assert last("USER").split(":")[0] not in ("0", "root")


def filled_in(text: str, values: dict[str, str]) -> str:
    """A text of the compose file with the variables of the shell that runs it, each of which has to be set."""
    return re.sub(r"\$\{(\w+):\?[^}]+\}", lambda found: values[found[1]], text)


def test_the_composed_services_work_together(tmp_path: Path) -> None:
    found = programs()
    if found is None:
        assert "CI" not in os.environ
        pytest.skip("There is no PostgreSQL to start.")
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    shell = {"POSTGRES_PASSWORD": "s3cret", "MOCK_AIRFLOW_CONTROL_TOKEN": "t0ken"}
    ours = {name: filled_in(value, shell) for name, value in services["mock-airflow"]["environment"].items()}
    theirs = {name: filled_in(value, shell) for name, value in services["database"]["environment"].items()}
    user, password, base = theirs["POSTGRES_USER"], theirs["POSTGRES_PASSWORD"], theirs["POSTGRES_DB"]
    assert ours["MOCK_AIRFLOW_DATABASE"] == f"postgresql://{user}:{password}@database/{base}"
    assert services["mock-airflow"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["mock-airflow"]["command"] == ["serve"]
    assert (DEPLOY / services["mock-airflow"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / services["mock-airflow"]["build"]["dockerfile"]).is_file()
    postgres = Postgres(found)
    try:
        kind, program, *arguments = services["database"]["healthcheck"]["test"]
        assert kind == "CMD"
        healthy = [str(found / program), *arguments, "--host", str(postgres.folder)]
        assert subprocess.run(healthy, capture_output=True, timeout=PATIENCE, check=False).returncode == 0
        with serving(
            tmp_path, **{**variables(), **ours, "PATH": os.environ["PATH"], "MOCK_AIRFLOW_DATABASE": postgres.url}
        ) as server:
            headers = {"Authorization": "Bearer t0ken"}
            assert requests.get(f"{server.told['url']}/__mock__/clock").status_code == 401
            assert requests.get(f"{server.told['url']}/__mock__/clock", headers=headers).status_code == 200
            assert requests.get(f"{server.told['url']}/__mock__/ready").status_code == 200
            assert "t0ken" not in server.out + server.err
            assert server.end(signal.SIGTERM) == 0
    finally:
        postgres.remove()
