"""The settings of Airflow 3's auth managers, by the names that Airflow gives them."""

from __future__ import annotations

from mock_airflow.settings.values import one_of, option, or_none, settings_part, text, whole, yes_or_no


@settings_part
class Airflow3Settings:
    """The part of Settings that belongs to Airflow 3's auth managers."""

    auth_manager: str | None = option(
        None,
        or_none(one_of("simple", "fab")),
        "[core] which auth manager signs people in; empty for simple, and for fab behind a vendor's gate",
    )
    simple_auth_manager_all_admins: bool = option(
        False, yes_or_no, "[core] let everybody in as an administrator, with or without a token"
    )
    jwt_expiration_time: int = option(86400, whole(1), "[api_auth] seconds that a token lives")
    jwt_cli_expiration_time: int = option(3600, whole(1), "[api_auth] seconds that a token of the CLI lives")
    jwt_secret: str | None = option(
        None, or_none(text), "[api_auth] what tokens are signed with; made from the seed when empty", secret=True
    )
