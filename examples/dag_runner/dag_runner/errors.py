"""What can go wrong when Airflow is asked for something."""

from __future__ import annotations


class AirflowError(Exception):
    """Airflow did not do what it was asked for."""


class Rejected(AirflowError):
    """Airflow refused a request as it stands; asking again would not help."""


class Unauthorized(Rejected):
    """The key opens nothing, and neither does a new one."""


class Forbidden(Rejected):
    """The key is good, but not for this."""


class NotFound(Rejected):
    """There is no such DAG or run."""


class Conflict(Rejected):
    """There is one of that name already."""


class Unavailable(AirflowError):
    """Airflow could not be reached, or was too busy, as often as it was tried."""


class StillRunning(AirflowError):
    """A run was not over when patience was."""


BY_STATUS: dict[int, type[Rejected]] = {401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict}
