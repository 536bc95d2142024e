"""How the client comes by the network, and what it calls itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import partial

from mock_airflow.review.advice import Finding, ReviewRule, Severity
from mock_airflow.review.traffic import Seen, Traffic, grouped

rule = partial(ReviewRule, subject="connections")

_CALLS = 5
_AT_ONCE = 0.2  # seconds; in less time no program starts, asks and ends
_ROUNDED = 0.005  # seconds by which an archive may have rounded; what came earlier came by another thread


@rule(
    "connection-for-every-call",
    "Opens a connection for every call",
    severity=Severity.WARNING,
    source="documented: RFC 9112, 9.3: connections persist; over TLS a new one costs two round trips more",
    consequence="Each call takes several times as long, and a busy gateway runs out of ports and closes the door.",
    way_out="session = requests.Session()  # one for all calls, or httpx.Client()",
    needs_connections=True,
)
def connection_each(traffic: Traffic) -> Iterable[Finding]:
    """
    One client made at least five calls in a row, each within a fifth of a second of the answer before it and each by a
    connection that no other call used. It needs to be known by which connection each call came: the live server's
    journal tells, and some HTTP archives do. Answers that closed their connection themselves are left out, and so are
    calls that come later: a process that starts anew for each of them cannot keep a connection. Neither can threads
    that ask at once share one.
    """
    used = Counter(call.entry.peer for call in traffic)
    for calls in traffic.by_client.values():
        found: list[Seen] = []
        row: list[Seen] = []
        for call in calls:
            own = call.status and used[call.entry.peer] == 1 and call.told.get("connection", "").lower() != "close"
            if not own or (row and not -_ROUNDED <= _gap(row[-1], call) <= _AT_ONCE):
                found += row if len(row) >= _CALLS else []
                row = []
            if own:
                row.append(call)
        found += row if len(row) >= _CALLS else []
        if found:
            yield Finding(
                f"{len(found)} calls came by {len(found)} connections, one hard upon the other.",
                tuple(found),
                {"calls": len(found), "connections": len(found)},
            )


def _gap(one: Seen, other: Seen) -> float:
    """How many seconds really lay between an answer and the next call."""
    return other.entry.began - one.entry.began - one.entry.duration


# What libraries call themselves unless they are told a name (observed).
_LIBRARY = re.compile(
    r"(?i)(?:python-requests|python-httpx|python-urllib3?|urllib3|aiohttp|python/[\d.]+ aiohttp|okhttp|go-http-client|"
    r"axios|node-fetch|node|undici|curl|wget|java|apache-httpclient|jersey|libwww-perl|ruby|faraday|guzzlehttp|reqwest|"
    r"openapi-generator|swagger-codegen|werkzeug|testclient)\b[^ ]*(?: aiohttp/\S+|/python|/go)?$"
)


@rule(
    "no-name-of-its-own",
    "Does not say who it is",
    severity=Severity.NOTE,
    source="documented: RFC 9110, 10.1.5; whoever runs Airflow reads the User-Agent when something floods it",
    consequence="When the client does harm nobody knows whom to call, so its address or its key is blocked.",
    way_out='headers={"User-Agent": "my-job/1.2 (data-team@example.com)"}',
)
def nameless(traffic: Traffic) -> Iterable[Finding]:
    """
    A client sent no User-Agent, or the one that its library sends by itself, such as python-requests/2.32.0. Any other
    text counts as a name.
    """
    of_api = (call for call in traffic if call.version)
    for agent, calls in grouped(of_api, lambda call: call.agent).items():
        if not agent or _LIBRARY.match(agent):
            count = f"{len(calls)} calls" if len(calls) > 1 else f"#{calls[0].number}"
            said = f"came with the User-Agent {agent}" if agent else "came without a User-Agent"
            yield Finding(f"{count} {said}.", tuple(calls[:10]), {"calls": len(calls), "user_agent": agent})
