"""The settings of TLS. They are fields of Settings like all others, and of the machine that serves: none is saved."""

from __future__ import annotations

from mock_airflow.settings.values import folder, option, or_none, settings_part, several, yes_or_no


@settings_part
class TlsSettings:
    """The part of Settings that is about TLS on a deployment's own socket."""

    tls_self_signed: bool = option(
        False, yes_or_no, "serve over TLS, with a certificate of an authority made up for this process", unsaved=True
    )
    tls_cert: str | None = option(
        None,
        or_none(folder),
        "serve over TLS with this certificate, and those between it and its authority (PEM)",
        metavar="FILE",
        unsaved=True,
    )
    tls_key: str | None = option(
        None,
        or_none(folder),
        "the certificate's key (PEM, without a passphrase), where it is in a file of its own",
        metavar="FILE",
        unsaved=True,
    )
    tls_ca_file: str | None = option(
        None,
        or_none(folder),
        "where the made-up authority's certificate is written, which clients have to trust; else a temporary file",
        metavar="FILE",
        unsaved=True,
        rare=True,
    )
    tls_host: tuple[str, ...] = option(
        (),
        several,
        "a host name or address that the made-up certificate is for, beside this machine's own",
        metavar="NAME",
        unsaved=True,
        rare=True,
    )
