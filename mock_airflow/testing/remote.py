"""An Airflow of a test's own on a hub: everything goes over HTTP, so its clients may be in any process or language.

    airflow = RemoteAirflow.create("http://hub:8080", profile="datacoves")

It has what the control API can do; what needs the test's own process (``intercept``, ``virtual_sleep``, records) is
with ``MockAirflow`` alone.
"""

from __future__ import annotations

import builtins
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mock_airflow.errors import HubError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_PATIENCE = 60  # seconds


class _Control:
    """The control API at a URL. Raises HubError."""

    def __init__(self, url: str, token: str | None, ca_file: str | os.PathLike[str] | None = None) -> None:
        self._url = f"{url.rstrip('/')}/__mock__"
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        # Whatever proxy the machine's environment names is for others.
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if ca_file is not None:
            import ssl

            handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)))
        self._opener = urllib.request.build_opener(*handlers)
        self.ca_file = ca_file

    def list(self, path: str, name: str) -> builtins.list[dict[str, Any]]:
        """The items of a list."""
        items: builtins.list[dict[str, Any]] = self.ask("GET", path)[name]
        return items

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer's JSON; empty where it has none."""
        data = None if body is None else json.dumps(body, default=_plain).encode()
        request = urllib.request.Request(self._url + path, data, self._headers, method=method)
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                told: dict[str, Any] = json.loads(answer.read() or b"{}")
                return told
        except urllib.error.HTTPError as error:
            with error:
                said = _detail(error.read())
            raise HubError(said or f"The hub at {self._url} answered {error.code}.", error.code) from None
        except (OSError, ValueError) as error:
            why = getattr(error, "reason", error)
            untrusted = getattr(why, "verify_message", None)
            if untrusted:
                raise HubError(
                    f"The certificate of the hub at {self._url} is not trusted ({untrusted}); name the file that its"
                    " `serve` prints as its ca file with ca_file=, or as SSL_CERT_FILE in the environment.",
                    503,
                ) from None
            raise HubError(f"The hub at {self._url} cannot be asked: {why}.", 503) from None


class _RemotePart:
    """What of a deployment is steered by itself."""

    def __init__(self, control: _Control) -> None:
        self._control = control


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _detail(body: bytes) -> str | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    return str(told["detail"]) if isinstance(told, dict) and "detail" in told else None


def _sent(worlds: str | Iterable[str]) -> tuple[list[str], list[Mapping[str, Any]]]:
    """Which worlds are built in, and what the files of the others say. Raises WorldError."""
    from mock_airflow.settings import Settings
    from mock_airflow.world.reading import built_in_worlds, parsed, text_of

    names: tuple[str, ...] = Settings.of(world=worlds).world
    known = built_in_worlds()
    files = [name for name in names if name not in known]
    return [name for name in names if name in known], [parsed(name, text_of(name)) for name in files]


class RemoteClock(_RemotePart):
    """The clock of a deployment on a hub."""

    def now(self) -> datetime:
        """The current moment, with UTC as its zone."""
        return datetime.fromisoformat(self._control.ask("GET", "/clock")["now"].replace("Z", "+00:00"))

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return bool(self._control.ask("GET", "/clock")["frozen"])

    def set(self, at: datetime | str) -> None:
        """Jump to a moment."""
        self._control.ask("PUT", "/clock", {"now": at})

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stop it, here or at a moment."""
        self._control.ask("PUT", "/clock", {"frozen": True} | ({} if at is None else {"now": at}))

    def unfreeze(self) -> None:
        """Let it run on."""
        self._control.ask("PUT", "/clock", {"frozen": False})

    def advance(self, seconds: float = 0, **amounts: float) -> None:
        """Move it forward by the sum of the amounts: ``minutes``, ``hours``, ``days``, ``weeks``. Raises ClockError."""
        from mock_airflow.domain.clock import period_of

        period = period_of(seconds=seconds, **amounts)
        self._control.ask("POST", "/clock/advance", {"seconds": period.total_seconds()})


class RemoteKeys(_RemotePart):
    """The API keys of a deployment on a hub."""

    def create(self, **given: Any) -> dict[str, Any]:
        """A new key as the control API tells it, its value under ``secret``."""
        return self._control.ask("POST", "/keys", given)

    def list(self) -> list[dict[str, Any]]:
        """All keys, never their values."""
        return self._control.list("/keys", "keys")

    def revoke(self, which: int | str) -> None:
        """Have a key open nothing from now on."""
        self._control.ask("DELETE", f"/keys/{which}")

    def expire(self, which: int | str) -> None:
        """Have a key's life end now."""
        self._control.ask("POST", f"/keys/{which}/expire")


