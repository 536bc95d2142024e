"""What a world file tells of the FAB auth manager of an Airflow 3; with another auth manager it says nothing."""

from __future__ import annotations

from typing import Any

from mock_airflow.domain.installation.default_roles_3 import PERMISSIONS_3
from mock_airflow.domain.records import Permission
from mock_airflow.world.entry import WorldEntry
from mock_airflow.world.sections.transaction import READERS, Draft, entries, section


@section("fab")
def _fab(draft: Draft, content: Any, place: str) -> None:
    """Users, roles and permissions. A user without a password has its name for one."""
    entry = WorldEntry(content, place)
    entry.text("about", None)
    for name in ("roles", "users", "permissions"):
        told = entry.any(name, [])
        if not draft.fab_auth_manager:
            continue
        if name == "permissions":
            for each in entries(told, f"{place}.{name}"):
                permission = Permission(each.child("action").text("name"), each.child("resource").text("name"))
                each.done()
                if permission not in PERMISSIONS_3:
                    draft.put("permissions", permission)
        elif name == "roles":
            READERS[name](draft, told, f"{place}.{name}")
        else:
            named = [{"password": each.get("username"), **each} for each in told if isinstance(each, dict)]
            READERS[name](draft, named, f"{place}.{name}")
            draft.renumber("users")
    entry.done()
