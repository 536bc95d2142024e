"""A client of Airflow's REST API that copes with limits, outages, and keys that expire."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from dag_runner.errors import BY_STATUS, Conflict, NotFound, Rejected, StillRunning, Unavailable

PAGE = 100  # Airflow's own limit, unless it was set up otherwise
TIMEOUT = (5, 30)  # seconds to connect, and to wait for an answer
USER_AGENT = "dag-runner/1.0 (data-team@example.com)"  # whom to call when it floods somebody's Airflow
WORTH_A_RETRY = {429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Run:
    """A DAG run, as Airflow told of it last."""

    dag_id: str
    run_id: str
    state: str

    @property
    def is_over(self) -> bool:
        """Whether its state is final."""
        return self.state in ("success", "failed")


class AirflowClient:
    """Lists and runs DAGs. ``read_key`` gives the API key that is valid now; it is asked again when one is refused.

    Every method raises Rejected (or one of its kinds: Unauthorized, Forbidden, NotFound, Conflict), or Unavailable when
    all attempts failed.
    """

    def __init__(self, api_url: str, read_key: Callable[[], str], *, attempts: int = 5) -> None:
        self._api_url = api_url.rstrip("/")
        self._read_key = read_key
        self._attempts = attempts
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        self._use_key()

    def dags(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """All DAGs, page after page; ``filters`` are Airflow's own, such as ``tags=["sales"]``."""
        read = 0
        while True:
            page = self._ask("GET", "/dags", params={**filters, "limit": PAGE, "offset": read, "order_by": "dag_id"})
            yield from page["dags"]
            read += len(page["dags"])  # not PAGE: Airflow may give fewer than it was asked for
            if not page["dags"] or read >= page["total_entries"]:
                return

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None, run_id: str | None = None) -> Run:
        """Starts a run. Without a ``run_id`` it gets one here, so that a repeated attempt never starts a second run."""
        wanted = run_id or f"dag-runner-{uuid.uuid4()}"
        try:
            return self._run(self._ask("POST", f"/dags/{dag_id}/dagRuns", {"dag_run_id": wanted, "conf": conf or {}}))
        except Conflict as conflict:
            if run_id is not None:
                raise
            try:
                return self.run(dag_id, wanted)  # an earlier attempt got through, and only its answer was lost
            except NotFound:
                raise conflict from None  # it is not the id that was taken, but the run's moment

    def run(self, dag_id: str, run_id: str) -> Run:
        """A run as it is now."""
        return self._run(self._ask("GET", f"/dags/{dag_id}/dagRuns/{run_id}"))

    def wait(self, run: Run, *, every: float = 10, patience: float = 3600) -> Run:
        """Asks every so many seconds until the run is over. Raises StillRunning after ``patience`` seconds."""
        waited = 0.0
        while not (run := self.run(run.dag_id, run.run_id)).is_over:
            if waited >= patience:
                raise StillRunning(f"The run {run.run_id} of {run.dag_id} is {run.state} after {waited:g} seconds.")
            time.sleep(every)
            waited += every
        return run

    def _run(self, told: dict[str, Any]) -> Run:
        return Run(told["dag_id"], told["dag_run_id"], told["state"])

    def _use_key(self) -> None:
        self._session.headers["Authorization"] = f"Token {self._read_key()}"

    def _ask(self, method: str, path: str, json: Any = None, params: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._send(method, path, json, params)
        if answer.status_code == 401:
            self._use_key()
            answer = self._send(method, path, json, params)
        if not answer.ok:
            rejected = BY_STATUS.get(answer.status_code, Rejected)
            raise rejected(f"{method} {path}: {answer.status_code} {answer.reason}: {answer.text}")
        told: dict[str, Any] = answer.json()
        return told

    def _send(self, method: str, path: str, json: Any, params: dict[str, Any] | None) -> requests.Response:
        for attempt in range(1, self._attempts + 1):
            pause = 2.0 ** (attempt - 1)
            try:
                answer = self._session.request(method, self._api_url + path, json=json, params=params, timeout=TIMEOUT)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                trouble = f"{type(error).__name__}: {error}"
            else:
                if answer.status_code not in WORTH_A_RETRY:
                    return answer
                trouble = f"{answer.status_code} {answer.reason}"
                pause = _retry_after(answer) or pause
            if attempt < self._attempts:
                time.sleep(pause)
        raise Unavailable(f"{method} {path}: {self._attempts} attempts failed, the last with {trouble}")


def _retry_after(answer: requests.Response) -> float | None:
    """For how many seconds the answer asks to wait, told as a number or as a date."""
    told = answer.headers.get("Retry-After")
    if told is None:
        return None
    if told.isdigit():
        return float(told)
    sent = parsedate_to_datetime(answer.headers["Date"])  # by Airflow's clock, not by ours
    return max(0.0, (parsedate_to_datetime(told) - sent).total_seconds())