class RemoteLimits(_RemotePart):
    """The rate limits of a deployment on a hub."""

    def set(self, limit: str | None, burst: str | None = None, **given: Any) -> None:
        """Put limits in force, with nothing used up."""
        told = {"limit": limit, "burst": burst, **given}
        self._control.ask("PUT", "/limits", {name: value for name, value in told.items() if value is not None})

    def clear(self) -> None:
        """Have no limit at all."""
        self._control.ask("DELETE", "/limits")


class RemoteFaults(_RemotePart):
    """The fault rules of a deployment on a hub."""

    def add(self, where: str = "*", **parts: Any) -> dict[str, Any]:
        """One more rule, as the control API tells it."""
        return self._control.ask("POST", "/faults", {"where": where, **parts})

    def list(self) -> list[dict[str, Any]]:
        """All rules with their counters."""
        return self._control.list("/faults", "faults")

    def clear(self) -> None:
        """Forget all rules."""
        self._control.ask("DELETE", "/faults")


class RemoteAirflow:
    """A deployment on a hub, deleted when it is closed. Every method raises HubError for what the hub refuses."""

    def __init__(self, hub: _Control, told: Mapping[str, Any], token: str | None) -> None:
        self._hub, self._told = hub, dict(told)
        self._control = _Control(self.url, token, hub.ca_file)
        self.clock = RemoteClock(self._control)
        self.keys = RemoteKeys(self._control)
        self.limits = RemoteLimits(self._control)
        self.faults = RemoteFaults(self._control)
        self._closed = False

    @classmethod
    def create(
        cls,
        hub: str,
        *,
        token: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        world: Mapping[str, Any] | str | Iterable[str] = (),
        **settings: Any,
    ) -> Self:
        """A new one on the hub at a URL; ``token`` is its control token, ``world`` what a world file says.

        A hub with TLS is trusted as ``ca_file`` says, or else as SSL_CERT_FILE in the environment does.
        The setting ``world`` names files of this machine, which are sent, or worlds that are built in. Raises HubError,
        and WorldError for a file that cannot be read.
        """
        control = _Control(hub, token, ca_file)
        contents: list[Mapping[str, Any]] = [world] if isinstance(world, Mapping) else []
        if not isinstance(world, Mapping):
            names, contents = _sent(world)
            settings = {**settings, "world": names}
        body: dict[str, Any] = {"settings": settings}
        if contents:
            body["world"] = contents[0]
        airflow = cls(control, control.ask("POST", "/deployments", body), token)
        for more in contents[1:]:
            airflow.merge(more)
        return airflow

    def __repr__(self) -> str:
        return f"<RemoteAirflow {self.name} at {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete it. May be called again."""
        if not self._closed:
            self._closed = True
            self._hub.ask("DELETE", f"/deployments/{self.name}")

    @property
    def name(self) -> str:
        """What the hub calls it."""
        return str(self._told["name"])

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return str(self._told["url"])

    @property
    def api_url(self) -> str:
        """The root of its Airflow's API."""
        return str(self._told["api_url"])

    @property
    def credentials(self) -> dict[str, str]:
        """A working credential with every permission, as a client of its profile holds it."""
        return dict(self._told["credentials"])

    @property
    def headers(self) -> dict[str, str]:
        """The headers that carry it."""
        return dict(self._told["headers"])

    @property
    def env(self) -> dict[str, str]:
        """The variables that the vendor's pages and tools name, by name."""
        return dict(self._told["env"])

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What was asked and answered so far, oldest first, as the control API tells it."""
        return self._control.list("/journal", "entries")

    def merge(self, world: Mapping[str, Any]) -> None:
        """Add what a world file says."""
        self._control.ask("POST", "/world", world)

    def add_dag(self, dag_id: str, tasks: Iterable[str] = (), **fields: Any) -> None:
        """Add a DAG; ``fields`` are those of a world file's ``dags``, such as ``schedule``."""
        self.merge({"dags": [{"dag_id": dag_id, "tasks": list(tasks), **fields}]})

    def plan(self, dag_id: str, tasks: Mapping[str, Any], run_id: str | None = None) -> None:
        """Say how later runs of a DAG unfold, or how one run does."""
        where = f"/dags/{quote(dag_id, '')}" if run_id is None else f"/runs/{quote(dag_id, '')}/{quote(run_id, '')}"
        self._control.ask("POST", f"{where}/plan", {"tasks": tasks})

    def snapshot(self) -> int:
        """Keep its state; gives the number for ``restore()``."""
        return int(self._control.ask("POST", "/snapshot")["id"])

    def restore(self, snapshot: int) -> None:
        """Go back to a snapshot."""
        self._control.ask("POST", f"/restore/{snapshot}")

    def rewind(self, call: int) -> None:
        """Go back to just before a call, by its number."""
        self._control.ask("POST", f"/rewind/{call}")

    def reset(self) -> None:
        """Go back to how it began, and forget the calls."""
        self._control.ask("POST", "/reset")
