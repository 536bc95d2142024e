"""Deployments that were set up once a session, so that a test's own costs microseconds, whatever its world."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment


class Templates:
    """One pristine deployment for each settings that a test asked for; no test ever gets it itself."""

    def __init__(self) -> None:
        self._made: dict[str, Deployment] = {}

    def fresh(self, settings: Mapping[str, Any]) -> Deployment:
        """An independent deployment with these settings that begins now. Raises SettingError or WorldError."""
        if settings.keys() & {"saved", "database"}:  # it goes on from a moment of its own
            from mock_airflow.testing.mock import deployment_of

            return deployment_of(settings)
        key = f"{sorted(settings.items())!r} {_versions(settings.get('world', ()))!r}"
        template = self._made.get(key)
        if template is None:
            from mock_airflow.testing.mock import template_of

            template = self._made[key] = template_of(settings)
        return template.fresh()


def _versions(worlds: Any) -> list[tuple[int, int]]:
    """What tells that a world file was written again."""
    found = []
    for name in worlds if isinstance(worlds, (list, tuple)) else [worlds]:
        with suppress(OSError, TypeError):  # the name of a built-in world; nothing that names a file
            status = os.stat(name)
            found.append((status.st_mtime_ns, status.st_size))
    return found
