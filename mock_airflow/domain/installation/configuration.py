"""The configuration as Airflow tells it: the file's defaults, with what the deployment's settings say in place."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from mock_airflow.domain.errors import ConfigOptionNotFoundError, ConfigSectionNotFoundError
from mock_airflow.domain.installation.airflow_2 import AIRFLOW_CFG
from mock_airflow.domain.installation.airflow_2_fallbacks import FALLBACKS, RENAMED, RENAMED_SECTIONS
from mock_airflow.domain.installation.airflow_3 import OPTIONS_3, SENSITIVE
from mock_airflow.settings import Settings

Sections = dict[str, dict[str, str]]

HIDDEN = "< hidden >"
_SENSITIVE = frozenset(
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
_DRAWN = (("core", "fernet_key", 32), ("core", "internal_api_secret_key", 16), ("webserver", "secret_key", 16))
_OWN = ("api", "core", "webserver")  # sections whose options may be settings of ours, under the same name


def everything(settings: Settings, *, sensitive: bool) -> Sections:
    """All sections. Unless ``sensitive``, sensitive options that have a value say that it is hidden (observed)."""
    told = {**{name: dict(options) for name, options in _parsed(FALLBACKS).items()}, **_file(settings)}
    if not sensitive:
        for section, option in _SENSITIVE:
            if told[section].get(option):
                told[section][option] = HIDDEN
    return told


def everything_of_3(settings: Settings) -> Sections:
    """All sections of an Airflow 3; sensitive options that have a value say that it is hidden (observed)."""
    told = _file_of_3(settings)
    for section, option in SENSITIVE:
        if told.get(section, {}).get(option):
            told[section][option] = HIDDEN
    return told


def one_section_of_3(settings: Settings, name: str) -> Sections:
    """One section of an Airflow 3, by its exact name. Raises ConfigSectionNotFoundError."""
    told = everything_of_3(settings)
    if name not in told:
        raise ConfigSectionNotFoundError(section=name)
    return {name: told[name]}


def one_option_of_3(settings: Settings, section: str, option: str) -> str:
    """The value of an option of an Airflow 3, by its name in any case. Raises ConfigOptionNotFoundError."""
    place = (section.lower(), option.lower())
    value = _file_of_3(settings).get(place[0], {}).get(place[1])
    if value is None:
        raise ConfigOptionNotFoundError(section=section, option=option)
    return HIDDEN if place in SENSITIVE else value


def _file_of_3(settings: Settings) -> Sections:
    told = {name: dict(options) for name, options in _parsed(OPTIONS_3).items()}
    for name in ("api", "api_auth", "core"):
        for option in told[name]:
            if getattr(settings, option, None) is not None:
                told[name][option] = _written(option, getattr(settings, option))
    for section, option, length in (("core", "fernet_key", 32), ("api", "secret_key", 16)):
        digest = hashlib.sha256(f"{settings.seed}/{section}/{option}".encode()).digest()
        told[section][option] = base64.urlsafe_b64encode(digest[:length]).decode()
    return told


def old_names() -> dict[str, str]:
    """The old names of options and what they are called now, with their sections: ``core.sql_alchemy_conn``."""
    sections = {
        f"{before}.{option}": f"{now}.{option}"
        for before, now in RENAMED_SECTIONS.items()
        for option in _parsed(FALLBACKS)[now]
    }
    return sections | {".".join(old): ".".join(new) for old, new in RENAMED.items()}


def one_section(settings: Settings, name: str, *, sensitive: bool) -> Sections:
    """One section, by its exact name. Raises ConfigSectionNotFoundError."""
    if name not in _parsed(AIRFLOW_CFG):
        raise ConfigSectionNotFoundError(section=name)
    return {name: everything(settings, sensitive=sensitive)[name]}


def one_option(settings: Settings, section: str, option: str) -> str:
    """The value of an option, by its name in any case or by an old one; a sensitive one is hidden even when empty.

    Raises ConfigOptionNotFoundError.
    """
    place = (section.lower(), option.lower())
    now_section, now_option = RENAMED.get(place, place)
    value = _file(settings).get(now_section, {}).get(now_option)
    if value is None:
        raise ConfigOptionNotFoundError(section=section, option=option)
    return HIDDEN if place in _SENSITIVE else value


def _file(settings: Settings) -> Sections:
    """The sections of airflow.cfg, with this deployment's settings and the secrets that it drew."""
    told = {name: dict(options) for name, options in _parsed(AIRFLOW_CFG).items()}
    for name in _OWN:
        for option in told[name]:
            if getattr(settings, option, None) is not None:
                told[name][option] = _written(option, getattr(settings, option))
    for section, option, length in _DRAWN:
        digest = hashlib.sha256(f"{settings.seed}/{section}/{option}".encode()).digest()
        told[section][option] = base64.urlsafe_b64encode(digest[:length]).decode()
    return told


def _written(option: str, value: Any) -> str:
    """A setting's value as airflow.cfg has it."""
    if option == "auth_backends":
        return ",".join(f"airflow.api.auth.backend.{name}" for name in value)
    return " ".join(value) if isinstance(value, tuple) else str(value)


@cache
def _parsed(text: str) -> Sections:
    sections: Sections = {}
    for line in text.splitlines():
        if line.startswith("["):
            sections[line[1:-1]] = {}
        elif line:
            option, _, value = line.partition(" =")
            sections[[*sections][-1]][option] = value.strip()
    return sections
