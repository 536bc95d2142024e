"""The tokens in the control API."""

from __future__ import annotations

from mock_airflow.answers import Answer
from mock_airflow.api.operation import json_answer
from mock_airflow.control import answers
from mock_airflow.control.api import operation
from mock_airflow.control.call import ControlCall


@operation("GET", "/tokens", access=None, answer=answers.TOKEN, listed="tokens")
def list_tokens(call: ControlCall) -> Answer:
    """List the tokens that were handed out, oldest first; never their text."""
    now = call.airflow.now()
    tokens = [
        answers.told(answers.TOKEN, token, works=token.ended_at is None and token.expires_at > now)
        for token in call.deployment.tokens
    ]
    return answers.listing("tokens", tokens)


@operation("POST", "/tokens/expire", access=None, answer=answers.EXPIRED)
def expire_tokens(call: ControlCall) -> Answer:
    """Have all tokens of now count as expired; tells how many did count."""
    return json_answer({"expired": call.deployment.tokens.expire_all()})
