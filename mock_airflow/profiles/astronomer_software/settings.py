"""The settings of this vendor: above all, what no source tells of it (assumed). Fields of Settings like all others."""

from __future__ import annotations

from mock_airflow.settings.values import one_of, option, or_none, release_name, settings_part, text, whole, yes_or_no


@settings_part
class AstronomerSoftwareSettings:
    """The part of Settings that belongs to Astronomer Software."""

    astronomer_software_release: str = option(
        "quasar-1234", release_name, "the release name of the deployment: its Airflow is at /RELEASE/airflow"
    )
    astronomer_software_base_domain: str = option(
        "", text, "the installation's base domain, for links and redirects; empty for the address that was called"
    )
    astronomer_software_error_pages: bool = option(
        True, yes_or_no, "put the platform's HTML page in the place of Airflow's 403, 404, 502 and 503 (code: yes)"
    )
    astronomer_software_include_deferred: bool = option(
        False, yes_or_no, "tell include_deferred of a pool in the experimental API, as Airflow 2.11 does"
    )
    astronomer_software_key_shown_minutes: int | None = option(
        None,
        or_none(whole(0)),
        "how long Houston tells a whole key, before it tells six characters and stars (code: 10 by default in 2020);"
        " empty for always",
    )
    astronomer_software_unauthenticated_code: str = option(
        "UNAUTHENTICATED",
        one_of("UNAUTHENTICATED", "FORBIDDEN"),
        "Apollo's code for a query of somebody unknown (assumed: UNAUTHENTICATED)",
    )
