"""The profile mwaa, explained."""

from __future__ import annotations

from mock_airflow.profiles.explanation import API, CONTROL, HOST, Explanation

_SIGNED = "--aws-sigv4 aws:amz:us-east-1:airflow"

EXPLANATION = Explanation(
    title="Profile mwaa: Amazon MWAA, signed calls and sessions",
    meaning="Calls to the control plane (/webtoken/NAME, /clitoken/NAME, /restapi/NAME, /environments) are signed with"
    " an access key, by Signature Version 4. Airflow itself takes sessions alone: POST /aws_mwaa/login exchanges a web"
    " token, which lives for 60 seconds, for the cookie session (Airflow 3: /pluginsv2/aws_mwaa/login, _token) that"
    " lives for 12 hours.",
    causes=(
        "A wrong secret, a changed body or a clock that is 5 minutes off is a 403 InvalidSignatureException,"
        " whose message tells what should have been signed; an unknown key a 403 UnrecognizedClientException.",
        "Signatures are held against the machine's clock (mwaa_signature_clock), tokens and sessions against the"
        " deployment's. mwaa_check_signatures=no takes any signature of a known key.",
        "IAM decides (mwaa_policies): what no policy allows is a 403 AccessDeniedException. The resource"
        " role/ENVIRONMENT/ROLE says which role of Airflow's a web token and InvokeRestApi have.",
        "InvokeRestApi wraps Airflow's refusals: RestApiClientException and RestApiServerException are a 400 with"
        " Airflow's own status and answer in them.",
        "botocore puts env. and api. before the host; AWS_DISABLE_HOST_PREFIX_INJECTION=true, or"
        " Config(inject_host_prefix=False), leaves that out.",
        "Clients put https:// before WebServerHostname: serve with --tls-self-signed.",
    ),
    options="--profile mwaa",
    calls=(
        (f"curl {API}/dags", 403),
        (f"curl {HOST}/environments", 403),
        (f"curl {_SIGNED} -u AKIAIOSFODNN7EXAMPLE:wrong {HOST}/environments", 403),
        (f"curl -d token=wrong {HOST}/aws_mwaa/login", 403),
        (f"curl -d 'dags list' -H 'Content-Type: text/plain' {HOST}/aws_mwaa/cli", 403),
        (f"curl {CONTROL}/keys", 200),
    ),
)
