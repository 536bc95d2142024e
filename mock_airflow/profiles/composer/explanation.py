"""The profile composer, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import API, CONTROL, HOST, Explanation

_PROJECT = f"{HOST}/v1/projects/mock-project/locations/us-central1/environments"
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

EXPLANATION = Explanation(
    title="Profile composer: Google Cloud Composer",
    meaning="A Google account comes in with Authorization: Bearer <access token>, and is a user of the Airflow behind"
    " from its first call on, with the role Op (composer_auth_user_registration_role). Tokens come from /token, for a"
    " JWT that a service account's key signed or for a refresh token, or from the metadata server at"
    " /computeMetadata/v1, which google-auth asks where GCE_METADATA_HOST names this address.",
    causes=(
        "Without a token a request is sent to Google's sign-in with a 302, and never a 401 (composer_no_credential);"
        " the sign-in is here, unless composer_accounts_url says where.",
        "A token that is wrong, expired or revoked is a 401; google-auth then gets another and asks again.",
        "An account that IAM gives no role is a page with 403; a user whose role lacks a permission is Airflow's 403.",
        "An e-mail address of more than 64 letters is registered as accounts.google.com:<the account's number>.",
        "The Composer API tells config.airflowUri at /v1/projects/<project>/locations/<location>/environments/<name>.",
        "composer_generation=1 is behind Identity-Aware Proxy: id tokens for the client that the redirect names.",
        "A key that is made with `mock-airflow keys create --owner USER` is that user's refresh token.",
    ),
    options="--profile composer",
    calls=(
        (f"curl {API}/dags", 302),
        (f"curl -H 'Authorization: Bearer ya29.no-such-token' {API}/dags", 401),
        (f"curl -d 'grant_type={_JWT}&assertion=x' {HOST}/token", 400),
        (f"curl -H 'Metadata-Flavor: Google' {HOST}/computeMetadata/v1/project/project-id", 200),
        (f"curl {_PROJECT}", 401),
        (f"curl {CONTROL}/keys", 200),
    ),
    elsewhere=(("--profile composer --set composer_no_credential=401", ((f"curl {API}/dags", 401),)),),
)
