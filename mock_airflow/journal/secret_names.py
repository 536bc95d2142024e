"""What is called like a secret, in the journal: more than Airflow itself hides.

Airflow's own list decides what its answers show, and stays as it is. The journal may leave out too much, but never too
little. A few names are secrets in one place and none in another, such as ``key`` and ``code``: those count in queries,
forms and a connection's extra, and elsewhere where their value looks like a secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise

from mock_airflow.domain.masking import is_sensitive

HARMLESS = frozenset({"file_token", "continuation_token", "token_type"})  # a place or a kind; they open nothing
_ALWAYS = frozenset(
    "pwd passwd passcode jwt bearer credential credentials cred creds cookie cookies assertion otp totp dsn"
    " accesskey secretkey kubeconfig connstring".split()
)
_KEYS_OF = frozenset(
    "access account encryption ssh signing fernet shared storage master private api license aes rsa host".split()
)
_SOMETIMES = frozenset("key keys code auth sig signature session sid sessionid pin pass verifier sas".split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHORTEST_KEY = 8
_A_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@lru_cache(4096)
def is_secret(name: object) -> bool:
    """Whether a name's value is a secret wherever it stands."""
    if not isinstance(name, str) or name in HARMLESS:
        return False
    if is_sensitive(name):
        return True
    words = _words(name)
    return (
        not _ALWAYS.isdisjoint(words)
        or ("connection" in words and "string" in words)
        or any(word in ("key", "keys") and before in _KEYS_OF for before, word in pairwise(words))
    )


@lru_cache(4096)
def may_be_secret(name: object) -> bool:
    """Whether a name's value is a secret in some places, or in all."""
    return is_secret(name) or (
        isinstance(name, str) and name not in HARMLESS and not _SOMETIMES.isdisjoint(_words(name))
    )


def hides(name: object, value: object, declared: Collection[str] = (), *, open_form: bool = False) -> bool:
    """Whether a member of an object is a secret.

    ``declared`` are names that are known to be none; ``open_form`` says that the object is a query, a form or the like.
    """
    if name in declared:
        return isinstance(name, str) and is_secret(name)
    if is_secret(name):
        return True
    return may_be_secret(name) and (open_form or (isinstance(value, str) and looks_secret(value)))


def looks_secret(text: str) -> bool:
    """Whether a text might be a key: of some length, without blanks, letters and digits mixed, and no date."""
    return (
        len(text) >= _SHORTEST_KEY
        and not any(each.isspace() for each in text)
        and any(each.isdigit() for each in text)
        and any(each.isalpha() for each in text)
        and _A_DATE.match(text) is None
    )


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name[:200])]
