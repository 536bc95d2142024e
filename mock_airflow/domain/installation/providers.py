"""Installed provider packages."""

from __future__ import annotations

from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.records import Provider

# What pip installs along with Airflow 2.11.2 (observed). A world that names its providers replaces all of them.
_BROUGHT_ALONG = tuple(
    Provider(package_name=f"apache-airflow-providers-{name}", description=description, version=version)
    for name, version, description in (
        (
            "common-compat",
            "1.23.0",
            "Common Compatibility Provider - providing compatibility code for previous Airflow versions",
        ),
        ("common-io", "1.11.0", "Common IO Provider"),
        ("common-sql", "2.4.0", "Common SQL Provider https://en.wikipedia.org/wiki/SQL"),
        ("fab", "1.5.4", "Flask App Builder https://flask-appbuilder.readthedocs.io/"),
        ("ftp", "3.16.1", "File Transfer Protocol (FTP) https://tools.ietf.org/html/rfc114"),
        ("http", "6.3.0", "Hypertext Transfer Protocol (HTTP) https://www.w3.org/Protocols/"),
        ("imap", "3.13.1", "Internet Message Access Protocol (IMAP) https://tools.ietf.org/html/rfc3501"),
        ("smtp", "3.2.0", "Simple Mail Transfer Protocol (SMTP) https://tools.ietf.org/html/rfc5321"),
        ("sqlite", "4.3.4", "SQLite https://www.sqlite.org/"),
    )
)
_ANYWHERE = frozenset({"email", "fs", "generic", "package_index"})  # types that need no provider (observed)
_WITHOUT_TYPE = frozenset({"common-compat", "common-io", "common-sql", "fab"})
# Packages whose connection types are not just called as they are (documented).
_TYPES = {
    "amazon": ("aws", "athena", "chime", "emr", "redshift"),
    "cncf-kubernetes": ("kubernetes",),
    "google": ("google_cloud_platform", "gcpcloudsql", "gcpcloudsqldb", "gcpbigquery", "gcpssh", "google_ads"),
    "microsoft-azure": ("azure", "adls", "azure_data_factory", "wasb"),
    "microsoft-mssql": ("mssql",),
    "slack": ("slack", "slackwebhook"),
}


def installed(airflow: Airflow) -> list[Provider]:
    """The provider packages, in the order of their names."""
    return sorted(airflow.providers, key=lambda provider: provider.package_name) or list(_BROUGHT_ALONG)


def connection_types(airflow: Airflow) -> frozenset[str]:
    """The types of connection that there is a hook for."""
    known = set(_ANYWHERE)
    for provider in installed(airflow):
        name = provider.package_name.removeprefix("apache-airflow-providers-")
        if name not in _WITHOUT_TYPE:
            known.update(_TYPES.get(name, (name.replace("-", "_"),)))
    return frozenset(known)
