"""The settings of this vendor: above all, what no source tells of it (assumed). Fields of Settings like all others."""

from __future__ import annotations

from mock_airflow.settings.values import one_of, option, settings_part, yes_or_no


@settings_part
class DatacovesSettings:
    """The part of Settings that belongs to Datacoves."""

    datacoves_refusal_status: str = option(
        "401", one_of("401", "403"), "the status for a missing or wrong key (assumed: 401)"
    )
    datacoves_keys_follow_user: bool = option(
        True, yes_or_no, "have a key open nothing once its user is gone or inactive (assumed)"
    )
    datacoves_bearer: bool = option(False, yes_or_no, "take Authorization: Bearer <key> too (assumed: no)")
