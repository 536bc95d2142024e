"""Limits over the live server: many clients at once, and requests that are in flight."""

from __future__ import annotations

import http.client
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_airflow.testing.mock import MockAirflow

CLIENTS = 50


@pytest.mark.parametrize("algorithm", ["token-bucket", "fixed-window", "sliding-window", "sliding-counter"])
def test_fifty_clients_at_once_are_never_let_in_one_too_many(algorithm: str) -> None:
    with MockAirflow(clock="2025-01-01T06:00:00Z", frozen=True) as airflow:
        airflow.limits.set("120/day", burst="40/second", algorithm=algorithm)
        port, headers = int(airflow.url.rpartition(":")[2]), airflow.headers
        barrier = threading.Barrier(CLIENTS)

        def ask(_: int) -> list[int]:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            barrier.wait()
            statuses = []
            for _ in range(3):
                connection.request("GET", "/api/v1/pools", headers=headers)
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)
            connection.close()
            return statuses

        with ThreadPoolExecutor(CLIENTS) as clients:
            for allowed in (40, 40, 40, 0):
                statuses = Counter(status for answers in clients.map(ask, range(CLIENTS)) for status in answers)
                assert statuses == Counter({200: allowed, 429: 3 * CLIENTS - allowed})
                airflow.clock.advance(2)


def test_client_that_leaves_in_the_middle_is_in_flight_no_longer() -> None:
    with MockAirflow(concurrency=1) as airflow:
        port = int(airflow.url.rpartition(":")[2])
        lines = [f"{name}: {value}" for name, value in airflow.headers.items()]
        request = "\r\n".join(["GET /api/v1/config HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.sendall(request)
                assert sock.recv(8) == b"HTTP/1.1"  # what follows is never read
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(100):  # until the last of them was noticed
            connection.request("GET", "/api/v1/pools", headers=airflow.headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                break
        connection.close()
        assert answer.status == 200
