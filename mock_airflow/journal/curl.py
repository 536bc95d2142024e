"""A call of the journal as a line of curl, to be pasted against a server that was started the same way.

No secret is in it: it names the variables that ``mock-airflow serve`` prints. A credential that nobody knew goes as it
is told, hidden, and is refused again. A token that was fetched goes by the variable that holds one where the server
prints it, which is named as its header.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from mock_airflow.domain.masking import MASK
from mock_airflow.journal.headers import credential_headers, told_header
from mock_airflow.journal.journal import Entry

_SAFE = "/~:@!$&'()*+,;="
_CUT = "..."


class Known(NamedTuple):
    """What is known of the credential that a deployment hands out first.

    ``principal`` is who holds it, ``credentials`` are its parts, ``headers`` those that carry it, ``variables`` the
    values that a shell has by name, and ``read`` is the header that credentials are read from.
    """

    principal: str
    credentials: Mapping[str, str]
    headers: Mapping[str, str]
    variables: Mapping[str, str]
    read: str


class CarriedCredential(NamedTuple):
    """A credential as a repeated call carries it: under a header's name, or None as ``user:password``.

    In the text of ``ours`` stand variables, such as ``$AIRFLOW_USERNAME``, in place of secrets.
    """

    header: str | None
    text: str
    ours: bool


def curl(entry: Entry, base_url: str, known: Known) -> str:
    """The call as a line for a shell."""
    parts = ["curl"]
    if entry.method == "HEAD":
        parts.append("--head")
    elif entry.method != ("POST" if entry.request_body else "GET"):
        parts.append(f"--request {entry.method}")
    for each in carried(entry, known):
        text = f'"{each.text}"' if each.ours else shlex.quote(each.text)
        if each.header is None:
            parts.append(f"--user {text}")
        else:
            parts.append(
                f'--header "{each.header}: {each.text}"'
                if each.ours
                else f"--header {shlex.quote(f'{each.header}: {each.text}')}"
            )
    if entry.request_body:
        sent = {name.lower(): value for name, value in entry.request_headers}
        kind = sent.get("content-type", "application/json")
        parts += [f"--header {shlex.quote(f'Content-Type: {kind}')}", f"--data {_body(entry.request_body)}"]
    query = f"?{entry.query}" if entry.query else ""
    return " ".join([*parts, shlex.quote(f"{base_url}{quote(entry.path, safe=_SAFE)}{query}")])


def _body(text: str) -> str:
    """The body, or where it would have to be when it was too long to be kept."""
    return "@body" if text.endswith(_CUT) else shlex.quote(text)


def carried(entry: Entry, known: Known) -> list[CarriedCredential]:
    """The credentials that a call came with."""
    sent = dict(entry.request_headers)
    nobody_asked = entry.decision == "answered" and entry.principal in (None, "anonymous")  # as for /health
    parts = []
    for name in credential_headers(known.read):
        told = sent.get(name)
        if told is None:
            continue
        ours = {each.lower(): value for each, value in known.headers.items()}.get(name.lower())
        if (
            (nobody_asked or entry.principal == known.principal)
            and ours is not None
            and told_header(name, ours, read=known.read) == told
        ):
            parts.append(_ours(name, ours, known))
        elif name == "Authorization" and told.startswith("Basic ") and told.endswith(f":{MASK}"):
            parts.append(CarriedCredential(None, told.removeprefix("Basic "), False))
        else:
            parts.append(CarriedCredential(name, told, False))
    return parts


def _ours(name: str, value: str, known: Known) -> CarriedCredential:
    if name == "Authorization" and value.startswith("Basic "):
        return CarriedCredential(None, f"{_variable('username', known)}:{_variable('password', known)}", True)
    for part, secret in known.credentials.items():
        if secret in value and secret in known.variables.values():
            return CarriedCredential(name, value.replace(secret, _variable(part, known)), True)
    return CarriedCredential(name, f"${name.upper().replace('-', '_')}", True)


def _variable(part: str, known: Known) -> str:
    """The variable that holds a part of the credential; of several the one that is named after it, or the first."""
    names = [name for name, value in known.variables.items() if value == known.credentials.get(part)]
    named = [name for name in names if part.upper() in name]
    return f"${[*named, *names, part.upper()][0]}"
