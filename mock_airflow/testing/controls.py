"""What a mock hands out to steer its failures; its keys, tokens, limits and fault rules are the deployment's own."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mock_airflow.deployment import Deployment

if TYPE_CHECKING:
    from mock_airflow.failures.catalogue import Failure
    from mock_airflow.failures.preview import Look


class FailureControl:
    """The catalogue of failures, for one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def provoke(self, name: str) -> Failure:
        """Put whoever holds this deployment's first credential in front of a failure, such as ``revoked``.

        Raises FailureError for an unknown one, or one that the profile does not have; nothing was changed then.
        """
        from mock_airflow.failures.preview import provoke

        return provoke(self._deployment, name)

    def look(self, name: str) -> Look:
        """What a client would meet: status, headers, body, and the reason behind it. Changes nothing.

        Raises FailureError as ``provoke`` does.
        """
        from mock_airflow.failures.preview import look

        return look(self._deployment, name)

    def list(self) -> list[Failure]:
        """The whole catalogue, with what each is in a sentence."""
        from mock_airflow.failures.catalogue import CATALOGUE

        return [*CATALOGUE.values()]


# Classes of the release before, which a test may have named; to go with the next one.
_REPLACED = {
    "FaultControl": ("faults.faults", "Faults"),
    "KeyRing": ("access.keys", "Keys"),
    "LimitControl": ("limits.limits", "Limits"),
    "TokenControl": ("access.tokens", "Tokens"),
}


def __getattr__(name: str) -> Any:
    if name not in _REPLACED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, new = _REPLACED[name]
    said = f"{__name__}.{name} is now mock_airflow.{home}.{new}; the old name goes with the next release."
    warnings.warn(said, DeprecationWarning, stacklevel=2)
    return getattr(import_module(f"mock_airflow.{home}"), new)
