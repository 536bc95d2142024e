"""The settings of this vendor: above all, what no source tells of it (assumed). Fields of Settings like all others."""

from __future__ import annotations

from mock_airflow.settings.values import one_of, option, or_none, positive, settings_part, text, whole, yes_or_no


@settings_part
class AirbyteSettings:
    """The part of Settings that belongs to Airbyte."""

    airbyte_edition: str = option(
        "enterprise",
        one_of("enterprise", "cloud", "community"),
        "which Airbyte: enterprise, cloud (Keycloak) or community",
    )
    airbyte_token_minutes: float = option(
        60.0, positive, "how long an access token lives; 60 by its page, 3 or 15 in the cloud, 1440"
    )
    airbyte_expires_in: int | None = option(
        None,
        or_none(whole(1)),
        "what expires_in says, whatever the token itself says (reported: 900 of one that ends after 180 seconds)",
        metavar="SECONDS",
    )
    airbyte_url: str = option("https://airbyte.example.com", text, "the issuer that its tokens name")
    airbyte_wrong_pair: str = option(
        "by-edition",
        one_of("by-edition", "400", "401", "500"),
        "the status for a wrong client id or secret: 400 for community, 401 else, 500 in database mode",
    )
    airbyte_unauthorized_body: str = option(
        "hal", one_of("hal", "empty", "problem"), "the body of a refused bearer token (assumed: hal)"
    )
    airbyte_tokens_outlive_application: bool = option(
        True, yes_or_no, "have a deleted application's tokens count until they expire (assumed)"
    )
    airbyte_json_only: bool = option(False, yes_or_no, "refuse a form at the token endpoint, as some do")
    airbyte_delete_status: str = option(
        "200", one_of("200", "204"), "the status for a deleted application at /api/v1 (code: 200)"
    )
