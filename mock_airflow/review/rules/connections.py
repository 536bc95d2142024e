"""How the client comes by the network, and what it calls itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mock_airflow.review.advice import Finding, Severity, rule
from mock_airflow.review.traffic import Traffic, grouped

_CALLS = 5


@rule(
    "connection-for-every-call",
    "Opens a connection for every call",
    severity=Severity.WARNING,
    subject="connections",
    source="documented: RFC 9112, 9.3: connections persist; over TLS a new one costs two round trips more",
    consequence="Each call takes several times as long, and a busy gateway runs out of ports and closes the door.",
    way_out="session = requests.Session()  # one for all calls, or httpx.Client()",
    needs_connections=True,
)
def connection_each(traffic: Traffic) -> Iterable[Finding]:
    """
    One client made at least five calls, and each came by a connection of its own, which no other call used. It needs
    to be known by which connection each call came: the live server's journal tells, and most HTTP archives do. Answers
    that closed their connection themselves are left out.
    """
    for calls in traffic.by_client.values():
        kept = [call for call in calls if call.status and call.told.get("connection", "").lower() != "close"]
        if len(kept) >= _CALLS and len({call.entry.peer for call in kept}) == len(kept):
            yield Finding(
                f"{len(kept)} calls came by {len(kept)} connections.",
                tuple(kept),
                {"calls": len(kept), "connections": len(kept)},
            )


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
    subject="connections",
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
            said = f"called themselves {agent}" if agent else "had no User-Agent"
            yield Finding(f"{len(calls)} calls {said}.", tuple(calls[:10]), {"calls": len(calls), "user_agent": agent})
