"""Asking a real Airflow: through GET only, politely, and without asking twice what was answered before."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from mock_airflow._version import __version__
from mock_airflow.errors import CaptureError, UnreadError

if TYPE_CHECKING:
    import requests

    from mock_airflow.world.capture.partial import Partial

PAGE = 1000  # what is asked for; a server cuts it to its maximum_page_limit, and pages of that size are then read
PATIENCE = 60.0  # seconds that one answer may take
LONGEST_PAUSE = 300.0  # seconds that a server may ask for; who asks for more is left alone
TRIES_WHEN_LOST = 6  # of a request that nobody answers, or a gateway cannot hand on: half a minute in all
TRIES_WHEN_BUSY = 30  # of a request that is answered "later"
_BUSY, _LOST = (429, 503), (502, 504)


@dataclass
class Waiting:
    """How to wait, and the time that passes meanwhile; tests have a clock of their own."""

    wait: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic


def api_url(text: str) -> str:
    """The address of the API, from that of an Airflow or of its API. Raises CaptureError for something else."""
    url = text.strip().rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise CaptureError(
            f"--url: the address of an Airflow such as https://airflow.example.com is expected, not {text!r}."
        )
    if parts.username is not None or parts.password is not None:
        raise CaptureError("--url: a name and a password do not belong into the address; give them with --user.")
    return url if url.endswith(("/api/v1", "/api/v2")) else f"{url}/api/v1"


def path_of(*parts: object) -> str:
    """A path of these parts, each quoted."""
    return "".join(f"/{quote(str(part), safe='~')}" for part in parts)


class Source:
    """The API at ``url``. Several threads may ask at once; a server that says "later" makes all of them wait."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        partial: Partial,
        parallel: int = 4,
        waiting: Waiting | None = None,
        tell: Callable[[], object] = lambda: None,
    ) -> None:
        self.url = url
        self._partial = partial
        self._waiting = waiting or Waiting()
        self._tell = tell
        self._parallel = parallel
        self._session = _session(headers, parallel)
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._stopped = False
        self._heard = False
        self.requests = 0

    def at(self, url: str, headers: Mapping[str, str]) -> Source:
        """The same server by another of its APIs."""
        other = Source(url, headers, partial=self._partial, parallel=self._parallel, waiting=self._waiting)
        other.requests = self.requests
        return other

    def stop(self) -> None:
        """Ask nothing any more; what is under way ends with CaptureError."""
        self._stopped = True

    def get(self, path: str, *, without: str = "", **query: Any) -> Any:
        """What a path answers, as JSON. Raises UnreadError when it is refused, CaptureError when nobody answers.

        ``without`` names a field that is dropped from the entries of a list before anything is kept.
        """
        asked = f"{path}?{urlencode(sorted(query.items()))}" if query else path
        kept_as = f"{asked} without {without}" if without else asked
        known = self._partial.get(kept_as)
        if known is not None:
            return known
        answer = self._answer(asked)
        if answer.status_code != 200:
            raise UnreadError(answer.status_code, _why(answer))
        try:
            content = answer.json()
        except ValueError:
            raise UnreadError(200, f"{answer.headers.get('Content-Type', 'no type')} instead of JSON") from None
        for item in (
            (entry for entries in content.values() if isinstance(entries, list) for entry in entries) if without else ()
        ):
            item.pop(without, None)
        self._partial.keep(kept_as, content)
        return content

    def pages(self, path: str, listed: str, *, most: int | None = None, **query: Any) -> list[Any]:
        """All entries of a list, or the first ``most``, a page after the other; the server says how long one is."""
        found: list[Any] = []
        while True:
            limit = PAGE if most is None else min(PAGE, most - len(found))
            content = self.get(path, limit=limit, offset=len(found), **query)
            items = content.get(listed) if isinstance(content, dict) else None
            if not isinstance(items, list):
                raise UnreadError(200, f"an answer without {listed!r}")
            found += items
            if not items or len(found) >= min(content.get("total_entries", 0), most or 1 << 62):
                return found

    def _answer(self, asked: str) -> requests.Response:
        import requests

        lost = busy = 0
        while True:
            self._wait_for_turn()
            pause = 0.0
            try:
                answer = self._session.get(self._address(asked), timeout=PATIENCE, allow_redirects=False)
                self.requests += 1
                if answer.status_code not in _BUSY + _LOST:
                    self._heard = True
                    self._tell()
                    return answer
                busy, lost = busy + (answer.status_code in _BUSY), lost + (answer.status_code in _LOST)
                pause, why = _pause(answer), f"it answers {answer.status_code} {answer.reason}"
            except requests.RequestException as error:
                lost, why = lost + 1, _in_words(error)
                if not self._heard:
                    raise CaptureError(f"The server at {self.url} cannot be asked: {why}.") from None
            if pause > LONGEST_PAUSE:
                raise CaptureError(
                    f"The server at {self.url} asks to be left alone for {pause:.0f} seconds; try later."
                )
            if lost >= TRIES_WHEN_LOST or busy >= TRIES_WHEN_BUSY:
                raise CaptureError(f"The server at {self.url} was asked {lost + busy} times for {asked}: {why}.")
            self._pause(max(pause, min(2.0 ** (lost + busy - 1), 30.0)))

    def _address(self, asked: str) -> str:
        """The address of a path: of the API, or beside it for what an Airflow 3's auth manager answers."""
        return f"{self.url.removesuffix('/api/v2') if asked.startswith('/auth/') else self.url}{asked}"

    def _pause(self, seconds: float) -> None:
        with self._lock:
            self._not_before = max(self._not_before, self._waiting.clock() + seconds)

    def _wait_for_turn(self) -> None:
        while not self._stopped:
            with self._lock:
                left = self._not_before - self._waiting.clock()
            if left <= 0:
                return
            self._waiting.wait(min(left, 1.0))
        raise CaptureError("The capture was stopped.")


class _Credential:
    """What puts the credential into each request."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


def _session(headers: Mapping[str, str], parallel: int) -> requests.Session:
    try:
        import requests
    except ImportError:
        raise CaptureError("Capturing needs the library requests; install mock-airflow[capture].") from None
    session = requests.Session()
    session.headers.update({"Accept": "application/json", "User-Agent": f"mock-airflow/{__version__}"})
    # Set for each request, as a password that ~/.netrc has for the host would otherwise take the place of these.
    session.auth = _Credential(headers)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # each request stands for itself
    adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=parallel)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _pause(answer: requests.Response) -> float:
    """The seconds that Retry-After asks for, as a number or as a date; 0 without it."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        until, now = (parsedate_to_datetime(moment) for moment in (text, answer.headers.get("Date", "")))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _why(answer: requests.Response) -> str:
    """A refusal in a few words: its title and detail, or where it sends a browser."""
    if answer.is_redirect:
        return f"{answer.reason}: it sends to {answer.headers.get('Location', '')[:120]}"
    try:
        told = json.loads(answer.content)
    except ValueError:
        told = None
    if isinstance(told, dict):
        said = ": ".join(str(told[part]) for part in ("title", "detail", "error") if told.get(part))
        return " ".join(said.split())[:200] or answer.reason
    return answer.reason


def _in_words(error: requests.RequestException) -> str:
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted; the variable REQUESTS_CA_BUNDLE names further authorities"
    if isinstance(error, requests.exceptions.Timeout):
        return f"no answer within {PATIENCE:.0f} seconds"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection; is it running there?"
    return "the answer broke off or cannot be read"
