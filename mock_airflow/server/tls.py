"""TLS for what listens: certificates from files, or from an authority that is made up for this process.

The authority's key never leaves memory. Its certificate lies in a file, which is what a client has to trust.
"""

from __future__ import annotations

import atexit
import contextlib
import ipaddress
import os
import shutil
import socket
import tempfile
import threading
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLError
from typing import TYPE_CHECKING, NamedTuple

from mock_airflow.errors import MissingExtraError, SettingError

if TYPE_CHECKING:
    from mock_airflow.settings import Settings

_HERE = ("localhost", "*.localhost", "127.0.0.1", "::1")  # by which clients on this machine reach a server
_CA_FILE = "mock-airflow-ca.pem"
_making = threading.Lock()


class Tls(NamedTuple):
    """What a server shows to its clients, and the file with the authority that these have to trust, if it is ours."""

    context: SSLContext
    ca_file: Path | None


class ThrowawayAuthority:
    """A certificate authority of this process's own, whose certificate lies in a file for clients to trust.

    Raises MissingExtraError without the package trustme, and OSError where the file cannot be written.
    """

    _of_this_process: ThrowawayAuthority | None = None

    def __init__(self, folder: Path) -> None:
        try:
            import trustme
        except ImportError:
            raise MissingExtraError(
                "Certificates are made by the package trustme, which is not installed; install mock-airflow[tls], or"
                " name a certificate of your own (tls_cert)."
            ) from None
        self._authority = trustme.CA(organization_name="Mock Airflow")
        self.ca_file = folder / _CA_FILE
        self.write_to(self.ca_file)

    @classmethod
    def shared(cls) -> ThrowawayAuthority:
        """The one of this process; its file goes with it."""
        with _making:
            if cls._of_this_process is None:
                folder = Path(tempfile.mkdtemp(prefix="mock-airflow-"))
                atexit.register(_remove, folder, os.getpid())
                cls._of_this_process = cls(folder)
            return cls._of_this_process

    def write_to(self, file: Path) -> None:
        """Write its certificate, as a whole or not at all."""
        part = file.with_name(f".{file.name}.{os.getpid()}")
        part.write_bytes(self._authority.cert_pem.bytes())
        part.replace(file)

    def server_context(self, *hosts: str) -> SSLContext:
        """What a server shows to its clients, on this machine and by these host names and addresses."""
        context = SSLContext(PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*dict.fromkeys((*_HERE, *hosts))).configure_cert(context)
        return context


def tls_of(settings: Settings, host: str = "127.0.0.1") -> Tls | None:
    """TLS as the settings want it for a server that listens on ``host``; None for plain HTTP. Raises SettingError."""
    if settings.tls_self_signed:
        if settings.tls_cert or settings.tls_key:
            raise SettingError("A certificate is either made up (tls_self_signed) or given (tls_cert); choose one.")
        return _made_up(settings, host)
    if settings.tls_cert is None:
        for name in ("tls_key", "tls_ca_file", "tls_host"):
            if getattr(settings, name):
                needed = "tls_cert" if name == "tls_key" else "tls_self_signed"
                raise SettingError(f"The setting {name} says nothing by itself; it goes with {needed}.")
        return None
    return Tls(_given(settings.tls_cert, settings.tls_key), None)


def _made_up(settings: Settings, host: str) -> Tls:
    authority = ThrowawayAuthority.shared()
    ca_file = authority.ca_file
    if settings.tls_ca_file is not None:
        ca_file = Path(settings.tls_ca_file).absolute()
        try:
            authority.write_to(ca_file)
        except OSError as error:
            raise SettingError(f"The file {ca_file} (tls_ca_file) cannot be written: {error.strerror}.") from None
    try:
        context = authority.server_context(*_names(host), *settings.tls_host)
    except ValueError as error:
        raise SettingError(
            f"No certificate can be made for {', '.join(settings.tls_host)} (tls_host): {error}."
        ) from None
    return Tls(context, ca_file)


def _names(host: str) -> list[str]:
    """The names of this machine that a certificate can have, and the address that is listened on."""
    names = [host] if host not in ("0.0.0.0", "::") else []
    for name in (socket.gethostname(), *names):
        with contextlib.suppress(ValueError):
            names.append(str(ipaddress.ip_address(name)))
            continue
        if name.isascii() and name.replace("-", "").replace(".", "").isalnum():
            names.append(name)
    return names


def _given(certificate: str, key: str | None) -> SSLContext:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    for file in filter(None, (certificate, key)):
        try:
            with open(file, "rb"):
                pass
        except OSError as error:
            raise SettingError(f"The file {file} of the certificate cannot be read: {error.strerror}.") from None

    def refuse() -> str:
        raise SettingError(
            f"The key of {certificate} is locked with a passphrase, and nobody is asked for one; write it without"
            " (openssl pkey -in KEY -out FILE)."
        )

    try:
        context.load_cert_chain(certificate, key, refuse)
    except SSLError as error:
        why = "the key is not the certificate's" if "MISMATCH" in (error.reason or "") else "it is no PEM with both"
        raise SettingError(
            f"The certificate {certificate} and its key {key or 'in the same file'} cannot be used: {why}"
            f" ({error.reason or error}); tls_cert and tls_key name PEM files."
        ) from None
    return context


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # and not one that was forked from it
        shutil.rmtree(folder, ignore_errors=True)
