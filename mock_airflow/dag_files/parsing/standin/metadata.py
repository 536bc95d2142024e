"""What DAG files ask of the installation: variables, connections, configuration. Answered from the world."""

from __future__ import annotations

import functools
import json
import os
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from mock_airflow.dag_files.parsing.standin.errors import AirflowConfigException, AirflowNotFoundException

_MISSING = object()


class Given:
    """What the process that asks for a file's DAGs has handed over."""

    variables: dict[str, str] = {}
    connections: dict[str, dict[str, Any]] = {}
    options: dict[str, dict[str, str]] = {}
    renamed: dict[str, str] = {}  # old names of options, with their sections in front
    missing: list[tuple[str, str]] = []  # what was asked for in vain: kind and name


class Variable:
    """Variables of the world, under those of the environment (``AIRFLOW_VAR_<KEY>``)."""

    def __init__(self, key: Any = None, val: Any = None, description: Any = None) -> None:
        self.key, self.val, self.description = key, val, description

    @staticmethod
    def get(
        key: str, default_var: Any = _MISSING, deserialize_json: bool = False, *, default: Any = _MISSING, **more: Any
    ) -> Any:
        """The value. Raises KeyError for one that does not exist, without a default."""
        value = os.environ.get(f"AIRFLOW_VAR_{key.upper()}", Given.variables.get(key))
        if value is None:
            given = default if default_var is _MISSING else default_var
            if given is _MISSING:
                Given.missing.append(("variable", key))
                raise KeyError(f"Variable {key} does not exist")
            return given
        return json.loads(value) if deserialize_json else value

    @classmethod
    def get_variable_from_secrets(cls, key: str) -> Any:
        """The value, or None."""
        return cls.get(key, None)

    @classmethod
    def setdefault(cls, key: str, default: Any, description: Any = None, deserialize_json: bool = False) -> Any:
        """The value, or else the default; nothing is written."""
        return cls.get(key, default, deserialize_json)

    @staticmethod
    def set(*args: Any, **kwargs: Any) -> None:
        """Does nothing: reading a file changes no state."""

    update = delete = set


class Connection:
    """A connection."""

    def __init__(
        self,
        conn_id: Any = None,
        conn_type: Any = None,
        description: Any = None,
        host: Any = None,
        login: Any = None,
        password: Any = None,
        schema: Any = None,
        port: Any = None,
        extra: Any = None,
        uri: Any = None,
    ) -> None:
        self.conn_id, self.conn_type, self.description = conn_id, conn_type, description
        self.host, self.login, self.password, self.schema, self.port = host, login, password, schema, port
        self.extra = json.dumps(extra) if isinstance(extra, dict) else extra
        if uri:
            parts = urlsplit(uri)
            self.conn_type = parts.scheme.replace("-", "_")
            self.host = unquote(parts.hostname or "") or None
            self.login, self.password = (unquote(each) if each else None for each in (parts.username, parts.password))
            self.schema, self.port = unquote(parts.path.removeprefix("/")), parts.port
            self.extra = json.dumps(dict(parse_qsl(parts.query))) if parts.query else None

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """The extra as an object."""
        try:
            return dict(json.loads(self.extra)) if self.extra else {}
        except ValueError:
            return {}

    def get_extra(self) -> Any:
        """The extra as a text."""
        return self.extra

    def get_password(self) -> Any:
        """The password."""
        return self.password

    def get_uri(self) -> str:
        """All of it as a URI."""
        login = quote(self.login or "", safe="")
        if self.password:
            login += ":" + quote(self.password, safe="")
        host = quote(self.host or "", safe="") + (f":{self.port}" if self.port else "")
        query = f"?{urlencode(self.extra_dejson)}" if self.extra_dejson else ""
        kind = (self.conn_type or "").lower().replace("_", "-")
        return f"{kind}://{login}{'@' if login else ''}{host}/{quote(self.schema or '', safe='')}{query}"

    @classmethod
    def get_connection_from_secrets(cls, conn_id: str) -> Connection:
        """The connection. Raises AirflowNotFoundException."""
        text = os.environ.get(f"AIRFLOW_CONN_{conn_id.upper()}")
        if text:
            if text.strip().startswith("{"):
                return cls(conn_id=conn_id, **json.loads(text))
            return cls(conn_id=conn_id, uri=text)
        if conn_id not in Given.connections:
            Given.missing.append(("connection", conn_id))
            raise AirflowNotFoundException(f"The conn_id `{conn_id}` isn't defined")
        return cls(conn_id=conn_id, **Given.connections[conn_id])

    get = get_connection_from_secrets


class BaseHook:
    """The base of all hooks; it hands out connections."""

    conn_name_attr = "conn_id"
    default_conn_name = "default"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            setattr(self, name, value)

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """The connection. Raises AirflowNotFoundException."""
        return Connection.get_connection_from_secrets(conn_id)

    @classmethod
    def get_connections(cls, conn_id: str) -> list[Connection]:
        """The connection in a list. Raises AirflowNotFoundException."""
        return [cls.get_connection(conn_id)]

    @property
    def log(self) -> Any:
        """A logger."""
        import logging

        return logging.getLogger("airflow.hooks")


@functools.cache
def provider_options() -> dict[str, dict[str, str]]:
    """The options that providers add to the configuration, with their defaults."""
    file = resources.files("mock_airflow.dag_files.parsing") / "standin" / "operators" / "options.json"
    options: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return options


class Configuration:
    """``airflow.configuration.conf``: the environment (``AIRFLOW__SECTION__OPTION``), else Airflow's defaults."""

    def get(self, section: str, key: str, fallback: Any = _MISSING, **more: Any) -> Any:
        """An option as a text. Raises AirflowConfigException for an unknown one, without a fallback."""
        place = f"{section}.{key}".lower()
        now = Given.renamed.get(place, place)
        for each in (now, *(old for old, new in Given.renamed.items() if new == now)):
            name = "AIRFLOW__" + "__".join(part.upper().replace(".", "_") for part in each.rsplit(".", 1))
            if name in os.environ:
                return os.environ[name]
        home, _, option = now.rpartition(".")
        found = Given.options.get(home, {}).get(option, provider_options().get(home, {}).get(option))
        if found is not None:
            return found
        if fallback is _MISSING:
            raise AirflowConfigException(f"section/key [{section}/{key}] not found in config")
        return fallback

    get_mandatory_value = get

    def has_option(self, section: str, key: str) -> bool:
        """Whether an option is known."""
        return self.get(section, key, None) is not None

    def getboolean(self, section: str, key: str, **more: Any) -> bool:
        """An option as true or false."""
        value = self.get(section, key, **more)
        return value if isinstance(value, bool) else str(value).strip().lower() in ("t", "true", "1")

    def getint(self, section: str, key: str, **more: Any) -> Any:
        """An option as a whole number."""
        value = self.get(section, key, **more)
        return None if value is None else int(value)

    def getfloat(self, section: str, key: str, **more: Any) -> Any:
        """An option as a number."""
        value = self.get(section, key, **more)
        return None if value is None else float(value)

    def getjson(self, section: str, key: str, **more: Any) -> Any:
        """An option read as JSON."""
        value = self.get(section, key, **more)
        return json.loads(value) if isinstance(value, str) else value

    def getsection(self, section: str) -> Any:
        """A section's options."""
        name = section.lower()
        return {**provider_options().get(name, {}), **Given.options.get(name, {})} or None

    as_dict = getsection


conf = Configuration()
