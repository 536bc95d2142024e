"""Which environment variables speak to this program, and which only happen to begin as they do."""

from __future__ import annotations

import re
from collections.abc import Mapping

ENVIRONMENT_PREFIX = "MOCK_AIRFLOW_"

# Kubernetes tells every pod of each Service in its namespace, by the Service's name in capitals: of one named
# mock-airflow, or mock-airflow-web, that begins as our own variables do.
_OF_A_SERVICE = re.compile(
    r"MOCK_AIRFLOW(_\w+)?_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)", re.ASCII
)
_ADDRESS_OF_A_SERVICE = re.compile(r"(tcp|udp|sctp)://")


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of ours by the rest of their names, in small letters."""
    return {
        name[len(ENVIRONMENT_PREFIX) :].lower(): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX) and not _is_of_a_service(name, value)
    }


def _is_of_a_service(name: str, value: str) -> bool:
    if name.endswith("_PORT") and _ADDRESS_OF_A_SERVICE.match(value):  # MOCK_AIRFLOW_PORT=8080 is an option of `serve`
        return True
    return _OF_A_SERVICE.fullmatch(name) is not None
