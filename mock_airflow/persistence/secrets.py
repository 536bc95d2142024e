"""What of a deployment's secrets is not written down, and how as much as possible of it is known again.

The value of a key is kept as a digest where its vendor shows it once, in memory as in a file. Passwords, and the first
credential, which memory has in clear so that it may tell them, are written nowhere: a password that equals its user's
name is guessed and held against the digest, and the first credential is drawn again from the seed.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mock_airflow.access.digests import matches
from mock_airflow.errors import MockAirflowError
from mock_airflow.storage.singletons import Singleton

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.settings import Settings

_UNWRITTEN = frozenset({"passwords"})


def is_unwritten(table: str, row: Any) -> bool:
    """Whether a row has secrets in clear that only memory may have."""
    return table == "singletons" and isinstance(row, Singleton) and row.name in _UNWRITTEN


def written_settings(settings: Settings) -> dict[str, Any]:
    """The settings that may be written down, by name: no secret, nothing of this machine, and no defaults."""
    return {
        field.name: value
        for field in fields(settings)
        if not (field.metadata.get("secret") or field.metadata.get("unsaved"))
        and (value := getattr(settings, field.name)) != field.default
    }


def know_passwords(deployment: Deployment) -> None:
    """Have the deployment know the passwords again that equal the user's name or stand in its settings."""
    known = dict(text.split(":")[:2] for text in deployment.settings.user if text.count(":") == 2)
    deployment.passwords = {
        user.username: password
        for user in deployment.airflow.users
        for password in (known.get(user.username, ""), user.username)
        if matches(password, user.password_digest)
    }


def first_credential(deployment: Deployment, first_draw: int) -> dict[str, str]:
    """A working credential of a deployment that was saved: the one that it began with, or else a new one."""
    copy = deployment.fork()
    copy.keys.delete_all(copy.keys.list())
    copy.ids.drawn = first_draw
    try:
        found = copy.profile.prepare(copy)
    except MockAirflowError:  # its state has since become one in which nothing can be made so
        found = {}
    if found and _opens(deployment, found):
        for value in found.values():
            deployment.keys.known(value)
        return found
    return deployment.profile.credentials_for(deployment, "Admin")


def _opens(deployment: Deployment, credential: dict[str, str]) -> bool:
    if "password" in credential:
        user = deployment.airflow.users.get(credential.get("username", ""))
        return user is not None and matches(credential["password"], user.password_digest)
    return any(deployment.keys.find(value) is not None for value in credential.values())
