"""Why a verb was refused, said without HTTP: each error carries the names that an API's wording needs.

DomainError
├── NotFoundError        a thing that was named does not exist
├── AlreadyExistsError   a name or a date is taken
└── Invalid         the request makes no sense for this thing
"""

from __future__ import annotations

from typing import Any

from mock_airflow.errors import MockAirflowError


class DomainError(MockAirflowError):
    """A verb was refused and nothing was changed."""

    sentence = "The request was refused."

    def __init__(self, **names: Any) -> None:
        self.names = names
        super().__init__(self.sentence.format(**names))


class NotFoundError(DomainError):
    """A thing that was named does not exist."""


class AlreadyExistsError(DomainError):
    """A name or a date is taken."""


class InvalidError(DomainError):
    """The request makes no sense for this thing."""


class DagNotFoundError(NotFoundError):
    """There is no such DAG."""

    sentence = "There is no DAG {dag_id!r}."


class TaskNotFoundError(NotFoundError):
    """The DAG has no such task."""

    sentence = "The DAG {dag_id!r} has no task {task_id!r}."


class DagRunNotFoundError(NotFoundError):
    """The DAG has no such run."""

    sentence = "The DAG {dag_id!r} has no run {run_id!r}."


class LogicalDateNotFoundError(NotFoundError):
    """The DAG has no run for this logical date."""

    sentence = "The DAG {dag_id!r} has no run for {logical_date}."


class TaskInstanceNotFoundError(NotFoundError):
    """The run has no such task instance."""

    sentence = "The run {run_id!r} of the DAG {dag_id!r} has no task instance {task_id!r} [{map_index}]."


class TaskInstanceIsMappedError(NotFoundError):
    """The task is mapped, so a map_index is needed to name one instance."""

    sentence = "The task {task_id!r} is mapped; name one of its instances by map_index."


class TaskNotMappedError(NotFoundError):
    """The task is not mapped, so it has no instances by map_index."""

    sentence = "The task {task_id!r} is not mapped."


class TaskInstanceNotFoundByDateError(NotFoundError):
    """The task has no instance for this logical date."""

    sentence = "The task {task_id!r} has no instance for {execution_date}."


class TryNotFoundError(NotFoundError):
    """The task instance has no attempt of this number."""

    sentence = "The task instance {task_id!r} [{map_index}] of the run {run_id!r} has no attempt {try_number}."


class XComNotFoundError(NotFoundError):
    """The task instance left no such xcom."""

    sentence = "The task instance {task_id!r} [{map_index}] of the run {run_id!r} left no xcom {key!r}."


class QueuedEventNotFoundError(NotFoundError):
    """Nothing is queued for this DAG, or for this asset."""

    sentence = "Nothing is queued (DAG: {dag_id}, asset: {uri})."


class AssetNotFoundError(NotFoundError):
    """There is no such asset."""

    sentence = "There is no asset {uri!r}."


class PoolNotFoundError(NotFoundError):
    """There is no such pool."""

    sentence = "There is no pool {name!r}."


class VariableNotFoundError(NotFoundError):
    """There is no such variable."""

    sentence = "There is no variable {key!r}."


class ConnectionNotFoundError(NotFoundError):
    """There is no such connection."""

    sentence = "There is no connection {connection_id!r}."


class UserNotFoundError(NotFoundError):
    """There is no such user."""

    sentence = "There is no user {username!r}."


class RoleNotFoundError(NotFoundError):
    """There is no such role."""

    sentence = "There is no role {name!r}."


class EventLogNotFoundError(NotFoundError):
    """The audit log has no such entry."""

    sentence = "The audit log has no entry {event_log_id}."


class ImportErrorNotFoundError(NotFoundError):
    """There is no such import error."""

    sentence = "There is no import error {import_error_id}."


class DagSourceNotFoundError(NotFoundError):
    """There is no such DAG file, or its source is not known."""

    sentence = "There is no source for {file!r}."


class DagFileNotFoundError(NotFoundError):
    """The token stands for no file that a DAG comes from."""

    sentence = "There is no DAG file for the file token {file!r}."


class ConfigSectionNotFoundError(NotFoundError):
    """The configuration has no such section."""

    sentence = "The configuration has no section {section!r}."


class ConfigOptionNotFoundError(NotFoundError):
    """The configuration has no such option."""

    sentence = "The section {section!r} of the configuration has no option {option!r}."


class RunIdTakenError(AlreadyExistsError):
    """The DAG already has a run of this id."""

    sentence = "The DAG {dag_id!r} already has a run {run_id!r}."


