"""The tokens in the control API."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.operation import json_answer
from mock_airflow.control import answers
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall


@operation("GET", "/tokens", "list_tokens", access=None, answer=answers.TOKEN, listed="tokens")
def list_tokens(call: ControlCall) -> Answer:
    """List the tokens that were handed out, oldest first; never their text."""
    now = call.airflow.now()
    told = [
        {
            "number": token.number,
            "kind": token.kind,
            "subject": token.subject,
            "credential": token.credential,
            "issued_at": token.issued_at,
            "expires_at": token.expires_at,
            "ended_at": token.ended_at,
            "works": token.ended_at is None and token.expires_at > now,
        }
        for token in call.deployment.tokens
    ]
    return json_answer({"tokens": told, "total_entries": len(told)})


@operation("POST", "/tokens/expire", "expire_tokens", access=None, answer=answers.EXPIRED)
def expire_tokens(call: ControlCall) -> Answer:
    """Have all tokens of now count as expired; tells how many did count."""
    return json_answer({"expired": call.deployment.tokens.expire_all()})
