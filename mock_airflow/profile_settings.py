"""The settings that one profile alone has, each named after it: above all, what no source tells of a vendor (assumed).

They are fields of Settings like all others.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_airflow.setting_values import one_of, option, or_none, positive, release_name, text, whole, yes_or_no


@dataclass(frozen=True, kw_only=True)
class ProfileSettings:
    """The part of Settings that belongs to vendors."""

    datacoves_refusal_status: str = option(
        "401", one_of("401", "403"), "the status for a missing or wrong key (assumed: 401)", example="403"
    )
    datacoves_keys_follow_user: bool = option(
        True, yes_or_no, "have a key open nothing once its user is gone or inactive (assumed)", example="no"
    )
    datacoves_bearer: bool = option(
        False, yes_or_no, "take Authorization: Bearer <key> too (assumed: no)", example="yes"
    )
    airbyte_edition: str = option(
        "enterprise",
        one_of("enterprise", "cloud", "community"),
        "which Airbyte: enterprise, cloud (Keycloak) or community",
        example="cloud",
    )
    airbyte_token_minutes: float = option(
        60.0, positive, "how long an access token lives; 60 by its page, 3 or 15 in the cloud, 1440", example="15"
    )
    airbyte_url: str = option("https://airbyte.example.com", text, "the issuer that its tokens name")
    airbyte_wrong_pair: str = option(
        "by-edition",
        one_of("by-edition", "400", "401", "500"),
        "the status for a wrong client id or secret: 400 for community, 401 else, 500 in database mode",
        example="500",
    )
    airbyte_unauthorized_body: str = option(
        "hal", one_of("hal", "empty", "problem"), "the body of a refused bearer token (assumed: hal)", example="empty"
    )
    airbyte_tokens_outlive_application: bool = option(
        True, yes_or_no, "have a deleted application's tokens count until they expire (assumed)", example="no"
    )
    airbyte_json_only: bool = option(False, yes_or_no, "refuse a form at the token endpoint, as some do", example="yes")
    airbyte_delete_status: str = option(
        "200", one_of("200", "204"), "the status for a deleted application at /api/v1 (code: 200)", example="204"
    )
    astronomer_software_release: str = option(
        "quasar-1234",
        release_name,
        "the release name of the deployment: its Airflow is at /RELEASE/airflow",
        example="nebula-5678",
    )
    astronomer_software_base_domain: str = option(
        "",
        text,
        "the installation's base domain, for links and redirects; empty for the address that was called",
        example="astro.example.com",
    )
    astronomer_software_error_pages: bool = option(
        True,
        yes_or_no,
        "put the platform's HTML page in the place of Airflow's 403, 404, 502 and 503 (code: yes)",
        example="no",
    )
    astronomer_software_include_deferred: bool = option(
        False, yes_or_no, "tell include_deferred of a pool in the experimental API, as Airflow 2.11 does", example="yes"
    )
    astronomer_software_key_shown_minutes: int | None = option(
        None,
        or_none(whole(0)),
        "how long Houston tells a whole key, before it tells six characters and stars (code: 10 by default in 2020);"
        " empty for always",
        example="10",
    )
    astronomer_software_unauthenticated_code: str = option(
        "UNAUTHENTICATED",
        one_of("UNAUTHENTICATED", "FORBIDDEN"),
        "Apollo's code for a query of somebody unknown (assumed: UNAUTHENTICATED)",
        example="FORBIDDEN",
    )