class LogicalDateTakenError(AlreadyExistsError):
    """The DAG already has a run for this logical date."""

    sentence = "The DAG {dag_id!r} already has a run for {logical_date}."


class PoolNameTakenError(AlreadyExistsError):
    """There is a pool of this name."""

    sentence = "There already is a pool {name!r}."


class ConnectionIdTakenError(AlreadyExistsError):
    """There is a connection of this id."""

    sentence = "There already is a connection {connection_id!r}."


class UsernameTakenError(AlreadyExistsError):
    """There is a user of this name."""

    sentence = "There already is a user {username!r}."


class EmailTakenError(AlreadyExistsError):
    """There is a user with this email address."""

    sentence = "There already is a user with the email {email!r}."


class RoleNameTakenError(AlreadyExistsError):
    """There is a role of this name."""

    sentence = "There already is a role {name!r}."


class TasksStillRunningError(AlreadyExistsError):
    """The DAG cannot go while its task instances run."""

    sentence = "Task instances of the DAG {dag_id!r} are still running."


class BackfillRunningError(AlreadyExistsError):
    """The DAG has a backfill that is not over."""

    sentence = "There already is a running backfill of the DAG {dag_id!r}."


class BackfillImpossibleError(InvalidError):
    """A backfill of this DAG, or from and to these moments, makes no sense."""

    sentence = "{reason}"


class RunTypeNotAllowedError(InvalidError):
    """The DAG allows no runs of this type."""

    sentence = "The DAG {dag_id!r} allows no runs of the type {run_type}."


class DagHasImportErrorsError(InvalidError):
    """The DAG's file cannot be imported, so it cannot be triggered."""

    sentence = "The DAG {dag_id!r} has import errors."


class LogUnreadableError(InvalidError):
    """A mapped task that was not expanded has no log, and Airflow fails to find that out."""

    sentence = "The mapped task {task_id!r} was not expanded yet, so there is no log to read."


class RunIdReservedError(InvalidError):
    """The run id's prefix belongs to runs that the scheduler makes."""

    sentence = "A manual run cannot be called {run_id!r}: that form is kept for {kind} runs."


class RunIdMalformedError(InvalidError):
    """The run id has a character that Airflow's pattern for run ids forbids."""

    sentence = "The run id {run_id!r} has other characters than letters, digits and any of _.~:+- ; choose another."


class PartitionKeyError(InvalidError):
    """The DAG has no partition of such a key."""

    sentence = "{reason}"


class NoDataIntervalError(InvalidError):
    """The DAG's schedule names no moment before or after the date, so a run of that date is about no time."""

    sentence = "The schedule of the DAG {dag_id!r} has no data interval for such a run: {reason}."


class DataIntervalOutOfRangeError(NoDataIntervalError):
    """The time that the run would be about begins before the year 1 or ends after 9999."""


class ParamInvalidError(InvalidError):
    """A value of conf does not fit the DAG's param of that name."""

    sentence = "Invalid input for param {param}: {reason}"


class ConnectionIdTooLongError(InvalidError):
    """The connection's id has too many characters."""

    sentence = "A connection's id has at most {longest} characters."


class ConnectionIdMalformedError(InvalidError):
    """The connection's id has a character that Airflow does not allow."""

    sentence = "The connection id {connection_id!r} has other characters than letters, digits and any of _.- ."


class ConnectionIdFixedError(InvalidError):
    """A connection keeps its id."""

    sentence = "The connection {connection_id!r} keeps its id."


class NotStorableError(InvalidError):
    """The value passes Airflow's checks, but its database does not take it."""

    sentence = "{reason}"


class DefaultPoolIsFixedError(InvalidError):
    """The default pool cannot be deleted or renamed."""

    sentence = "The default pool cannot be deleted or renamed."


class RolesUnknownError(InvalidError):
    """Roles that were named do not exist."""

    sentence = "There are no roles {listed}."


class UserNotAddableError(InvalidError):
    """The user cannot be stored: a role is given twice, or there is no role for a user without one."""

    sentence = "The user {username!r} cannot be added: {reason}."


class UserMaskUnknownError(InvalidError):
    """The mask names what the body does not have."""

    sentence = "The mask names {listed}, which the body does not have."


class ActionUnknownError(InvalidError):
    """There is no such action to permit."""

    sentence = "There is no action {action!r}."


class ResourceUnknownError(InvalidError):
    """There is no such resource to permit something on."""

    sentence = "There is no resource {resource!r}."
