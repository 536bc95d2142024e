"""``mock-airflow failures``: the catalogue of failures, at a server that runs, through its control API."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from mock_airflow.cli.client import Server, add_address
from mock_airflow.cli.options import Parser, UsageError, nearest

_VERBS = {
    "list": "list the catalogue",
    "look": "tell what a client would meet, and change nothing",
    "provoke": "put whoever holds the first credential in front of a failure",
}


def run(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Carry out ``failures list|look|provoke``; gives the text to print. Raises UsageError or ServerProblem."""
    verb = arguments[0] if arguments else ""
    if verb in ("--help", "-h"):
        verbs = "\n".join(f"  {name:<8} {text}" for name, text in _VERBS.items())
        help = "`mock-airflow failures VERB --help` tells more."
        return f"Usage: mock-airflow failures VERB [OPTION]...\n\n{verbs}\n\n{help}"
    if verb not in _VERBS:
        said = f"There is no verb {verb!r}" if verb else "A verb is missing, such as list"
        raise UsageError(f"{said}{nearest(verb, _VERBS)} See mock-airflow failures --help.")
    parser = Parser(f"failures {verb}", f"{_VERBS[verb].capitalize()}.")
    add_address(parser)
    if verb != "list":
        parser.add_argument("name", metavar="NAME", help="a name of the catalogue, such as revoked")
    options = parser.read(arguments[1:])
    server = Server.of(options, environment)
    if verb == "list":
        found = server.ask("GET", "/failures")["failures"]
        width = max(len(each["name"]) for each in found)
        return "\n".join(f"{each['name']:<{width}}  {each['title']}" for each in found)
    if verb == "provoke":
        server.ask("POST", "/failures", {"name": options.name})
        return f"Whoever holds the first credential now meets {options.name}; reset takes it back."
    looks = server.ask("GET", f"/failures/{quote(options.name, safe='')}")["looks"]
    lines = [looks["request"], str(looks["status"] or "no answer")]
    lines += [f"{name}: {value}" for name, value in looks["headers"].items()]
    return "\n".join([*lines, "", looks["body"], "", f"Reason: {looks['reason']}"])
