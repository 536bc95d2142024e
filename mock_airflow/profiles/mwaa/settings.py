"""The settings of this vendor: above all, what no source tells of it (assumed). Fields of Settings like all others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mock_airflow.settings.values import (
    choice,
    matching,
    one_of,
    option,
    positive,
    settings_part,
    several,
    text,
    yes_or_no,
)

_KINDS = ("user/", "assumed-role/", "federated-user/")  # of principals
_MEMBERS = ("Sid", "Effect", "Action", "Resource")  # of a statement that are understood
_NAME = re.compile(r"[a-zA-Z][0-9a-zA-Z_-]{0,79}\Z")


def _environment(value: Any) -> str:
    """The name of an environment, as MWAA has them."""
    found = text(value)
    if not _NAME.match(found):
        raise ValueError("a letter and then up to 79 letters, digits, - and _ are expected")
    return found


def _environments(value: Any) -> tuple[str, ...]:
    return tuple(_environment(each) for each in several(value))


_account = matching(r"[0-9]{12}", "the twelve digits of an account are expected")
_region = matching(r"[a-z]{2}(-[a-z]+)+-[0-9]+", "a region such as eu-west-1 is expected")
# A host with or without a port, and a path where the environment is one of a hub's; empty for none.
_hostname = matching(
    r"([A-Za-z0-9.-]+(:[0-9]+)?(/[^\s?#]*[^\s?#/])?)?",
    "a host such as airflow.test:8443, without the https:// that clients put before it, is expected",
)


def _up_to_a_million(value: Any) -> float:
    """A number above 0 that any clock can bear as minutes or hours."""
    number = positive(value)
    if number > 1e6:
        raise ValueError("a number above 0, up to a million, is expected")
    return number


def _are_texts(value: Any) -> bool:
    """Whether a value is a text, or a list of some."""
    several_ = value if isinstance(value, list) else [value]
    return bool(several_) and all(isinstance(each, str) and each for each in several_)


def _policies(value: Any) -> str:
    """IAM policies by principal, as JSON; given as a mapping, as JSON text, or as the path of a file with it."""
    if not value:
        return ""
    try:
        read = value
        if isinstance(value, (str, Path)):
            written = str(value)
            read = json.loads(written if written.lstrip().startswith("{") else Path(written).read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"a JSON object, or the path of a file with one, is expected ({error})") from None
    if not isinstance(read, dict) or not all(isinstance(each, dict) and "Statement" in each for each in read.values()):
        raise ValueError('principals with policies are expected, such as {"user/vera": {"Statement": [...]}}')
    for name, policy in read.items():
        if not name.startswith(_KINDS):
            raise ValueError(f"{name!r} is no principal; user/NAME or assumed-role/ROLE/SESSION is expected")
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        for each in statements:
            odd = [str(key) for key in each if key not in _MEMBERS] if isinstance(each, dict) else []
            if odd:
                raise ValueError(f"statements with {', '.join(odd)} are not understood here")
            if not isinstance(each, dict) or each.get("Effect") not in ("Allow", "Deny"):
                raise ValueError("a statement has an Effect (Allow or Deny), an Action and a Resource")
            if not _are_texts(each.get("Action")) or not _are_texts(each.get("Resource")):
                raise ValueError("a statement's Action and Resource are texts, or lists of texts")
    return json.dumps(read, sort_keys=True)


@settings_part
class MwaaSettings:
    """The part of Settings that belongs to Amazon MWAA."""

    mwaa_environment: str = option("MyAirflowEnvironment", _environment, "the environment's name")
    mwaa_more_environments: tuple[str, ...] = option(
        (), _environments, "further environments that are listed and described, and have no Airflow"
    )
    mwaa_region: str = option("us-east-1", _region, "the region that requests are signed for", example="eu-west-1")
    mwaa_account: str = option("123456789012", _account, "the account's number", example="210987654321")
    mwaa_check_signatures: bool = option(
        True, yes_or_no, "check the signatures of requests; else the key that they name is taken on trust"
    )
    mwaa_signature_clock: str = option(
        "machine",
        one_of("machine", "deployment"),
        "by which clock a signature's moment is looked at; clients of another program sign by the machine's",
    )
    mwaa_clock_skew_minutes: float = option(
        5.0, _up_to_a_million, "by how much a client's clock may differ (documented: five minutes)"
    )
    mwaa_policies: str = option(
        "",
        _policies,
        "IAM policies by principal (user/NAME or assumed-role/ROLE/SESSION), as JSON or a file with it; whoever has"
        " none may do what the key's scope stands for",
        example='{"user/vera": {"Statement": {"Effect": "Allow", "Action": "airflow:*", "Resource": "*"}}}',
    )
    mwaa_token_seconds: float = option(60.0, positive, "how long web and CLI tokens live (documented: 60 seconds)")
    mwaa_session_hours: float = option(
        12.0, _up_to_a_million, "how long the session lives that a web token is exchanged for"
    )
    mwaa_webserver_hostname: str = option(
        "", _hostname, "what is told as WebServerHostname; empty for the address that was called"
    )
    mwaa_refused_token_status: str = option(
        "403", choice("401", "403"), "the web server's status for a token that does not count (assumed)"
    )
    mwaa_failed_command_status: str = option(
        "400",
        choice("200", "400"),
        "the status of /aws_mwaa/cli for a command that fails; its output is told either way (assumed)",
    )
    mwaa_throttling_status: str = option(
        "400", choice("400", "429"), "the status of ThrottlingException (documented: 400)"
    )
