"""Why a verb was refused, said without HTTP: each error carries the names that an API's wording needs.

An error's docstring is its message, with those names in braces, unless it has a ``sentence`` of its own.

DomainError
├── NotFoundError        a thing that was named does not exist
├── AlreadyExistsError   a name or a date is taken
└── InvalidError         the request makes no sense for this thing
"""

from __future__ import annotations

from typing import Any

from mock_airflow.errors import MockAirflowError


class DomainError(MockAirflowError):
    """A verb was refused and nothing was changed."""

    sentence = ""

    def __init__(self, **names: Any) -> None:
        self.names = names
        super().__init__((self.sentence or type(self).__doc__ or "").format(**names))


class NotFoundError(DomainError):
    """A thing that was named does not exist."""


class AlreadyExistsError(DomainError):
    """A name or a date is taken."""


class InvalidError(DomainError):
    """The request makes no sense for this thing."""


class DagNotFoundError(NotFoundError):
    """There is no DAG {dag_id!r}."""


class TaskNotFoundError(NotFoundError):
    """The DAG {dag_id!r} has no task {task_id!r}."""


class DagRunNotFoundError(NotFoundError):
    """The DAG {dag_id!r} has no run {run_id!r}."""


class LogicalDateNotFoundError(NotFoundError):
    """The DAG {dag_id!r} has no run for {logical_date}."""


class TaskInstanceNotFoundError(NotFoundError):
    """The run {run_id!r} of the DAG {dag_id!r} has no task instance {task_id!r} [{map_index}]."""


class TaskInstanceIsMappedError(NotFoundError):
    """The task {task_id!r} is mapped; name one of its instances by map_index."""


class TaskNotMappedError(NotFoundError):
    """The task {task_id!r} is not mapped."""


class TaskInstanceNotFoundByDateError(NotFoundError):
    """The task {task_id!r} has no instance for {execution_date}."""


class TryNotFoundError(NotFoundError):
    """The task instance {task_id!r} [{map_index}] of the run {run_id!r} has no attempt {try_number}."""


class XComNotFoundError(NotFoundError):
    """The task instance {task_id!r} [{map_index}] of the run {run_id!r} left no xcom {key!r}."""


class QueuedEventNotFoundError(NotFoundError):
    """Nothing is queued (DAG: {dag_id}, asset: {uri})."""


class AssetNotFoundError(NotFoundError):
    """There is no asset {uri!r}."""


class PoolNotFoundError(NotFoundError):
    """There is no pool {name!r}."""


class VariableNotFoundError(NotFoundError):
    """There is no variable {key!r}."""


class ConnectionNotFoundError(NotFoundError):
    """There is no connection {connection_id!r}."""


class UserNotFoundError(NotFoundError):
    """There is no user {username!r}."""


class RoleNotFoundError(NotFoundError):
    """There is no role {name!r}."""


class EventLogNotFoundError(NotFoundError):
    """The audit log has no entry {event_log_id}."""


class ImportErrorNotFoundError(NotFoundError):
    """There is no import error {import_error_id}."""


class DagSourceNotFoundError(NotFoundError):
    """There is no source for {file!r}."""


class DagFileNotFoundError(NotFoundError):
    """There is no DAG file for the file token {file!r}."""


class ConfigSectionNotFoundError(NotFoundError):
    """The configuration has no section {section!r}."""


class ConfigOptionNotFoundError(NotFoundError):
    """The section {section!r} of the configuration has no option {option!r}."""


class RunIdTakenError(AlreadyExistsError):
    """The DAG {dag_id!r} already has a run {run_id!r}."""


class LogicalDateTakenError(AlreadyExistsError):
    """The DAG {dag_id!r} already has a run for {logical_date}."""


class PoolNameTakenError(AlreadyExistsError):
    """There already is a pool {name!r}."""


class ConnectionIdTakenError(AlreadyExistsError):
    """There already is a connection {connection_id!r}."""


class UsernameTakenError(AlreadyExistsError):
    """There already is a user {username!r}."""


class EmailTakenError(AlreadyExistsError):
    """There already is a user with the email {email!r}."""


class RoleNameTakenError(AlreadyExistsError):
    """There already is a role {name!r}."""


class TasksStillRunningError(AlreadyExistsError):
    """Task instances of the DAG {dag_id!r} are still running."""


class BackfillRunningError(AlreadyExistsError):
    """There already is a running backfill of the DAG {dag_id!r}."""


class BackfillImpossibleError(InvalidError):
    """A backfill of this DAG, or from and to these moments, makes no sense."""

    sentence = "{reason}"


class RunTypeNotAllowedError(InvalidError):
    """The DAG {dag_id!r} allows no runs of the type {run_type}."""


class DagHasImportErrorsError(InvalidError):
    """The DAG {dag_id!r} has import errors."""


class LogUnreadableError(InvalidError):
    """The mapped task {task_id!r} was not expanded yet, so there is no log to read."""


class RunIdReservedError(InvalidError):
    """A manual run cannot be called {run_id!r}: that form is kept for {kind} runs."""


class RunIdMalformedError(InvalidError):
    """The run id {run_id!r} has other characters than letters, digits and any of _.~:+- ; choose another."""


class PartitionKeyError(InvalidError):
    """The DAG has no partition of such a key."""

    sentence = "{reason}"


class NoDataIntervalError(InvalidError):
    """The DAG's schedule names no moment before or after the date, so a run of that date is about no time."""

    sentence = "The schedule of the DAG {dag_id!r} has no data interval for such a run: {reason}."


class DataIntervalOutOfRangeError(NoDataIntervalError):
    """The time that the run would be about begins before the year 1 or ends after 9999."""


class ParamInvalidError(InvalidError):
    """Invalid input for param {param}: {reason}"""


class ConnectionIdTooLongError(InvalidError):
    """A connection's id has at most {longest} characters."""


class ConnectionIdMalformedError(InvalidError):
    """The connection id {connection_id!r} has other characters than letters, digits and any of _.- ."""


class ConnectionIdFixedError(InvalidError):
    """The connection {connection_id!r} keeps its id."""


class NotStorableError(InvalidError):
    """The value passes Airflow's checks, but its database does not take it."""

    sentence = "{reason}"


class DefaultPoolIsFixedError(InvalidError):
    """The default pool cannot be deleted or renamed."""


class RolesUnknownError(InvalidError):
    """There are no roles {listed}."""


class UserNotAddableError(InvalidError):
    """The user {username!r} cannot be added: {reason}."""


class UserMaskUnknownError(InvalidError):
    """The mask names {listed}, which the body does not have."""


class ActionUnknownError(InvalidError):
    """There is no action {action!r}."""


class ResourceUnknownError(InvalidError):
    """There is no resource {resource!r}."""
