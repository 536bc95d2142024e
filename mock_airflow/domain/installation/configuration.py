"""The configuration as Airflow tells it: the file's defaults, with what the deployment's settings say in place.

The files beside are what a fresh 2.11.2 and 3.3.2 have, as local installations with SQLite (observed). Keys and random
values that Airflow draws at installation are empty there. Providers that are not installed have sections too, which 2.x
lists with all the others, but which cannot be asked for by name (observed).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct, field

from mock_airflow.domain.errors import ConfigOptionNotFoundError, ConfigSectionNotFoundError
from mock_airflow.domain.installation.renamed_options import RENAMED, RENAMED_SECTIONS, Place
from mock_airflow.settings import Settings

Sections = dict[str, dict[str, str]]

HIDDEN = "< hidden >"
_PROVIDERS = "airflow_2_providers.cfg"
_SENSITIVE_2 = frozenset(
    {
        ("core", "fernet_key"),
        ("core", "dataset_manager_kwargs"),
        ("core", "internal_api_secret_key"),
        ("core", "sql_alchemy_conn"),
        ("database", "sql_alchemy_conn"),
        ("database", "sql_alchemy_engine_args"),
        ("logging", "remote_task_handler_kwargs"),
        ("secrets", "backend_kwargs"),
        ("sentry", "sentry_dsn"),
        ("smtp", "smtp_password"),
        ("webserver", "secret_key"),
    }
)
_SENSITIVE_3 = frozenset(
    {
        ("core", "fernet_key"),
        ("core", "asset_manager_kwargs"),
        ("database", "sql_alchemy_conn"),
        ("database", "sql_alchemy_conn_async"),
        ("database", "sql_alchemy_engine_args"),
        ("logging", "remote_task_handler_kwargs"),
        ("secrets", "backend_kwargs"),
        ("api", "secret_key"),
        ("workers", "secrets_backend_kwargs"),
        ("api_auth", "jwt_secret"),
        ("sentry", "sentry_dsn"),
    }
)


class Configuration(Struct, frozen=True):
    """What an Airflow of a generation is configured with.

    ``file`` is its airflow.cfg, ``beside`` one that is listed along with it. ``sensitive`` options are hidden,
    ``drawn`` ones are random at installation, ``own`` sections have options that may be settings of ours, under the
    same name, and ``renamed`` ones are found by their old places.
    """

    file: str
    sensitive: frozenset[Place]
    drawn: tuple[tuple[str, str, int], ...]
    own: tuple[str, ...]
    beside: str | None = None
    renamed: Mapping[Place, Place] = field(default_factory=dict)

    def everything(self, settings: Settings, *, sensitive: bool = False) -> Sections:
        """All sections. Unless ``sensitive``, sensitive options that have a value say that it is hidden (observed)."""
        beside = _sections(self.beside) if self.beside is not None else {}
        told = {**{name: dict(options) for name, options in beside.items()}, **self._filled_in(settings)}
        for section, option in () if sensitive else self.sensitive:
            if told.get(section, {}).get(option):
                told[section][option] = HIDDEN
        return told

    def one_section(self, settings: Settings, name: str, *, sensitive: bool = False) -> Sections:
        """One section, by its exact name. Raises ConfigSectionNotFoundError."""
        if name not in _sections(self.file):
            raise ConfigSectionNotFoundError(section=name)
        return {name: self.everything(settings, sensitive=sensitive)[name]}

    def one_option(self, settings: Settings, section: str, option: str) -> str:
        """The value of an option, by its name in any case or by an old one; a sensitive one is hidden even when empty.

        Raises ConfigOptionNotFoundError.
        """
        place = (section.lower(), option.lower())
        now_section, now_option = self.renamed.get(place, place)
        value = self._filled_in(settings).get(now_section, {}).get(now_option)
        if value is None:
            raise ConfigOptionNotFoundError(section=section, option=option)
        return HIDDEN if place in self.sensitive else value

    def _filled_in(self, settings: Settings) -> Sections:
        """The sections of airflow.cfg, with this deployment's settings and the secrets that it drew."""
        told = {name: dict(options) for name, options in _sections(self.file).items()}
        for name in self.own:
            for option in told[name]:
                if getattr(settings, option, None) is not None:
                    told[name][option] = _written(option, getattr(settings, option))
        for section, option, length in self.drawn:
            digest = hashlib.sha256(f"{settings.seed}/{section}/{option}".encode()).digest()
            told[section][option] = base64.urlsafe_b64encode(digest[:length]).decode()
        return told


AIRFLOW_2 = Configuration(
    "airflow_2.cfg",
    _SENSITIVE_2,
    drawn=(("core", "fernet_key", 32), ("core", "internal_api_secret_key", 16), ("webserver", "secret_key", 16)),
    own=("api", "core", "webserver"),
    beside=_PROVIDERS,
    renamed=RENAMED,
)
AIRFLOW_3 = Configuration(
    "airflow_3.cfg",
    _SENSITIVE_3,
    drawn=(("core", "fernet_key", 32), ("api", "secret_key", 16)),
    own=("api", "api_auth", "core"),
)


def old_names() -> dict[str, str]:
    """The old names of options and what they are called now, with their sections: ``core.sql_alchemy_conn``."""
    sections = {
        f"{before}.{option}": f"{now}.{option}"
        for before, now in RENAMED_SECTIONS.items()
        for option in _sections(_PROVIDERS)[now]
    }
    return sections | {".".join(old): ".".join(new) for old, new in RENAMED.items()}


def in_text(sections: Sections) -> str:
    """Sections in the form of airflow.cfg."""
    blocks = (
        f"[{name}]\n" + "\n".join(f"{key} = {value}" for key, value in options.items()) + "\n"
        for name, options in sections.items()
    )
    return "\n".join(blocks)


def in_json(sections: Sections) -> dict[str, Any]:
    """Sections as the APIs list them."""
    listed = [
        {"name": name, "options": [{"key": key, "value": value} for key, value in options.items()]}
        for name, options in sections.items()
    ]
    return {"sections": listed}


def _written(option: str, value: Any) -> str:
    """A setting's value as airflow.cfg has it."""
    if option == "auth_backends":
        return ",".join(f"airflow.api.auth.backend.{name}" for name in value)
    return " ".join(value) if isinstance(value, tuple) else str(value)


@cache
def _sections(file: str) -> Sections:
    sections: Sections = {}
    for line in files(__package__).joinpath(file).read_text("utf-8").splitlines():
        if line.startswith("["):
            sections[line[1:-1]] = {}
        elif line:
            option, _, value = line.partition(" =")
            sections[[*sections][-1]][option] = value.strip()
    return sections
