"""The settings that one profile alone has, each named after it: above all, what no source tells of a vendor (assumed).

They are fields of Settings like all others.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_airflow.setting_values import one_of, option, yes_or_no


@dataclass(frozen=True, kw_only=True)
class ProfileSettings:
    """The part of Settings that belongs to vendors."""

    datacoves_refusal_status: str = option(
        "401", one_of("401", "403"), "the status for a missing or wrong key (assumed: 401)", example="403"
    )
    datacoves_bearer: bool = option(
        False, yes_or_no, "take Authorization: Bearer <key> too (assumed: no)", example="yes"
    )
