"""What ``mock-airflow serve`` says of itself when it starts: where it is, the credentials, and calls to paste."""

from __future__ import annotations

import ipaddress
import json
import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mock_airflow._version import __version__
from mock_airflow.settings.doubts import doubts

if TYPE_CHECKING:
    from mock_airflow.cli.serving.service import Service
    from mock_airflow.domain.records import Dag

_LONG = 200  # characters of a header, such as a signed token


def banner(service: Service) -> str:
    """What a person needs to know: the URL, the credentials, and calls to paste."""
    from mock_airflow.corridor.app import create_app

    told, count = service.ready, len(service.deployment.airflow.dags)
    sources = [*service.world.sources, *filter(None, [service.deployment.settings.dags_folder])]
    world = ", ".join(sources) or "empty"
    rows = [("url", told["url"]), ("api url", told["api_url"])]
    reference = create_app(told["profile"], service.deployment.generation).reference
    if not service.deployment.profile.gateway:  # a gate lets no browser in
        rows.append(("reference", f"{told['url']}{service.deployment.mount}{reference}"))
    rows.append(("console", f"{told['url']}/__mock__/"))
    if "control_token" in told:
        rows.append(("token", f"{told['control_token']} (made up for console and control API; in the ready file too)"))
    if "ca_file" in told:
        rows.append(("ca file", f"{told['ca_file']} (what a client has to trust)"))
    rows += [("world", f"{world} ({count} DAG{'' if count == 1 else 's'})")]
    rows += [(name.replace("_", " "), value) for name, value in told["credentials"].items()]
    if "also" in told:
        also = told["also"]
        rows += [("also", f"{also['api_url']}, Airflow {also['airflow_version']} over the same world")]
        rows += [(f"  {name}".replace("_", " "), value) for name, value in also["credentials"].items()]
    lines = [f"Mock Airflow {__version__} is {service.deployment.profile.title} (profile {told['profile']}).", ""]
    wide = max(len(name) for name, _ in rows)
    lines += [f"  {name:<{wide}}  {value}" for name, value in rows]
    title, to_paste = calls(service)
    lines += ["", title, ""]
    lines += [f"  {name}={shlex.quote(value)}" for name, value in _spelt_out(told).items()]
    lines += [f"  {call}" for call in to_paste]
    lines += ["", "The variables that scripts read:", ""]
    lines += [f"  export {name}={shlex.quote(value)}" for name, value in told["env"].items()]
    return "\n".join([*lines, "", "Ctrl-C ends it."])


def calls(service: Service) -> tuple[str, list[str]]:
    """Calls to paste into a shell, with a title: of a DAG that exists, or of what every Airflow has."""
    told = service.ready
    api = told["api_url"]
    variables = {value: name for name, value in _spelt_out(told).items()}
    carried = (
        f'-H "{name}: ${variables[value]}"' if value in variables else f"-H {shlex.quote(f'{name}: {value}')}"
        for name, value in told["headers"].items()
    )
    trusting = ["--cacert", shlex.quote(told["ca_file"])] if "ca_file" in told else []
    curl = " ".join(["curl", *trusting, *carried])
    dag = _to_try(service.deployment.airflow.dags)
    if dag is None:
        paths = ("version", "health" if service.deployment.generation == 2 else "monitor/health", "pools")
        return "There is no DAG; look at what every Airflow has:", [f"{curl} {api}/{path}" for path in paths]
    runs = f"{api}/dags/{quote(dag.dag_id, safe='')}/dagRuns"
    body = {"note": "by hand"} if service.deployment.generation == 2 else {"logical_date": None, "note": "by hand"}
    post = f"-X POST -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}"
    return f"List the DAGs, trigger a run of {dag.dag_id}, look at it:", [
        f"{curl} {api}/dags",
        f"{curl} {post} {shlex.quote(runs)}",
        f"{curl} {shlex.quote(f'{runs}?order_by=-id&limit=1')}",
    ]


def _spelt_out(ready: Mapping[str, Any]) -> dict[str, str]:
    """Variables for the shell, by name: header values that are too long to stand in each call."""
    headers: dict[str, str] = ready["headers"]
    return {name.upper().replace("-", "_"): value for name, value in headers.items() if len(value) > _LONG}


def warnings(service: Service) -> list[str]:
    """What a person should not overlook: what DAG files lack and settings do not do, and who can reach the server."""
    lines = [*service.about_dag_files, *doubts(service.deployment.settings)]
    host, port = service.server.host, service.server.port
    if not is_loopback(host):
        everywhere = host in ("0.0.0.0", "::")
        where = f"all addresses of this machine ({host})" if everywhere else f"{host}, which is not loopback"
        lines.append(
            f"Listening on {where}, port {port}: other machines can reach this server. Its control API (/__mock__)"
            " answers whoever has the control token. Use --host 127.0.0.1 to keep to this machine."
        )
    return lines


def _to_try(dags: Iterable[Dag]) -> Dag | None:
    """The DAG that is best to play with: active, unpaused, with params that have values, doing something."""

    def place(dag: Dag) -> tuple[bool, bool, bool, int]:
        incomplete = any(param.get("value") is None for param in dag.params.values())
        return not dag.is_active, bool(dag.is_paused), incomplete, -len(dag.tasks)

    return min(dags, key=place, default=None)


def is_loopback(host: str) -> bool:
    """Whether a server that listens there is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
