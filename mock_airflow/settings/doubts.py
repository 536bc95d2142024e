"""What settings say that comes to something else than somebody may think; nothing of it is refused."""

from __future__ import annotations

import re
from dataclasses import fields

from mock_airflow.settings.record import ProfileSettings, Settings, vendor_of

_MEASURED = {2: "2.11.2", 3: "3.3.2"}  # by generation: the release whose answers these are


def doubts(settings: Settings) -> list[str]:
    """A sentence for a release that nobody measured, and for each setting that another profile would read."""
    return [*_of_version(settings.airflow_version, _MEASURED[settings.generation]), *_of_vendors(settings)]


def _of_version(version: str, measured: str) -> list[str]:
    numbers = re.match(r"[0-9]+(\.[0-9]+)*", version)
    if numbers is not None and f"{measured}.".startswith(f"{numbers[0]}."):
        return []
    return [
        f"An Airflow {version} is answered for as {measured} answers, the release that was measured; what is different"
        " in yours is not known here."
    ]


def _of_vendors(settings: Settings) -> list[str]:
    found = []
    for field in fields(ProfileSettings):
        vendor = vendor_of(field.name)
        if vendor not in (None, settings.profile) and getattr(settings, field.name) != field.default:
            found.append(
                f"The setting {field.name} is for the profile {vendor}, and the profile is {settings.profile}, which"
                f" does not look at it; set profile={vendor} as well, or leave it out."
            )
    return found
