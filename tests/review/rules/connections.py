"""Cases of the rules in ``mock_airflow/review/rules/connections.py``."""

from __future__ import annotations

from tests.review.rules.case import Story, case
from tests.review.talking import Talker


def connections(*ports: int) -> Story:
    def story(t: Talker) -> None:
        for port in ports:
            t.get("/pools", peer=str(port))

    return story


case("connection-for-every-call", connections(1, 2, 3, 4, 5), connections(1, 1, 2, 3, 4))
case("connection-for-every-call", connections(1, 2, 3, 4, 5), connections(1, 2, 3, 4))


def called(agent: str) -> Story:
    def story(t: Talker) -> None:
        t.agent = agent
        t.get("/pools")

    return story


case("no-name-of-its-own", called("python-requests/2.32.0"), called("night-loader/1.0 python-requests/2.32.0"))
case("no-name-of-its-own", called("OpenAPI-Generator/2.10.0/python"), called("node-exporter/1.2 (ops)"))
case("no-name-of-its-own", called("Python/3.11 aiohttp/3.9.5"), called("loader"))
