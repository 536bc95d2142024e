"""The people and keys that settings name, each in one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.access.principals import ROLE_OF_SCOPE
from mock_airflow.errors import SettingError

if TYPE_CHECKING:
    from mock_airflow.access.site import Site


def add_key(site: Site, text: str) -> None:
    """Make the key of ``secret:scope`` or ``secret:scope:tier``. Raises SettingError and LimitError."""
    secret, colon, scope = text.rpartition(":")
    if not colon:
        raise SettingError("A key is given as SECRET:SCOPE, such as my-secret-key-0001:read-only.")
    tier = None
    before, colon, last_but_one = secret.rpartition(":")
    if colon and last_but_one in ROLE_OF_SCOPE:
        secret, scope, tier = before, last_but_one, scope
    site.profile.issue(site, "given", scope, "admin", secret=secret, tier=tier)


def add_user(site: Site, text: str) -> None:
    """Make the user of ``name:password:role``. Raises SettingError."""
    from mock_airflow.access import passwords

    parts = text.split(":")
    if len(parts) != 3 or not all(parts):
        raise SettingError("A user is given as NAME:PASSWORD:ROLE, such as vera:s3cret:Viewer.")
    name, password, role = parts
    if role not in site.airflow.roles:
        known = ", ".join(row.name for row in site.airflow.roles)
        raise SettingError(f"The user {name!r} cannot have the role {role!r}; the roles are {known}.")
    passwords.add_user(site, name, password, role)
