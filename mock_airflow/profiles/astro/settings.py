"""The settings of this vendor: above all, what no source tells of it (assumed). Fields of Settings like all others."""

from __future__ import annotations

from mock_airflow.settings.values import one_of, option, or_none, positive, settings_part, text, yes_or_no


@settings_part
class AstroSettings:
    """The part of Settings that belongs to Astro."""

    astro_deployment_id: str = option(
        "clz00000000000000mz3uu847",
        text,
        "the deployment's id; its Airflow is at /SHORT, which is d and the id's last seven characters",
    )
    astro_workspace_id: str = option("clw0000000000000workspace", text, "the workspace's id")
    astro_organization_id: str = option("clo0000000000organization", text, "the organization's id")
    astro_audience: str = option("astronomer-ee", text, "the audience that tokens are for")
    astro_issuer: str = option(
        "", text, "the issuer of tokens, which is then demanded of them; empty for the address that was called"
    )
    astro_cli_client_id: str = option("mockairflowclicommandline0000001", text, "the client id of the command line")
    astro_root: bool = option(True, yes_or_no, "have Airflow answer at the root too, beside /SHORT")
    astro_tokens_outlive_keys: bool = option(
        True, yes_or_no, "have what a key was exchanged for count until it expires, key or no key (assumed)"
    )
    astro_api_keys: bool | None = option(
        None,
        or_none(yes_or_no),
        "exchange Deployment API keys; empty for yes with Airflow 2 and no with 3, as they are gone since June 2024",
    )
    astro_deployment_token_role: str = option(
        "Admin",
        one_of("Admin", "Op"),
        "Airflow's role for the deployment role DEPLOYMENT_ADMIN: Op is what the pages say of tokens without a role",
    )
    astro_keys_manage_tokens: bool = option(
        True, yes_or_no, "let a Deployment API key with the scope admin manage API tokens (assumed)"
    )
    astro_user_token_hours: float = option(
        24.0, positive, "how long a user's temporary token lives: 24 hours at first, 1 in 2024, 8 now"
    )
    astro_missing_parameter_status: str = option(
        "400", one_of("400", "401", "403"), "the status of an exchange that lacks a parameter (assumed)"
    )
    astro_no_token: str = option(
        "401", one_of("401", "redirect"), "what a request without a token gets (code: redirect, for browsers)"
    )
    astro_refusal_body: str = option(
        "text", one_of("text", "json"), "the gate's refusals: Go's plain text (code) or the API's JSON"
    )
