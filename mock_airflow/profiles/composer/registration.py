"""Callers as users of the Airflow behind: registered when they call for the first time, with a role by a setting.

Documented: the role, and the name of a caller whose e-mail address is too long for Airflow's users in Composer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.answers import Unidentified
from mock_airflow.domain.records import User
from mock_airflow.journal.why import Why
from mock_airflow.profiles.composer.accounts import LONGEST_NAME

if TYPE_CHECKING:
    from mock_airflow.access.site import Site
    from mock_airflow.profiles.composer.identity import GoogleAccount


def numbered(account: GoogleAccount) -> str:
    """The name of a user who is known by the account's number."""
    return f"accounts.google.com:{account.number}"


def registered(account: GoogleAccount, deployment: Site) -> User:
    """The user that the caller is, made with the first call. Raises Unidentified where there can be none."""
    airflow, settings = deployment.airflow, deployment.settings
    user = airflow.users.lookup("email", account.email)
    for name in (account.email, numbered(account)):
        user = user or airflow.users.get(name)
    if user is None:
        short = len(account.email) <= LONGEST_NAME
        if not short and not settings.composer_registers_long_names:
            said = f"{account.email[:20]}... has more than {LONGEST_NAME} letters, so nobody is registered by it."
            raise Unidentified(
                Why(said, "long name", would_pass=f"a user {numbered(account)}, made before the first call")
            )
        name, now = (account.email if short else numbered(account)), airflow.now()
        user = airflow.users.put(
            User(
                id=airflow.next_id("users"),
                username=name,
                password_digest="nobody signs in with a password",
                first_name=account.email.partition("@")[0][:LONGEST_NAME],
                last_name="-",
                email=name,
                roles=(account.role or settings.composer_auth_user_registration_role,),
                created_on=now,
                changed_on=now,
            )
        )
    if not user.active:
        raise Unidentified(Why(f"The user {user.username!r} is not active.", "inactive user"))
    return user
