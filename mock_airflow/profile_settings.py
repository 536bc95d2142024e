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
    anomalyarmor_warehouse: bool = option(
        True, yes_or_no, "begin with a small warehouse of assets beside the Airflow datasets", example="no"
    )
    anomalyarmor_create_status: str = option(
        "201", one_of("200", "201"), "the status for a new key (assumed: 201)", example="200"
    )
    anomalyarmor_key_limit_status: str = option(
        "403", one_of("400", "402", "403", "409", "422"), "the status for a key too many (assumed: 403)", example="409"
    )
    anomalyarmor_key_limit_code: str = option(
        "KEY_LIMIT_REACHED", text, "the error code for a key too many (assumed)", example="CONFLICT"
    )
    anomalyarmor_key_reads: str = option(
        "any", one_of("any", "admin"), "which scope may list keys and look at them (assumed: any)", example="admin"
    )
    anomalyarmor_read_write_changes: bool = option(
        False,
        yes_or_no,
        "let read-write keys PUT, PATCH and DELETE too, as the package says; the documentation says GET and POST",
        example="yes",
    )
    anomalyarmor_error_as_text: bool = option(
        False,
        yes_or_no,
        "refuse with error as a text, message beside it (the package copes with both)",
        example="yes",
    )
    anomalyarmor_validation_status: str = option(
        "400",
        one_of("400", "422"),
        "the status for wrong parameters or a wrong body (documented: 400)",
        example="422",
    )
    anomalyarmor_challenge: bool = option(
        True, yes_or_no, "send WWW-Authenticate: Bearer with a 401 of the API (assumed: yes)", example="no"
    )
    anomalyarmor_cut_limit: bool = option(
        False, yes_or_no, "cut a limit above the highest one instead of refusing it (assumed: no)", example="yes"
    )
    anomalyarmor_sdk_lists: str = option(
        "wrapped",
        one_of("wrapped", "documented"),
        "the form of lists below /sdk: as the package reads them, or as documented",
        example="documented",
    )
    anomalyarmor_doubled_contracts: bool = option(
        True,
        yes_or_no,
        "serve /api/v1/api/v1/contracts too, which is what the package calls when its URL ends in /api/v1",
        example="no",
    )
    anomalyarmor_job_seconds: int = option(
        0, whole(0, 86400), "seconds that a refresh or another job takes (assumed: none)", example="30"
    )
    anomalyarmor_demo_lifetime: float = option(
        3600.0, positive, "seconds that the key of a demo session lives (assumed: an hour)", example="60"
    )
    anomalyarmor_issuer: str = option(
        "", text, "the issuer of OAuth tokens; empty for the address that is called", example="http://127.0.0.1:8080"
    )
    anomalyarmor_auto_approve: bool = option(
        False, yes_or_no, "let OAuth clients in without asking on the consent page", example="yes"
    )
    anomalyarmor_oauth_scope: str = option(
        "admin",
        one_of("read-only", "read-write", "admin"),
        "what somebody who signed in by OAuth may do (assumed: admin)",
        example="read-only",
    )
    anomalyarmor_access_lifetime: float = option(
        43200.0, positive, "seconds that an OAuth access token lives (clients keep one for about 12 h)", example="600"
    )
    anomalyarmor_refresh_lifetime: float = option(
        2592000.0, positive, "seconds that an OAuth refresh token lives (assumed: 30 days)", example="3600"
    )
    anomalyarmor_code_lifetime: float = option(
        600.0, positive, "seconds that an authorization code lives (assumed: 10 minutes)", example="60"
    )
    anomalyarmor_refresh_rotates: bool = option(
        True, yes_or_no, "end a refresh token with its use, and the grant when it is used again (assumed)", example="no"
    )
    anomalyarmor_oauth_extras: bool = option(
        True, yes_or_no, "tell of revocation and introspection in the OAuth metadata (assumed)", example="no"
    )
    anomalyarmor_mcp_json: bool = option(
        False, yes_or_no, "answer MCP requests with plain JSON instead of an event stream", example="yes"
    )
    anomalyarmor_mcp_keys: bool = option(
        False, yes_or_no, "let the MCP server take API keys too (the vendor's takes OAuth tokens alone)", example="yes"
    )
    anomalyarmor_server_slash: bool = option(
        False,
        yes_or_no,
        "end the authorization server's URL in the resource metadata with a slash: armor-mcp does, mcp 2.3 refuses it",
        example="yes",
    )
    astro_deployment_id: str = option(
        "clz00000000000000mz3uu847",
        text,
        "the deployment's id; its Airflow is at /SHORT, which is d and the id's last seven characters",
        example="clz0000000000000000000abc",
    )
    astro_workspace_id: str = option("clw0000000000000workspace", text, "the workspace's id")
    astro_organization_id: str = option("clo0000000000organization", text, "the organization's id")
    astro_audience: str = option("astronomer-ee", text, "the audience that tokens are for")
    astro_issuer: str = option(
        "", text, "the issuer of tokens, which is then demanded of them; empty for the address that was called"
    )
    astro_cli_client_id: str = option("mockairflowclicommandline0000001", text, "the client id of the command line")
    astro_root: bool = option(True, yes_or_no, "have Airflow answer at the root too, beside /SHORT", example="no")
    astro_tokens_outlive_keys: bool = option(
        True,
        yes_or_no,
        "have what a key was exchanged for count until it expires, key or no key (assumed)",
        example="no",
    )
    astro_keys_manage_tokens: bool = option(
        True, yes_or_no, "let a Deployment API key with the scope admin manage API tokens (assumed)", example="no"
    )
    astro_user_token_hours: float = option(
        24.0, positive, "how long a user's temporary token lives: 24 hours at first, 1 in 2024, 8 now", example="1"
    )
    astro_missing_parameter_status: str = option(
        "400", one_of("400", "401", "403"), "the status of an exchange that lacks a parameter (assumed)", example="403"
    )
    astro_no_token: str = option(
        "401",
        one_of("401", "redirect"),
        "what a request without a token gets (code: redirect, for browsers)",
        example="redirect",
    )
    astro_refusal_body: str = option(
        "text", one_of("text", "json"), "the gate's refusals: Go's plain text (code) or the API's JSON", example="json"
    )
