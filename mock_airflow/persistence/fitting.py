"""Whether the settings of a start fit a deployment that was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.errors import SettingError

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.settings import Settings


def see_that_it_fits(deployment: Deployment, saved: Settings, source: str) -> None:
    """Raise SettingError where what decides how its rows read is another than when it was saved."""
    for name in ("profile", "generation", "seed"):
        if getattr(deployment.settings, name) != getattr(saved, name):
            raise SettingError(
                f"{source} has a deployment whose {name} is {getattr(saved, name)}, which cannot be changed to"
                f" {getattr(deployment.settings, name)}; leave that setting out."
            )
