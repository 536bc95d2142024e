"""The settings of this vendor: above all, what no source tells of it (assumed). Fields of Settings like all others."""

from __future__ import annotations

from mock_airflow.settings.values import matching, one_of, option, settings_part, text, whole, yes_or_no

# A part of a resource's name, such as a project's id.
_part = matching(r"[a-z]([a-z0-9.:-]*[a-z0-9])?", "small letters, digits and dashes are expected, such as my-project")
_address = matching(r"(https?://[^\s/?#]+[^\s?#]*)?", "a URL such as https://accounts.google.com is expected")
_client = matching(r"[^:\s]+:\S+", "ID:SECRET is expected")
_audience = matching(r"\S+", "the id of an OAuth client is expected")


@settings_part
class ComposerSettings:
    """The part of Settings that belongs to Cloud Composer."""

    composer_generation: str = option(
        "3",
        one_of("1", "2", "3"),
        "which Composer it is: 1 is behind Identity-Aware Proxy, which takes id tokens; 2 and 3 take access tokens",
    )
    composer_project: str = option("mock-project", _part, "the id of the Google Cloud project")
    composer_location: str = option("us-central1", _part, "the region that the environment is in")
    composer_environment: str = option("mock-airflow", _part, "the name of the environment")
    composer_auth_user_registration_role: str = option("Op", text, "[api] the role of whoever calls for the first time")
    composer_registers_long_names: bool = option(
        True,
        yes_or_no,
        "register callers whose e-mail address has more than 64 letters, by their number (documented: made by hand)",
    )
    composer_no_credential: str = option(
        "redirect",
        one_of("redirect", "401"),
        "what a request without a token gets: to Google's sign-in (reported), or a 401 (assumed)",
    )
    composer_accounts_url: str = option(
        "",
        _address,
        "where the sign-in is, such as https://accounts.google.com; empty for here, so that no test calls Google",
        example="https://accounts.google.com",
    )
    composer_iap_client_id: str = option(
        "123456789012-mockairflow.apps.googleusercontent.com", _audience, "the audience of id tokens for Composer 1"
    )
    composer_web_server: str = option(
        "called",
        one_of("called", "host"),
        "the airflowUri that the API tells: the address that was called, or a host of the vendor's form",
    )
    composer_token_seconds: int = option(3600, whole(1, 10**9), "how many seconds an access token lives")
    composer_assertion_times: bool = option(
        False,
        yes_or_no,
        "hold the times of a service account's own JWT against the clock, as Google does; off, since its client takes"
        " them from another clock",
    )
    composer_tokens_outlive_keys: bool = option(
        True, yes_or_no, "have what a service account's key was exchanged for count until it expires, key or no key"
    )
    composer_metadata_server: bool = option(
        True, yes_or_no, "be the metadata server of a machine too, which hands out tokens of the first service account"
    )
    composer_oauth_client: str = option(
        "mock-airflow.apps.googleusercontent.com:mock-client-secret",
        _client,
        "id and secret of the OAuth client that refresh tokens are for",
        metavar="ID:SECRET",
        example="my-client:my-secret",
        secret=True,
    )
    composer_command_seconds: int = option(
        0, whole(0, 10**9), "how many seconds on the clock an Airflow command's output takes to be there"
    )
