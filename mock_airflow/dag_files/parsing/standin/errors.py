"""The exceptions that DAG files meet while they are read, by Airflow's names."""

from __future__ import annotations

from typing import Any

from mock_airflow.dag_files.parsing.standin.installed import Installed


class AirflowException(Exception):
    """The root of Airflow's own exceptions."""

    status_code = 500


def refusal(words: str, of_3: str | None = None, kind: type[Exception] = ValueError) -> Exception:
    """Airflow 2's own error with these words; in Airflow 3, where the SDK uses Python's, one of ``kind``."""
    return AirflowException(words) if Installed.major == 2 else kind(of_3 or words)


class AirflowTaskTimeout(BaseException):
    """A file took too long; no ``except Exception`` of the file itself catches it."""


class AirflowNotFoundException(AirflowException):
    """Something that was asked for does not exist."""


class AirflowConfigException(AirflowException):
    """An option of the configuration is missing or wrong."""


class TaskDeferred(BaseException):
    """A task goes on in the triggerer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args)
        self.values = kwargs


class AirflowDagCycleException(AirflowException):
    """Tasks depend on each other in a circle."""


class AirflowTimetableInvalid(AirflowException):
    """A schedule cannot be understood."""


class DuplicateTaskIdFound(AirflowException):
    """Two tasks or groups of a DAG have one id."""


class TaskAlreadyInTaskGroup(AirflowException):
    """A task was put into a second group."""

    def __init__(self, task_id: str, existing_group_id: str | None, new_group_id: str | None) -> None:
        super().__init__(task_id, existing_group_id, new_group_id)
        self.task_id, self.existing_group_id, self.new_group_id = task_id, existing_group_id, new_group_id

    def __str__(self) -> str:
        def named(group_id: str | None) -> str:
            return "the DAG's root" if group_id is None else f"group {group_id!r}"

        return f"cannot add {self.task_id!r} to {named(self.new_group_id)} (already in {named(self.existing_group_id)})"


class TaskNotFound(AirflowNotFoundException):
    """A DAG has no such task."""


class SerializationError(AirflowException):
    """A DAG cannot be stored."""


class ParamValidationError(AirflowException):
    """The value of a param does not fit its schema."""


class FailStopDagInvalidTriggerRule(AirflowException):
    """A DAG that stops at the first failure has tasks that would run after one."""


class RemovedInAirflow3Warning(DeprecationWarning):
    """What Airflow 3 does not have any more."""

    deprecated_since: str | None = None


class RemovedInAirflow4Warning(DeprecationWarning):
    """What Airflow 4 will not have any more."""

    deprecated_since: str | None = None


class AirflowProviderDeprecationWarning(DeprecationWarning):
    """What a provider will not have any more."""

    deprecated_provider_since: str | None = None


# Those that only files raise or catch: by the one above, their names and what they mean.
_OF_FILES: dict[type[Exception], dict[str, str]] = {
    AirflowException: {
        "AirflowBadRequest": "A request made no sense.",
        "AirflowFailException": "A task fails without another try.",
        "AirflowSkipException": "A task is skipped.",
        "AirflowSensorTimeout": "A sensor waited too long.",
        "AirflowRescheduleException": "A sensor looks again later.",
        "AirflowDagDuplicatedIdException": "Two files declare DAGs of one id.",
        "AirflowDagInconsistent": "A DAG contradicts itself.",
        "AirflowClusterPolicyViolation": "A policy of the installation refuses a DAG or task.",
        "AirflowOptionalProviderFeatureException": "A provider lacks an optional part.",
        "XComNotFound": "There is no such value.",
        "UnmappableXComTypePushed": "A value cannot be mapped over.",
    },
    AirflowNotFoundException: {"DagNotFound": "There is no such DAG.", "PoolNotFound": "There is no such pool."},
}


def _are_airflows() -> None:
    """Make the exceptions of files, and have tracebacks name all of them here as Airflow's."""
    for base, names in _OF_FILES.items():
        globals().update({name: type(name, (base,), {"__doc__": doc}) for name, doc in names.items()})
    for kind in list(globals().values()):
        if isinstance(kind, type) and kind.__module__ == __name__:
            kind.__module__ = "airflow.exceptions"


_are_airflows()


class UnknownExecutorException(AirflowException):
    """A task names an executor that there is not."""
