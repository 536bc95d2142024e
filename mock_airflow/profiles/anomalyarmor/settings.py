"""The settings of this vendor: above all, what no source tells of it (assumed). Fields of Settings like all others."""

from __future__ import annotations

from mock_airflow.settings.values import one_of, option, positive, settings_part, text, whole, yes_or_no


@settings_part
class AnomalyArmorSettings:
    """The part of Settings that belongs to AnomalyArmor."""

    anomalyarmor_warehouse: bool = option(
        True, yes_or_no, "begin with a small warehouse of assets beside the Airflow datasets"
    )
    anomalyarmor_create_status: str = option("201", one_of("200", "201"), "the status for a new key (assumed: 201)")
    anomalyarmor_key_limit_status: str = option(
        "403", one_of("400", "402", "403", "409", "422"), "the status for a key too many (assumed: 403)"
    )
    anomalyarmor_key_limit_code: str = option("KEY_LIMIT_REACHED", text, "the error code for a key too many (assumed)")
    anomalyarmor_key_reads: str = option(
        "any", one_of("any", "admin"), "which scope may list keys and look at them (assumed: any)"
    )
    anomalyarmor_read_write_changes: bool = option(
        False,
        yes_or_no,
        "let read-write keys PUT, PATCH and DELETE too, as the package says; the documentation says GET and POST",
    )
    anomalyarmor_error_as_text: bool = option(
        False, yes_or_no, "refuse with error as a text, message beside it (the package copes with both)"
    )
    anomalyarmor_validation_status: str = option(
        "400", one_of("400", "422"), "the status for wrong parameters or a wrong body (documented: 400)"
    )
    anomalyarmor_challenge: bool = option(
        True, yes_or_no, "send WWW-Authenticate: Bearer with a 401 of the API (assumed: yes)"
    )
    anomalyarmor_cut_limit: bool = option(
        False, yes_or_no, "cut a limit above the highest one instead of refusing it (assumed: no)"
    )
    anomalyarmor_sdk_lists: str = option(
        "wrapped",
        one_of("wrapped", "documented"),
        "the form of lists below /sdk: as the package reads them, or as documented",
    )
    anomalyarmor_doubled_contracts: bool = option(
        True,
        yes_or_no,
        "serve /api/v1/api/v1/contracts too, which is what the package calls when its URL ends in /api/v1",
    )
    anomalyarmor_job_seconds: int = option(
        0, whole(0, 86400), "seconds that a refresh or another job takes (assumed: none)"
    )
    anomalyarmor_demo_lifetime: float = option(
        3600.0, positive, "seconds that the key of a demo session lives (assumed: an hour)"
    )
    anomalyarmor_issuer: str = option("", text, "the issuer of OAuth tokens; empty for the address that is called")
    anomalyarmor_auto_approve: bool = option(
        False, yes_or_no, "let OAuth clients in without asking on the consent page"
    )
    anomalyarmor_oauth_scope: str = option(
        "admin",
        one_of("read-only", "read-write", "admin"),
        "what somebody who signed in by OAuth may do (assumed: admin)",
    )
    anomalyarmor_access_lifetime: float = option(
        43200.0, positive, "seconds that an OAuth access token lives (clients keep one for about 12 h)"
    )
    anomalyarmor_refresh_lifetime: float = option(
        2592000.0, positive, "seconds that an OAuth refresh token lives (assumed: 30 days)"
    )
    anomalyarmor_code_lifetime: float = option(
        600.0, positive, "seconds that an authorization code lives (assumed: 10 minutes)"
    )
    anomalyarmor_refresh_rotates: bool = option(
        True, yes_or_no, "end a refresh token with its use, and the grant when it is used again (assumed)"
    )
    anomalyarmor_oauth_extras: bool = option(
        True, yes_or_no, "tell of revocation and introspection in the OAuth metadata (assumed)"
    )
    anomalyarmor_mcp_json: bool = option(
        False, yes_or_no, "answer MCP requests with plain JSON instead of an event stream"
    )
    anomalyarmor_mcp_keys: bool = option(
        False, yes_or_no, "let the MCP server take API keys too (the vendor's takes OAuth tokens alone)"
    )
    anomalyarmor_server_slash: bool = option(
        False,
        yes_or_no,
        "end the authorization server's URL in the resource metadata with a slash: armor-mcp does, mcp 2.3 refuses it",
    )
