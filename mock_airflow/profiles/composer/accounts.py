"""Accounts of the made-up Google: what they are called, and the key file of a service account."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from mock_airflow.access import signing

if TYPE_CHECKING:
    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.settings import Settings

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
LONGEST_NAME = 64  # letters of an e-mail address that Airflow's users may have in Composer (documented)
_DOMAIN = "iam.gserviceaccount.com"
FIRST = "mock-airflow"


def service_account(name: str, settings: Settings) -> str:
    """The address of a service account of this name in the project."""
    return f"{name}@{settings.composer_project}.{_DOMAIN}"


def is_service_account(email: str) -> bool:
    """Whether an address is a service account's."""
    return email.endswith(".gserviceaccount.com")


def unique_id(email: str) -> str:
    """The number that Google knows an account by: 21 digits."""
    return "1" + str(int(hashlib.sha256(email.encode()).hexdigest(), 16))[:20]


def email_of(key: Key, airflow: Airflow, settings: Settings) -> str:
    """Whose a key is: an address that was given, its owner's who is a user of Airflow's, or a service account's."""
    given = key.details.get("email")
    if given:
        return str(given)
    if "@" in key.owner:
        return key.owner
    user = airflow.users.get(key.owner) if key.owner_is_user else None
    if user is not None:
        return user.email
    name = re.sub(r"[^a-z0-9]+", "-", key.name.lower()).strip("-") or "account"
    return service_account(f"{name}-{key.id}", settings)


def first_key(deployment: Site) -> Key | None:
    """The oldest key of the service account that the environment came with; None where all were deleted."""
    email = service_account(FIRST, deployment.settings)
    return next((key for key in deployment.keys.list() if key.details.get("email") == email), None)


def key_file(email: str, private_key_id: str, url: str) -> str:
    """A service account's key file: what is downloaded once, with the made-up Google's addresses."""
    project = email.partition("@")[2].removesuffix(f".{_DOMAIN}")
    told = {
        "type": "service_account",
        "project_id": project,
        "private_key_id": private_key_id,
        "private_key": signing.private_key_pem(),
        "client_email": email,
        "client_id": unique_id(email),
        "auth_uri": f"{url}/o/oauth2/auth",
        "token_uri": f"{url}/token",
        "auth_provider_x509_cert_url": f"{url}/oauth2/v3/certs",
        "client_x509_cert_url": f"{url}/oauth2/v3/certs",
        "universe_domain": "googleapis.com",
    }
    return json.dumps(told)
