"""The rows of an Airflow: one frozen record a noun, changed by replacing.

Fields carry Airflow's own names. Times are aware datetimes in UTC. A record holds what Airflow stores; what Airflow
works out when asked (a pool's occupied slots, a token for a file) is worked out by the verb or the view that needs it.
"""

from mock_airflow.domain.records.assets import (
    Asset,
    AssetAlias,
    AssetEvent,
    AssetReference,
    AssetState,
    CameFor,
    QueuedEvent,
    WaitingPartition,
)
from mock_airflow.domain.records.backfills import Backfill
from mock_airflow.domain.records.configuration import Connection, ConnectionTest, ConnectionTestRequest, Pool, Variable
from mock_airflow.domain.records.dags import (
    DEFAULT_RETRY_DELAY,
    ORDERED_TASKS,
    PARTS,
    SPANS,
    TIMED,
    Dag,
    DagVersion,
    Schedule,
    Task,
)
from mock_airflow.domain.records.graphs import Graph, Node
from mock_airflow.domain.records.hitl import HitlDetail, Respondent
from mock_airflow.domain.records.installation import (
    DagCode,
    DagFile,
    DagImportError,
    DagWarning,
    EventLog,
    Job,
    Plugin,
    Provider,
)
from mock_airflow.domain.records.json_object import JsonObject
from mock_airflow.domain.records.people import Favorite, Permission, Role, User, folded
from mock_airflow.domain.records.plans import Attempt, DagModel, RunPlan, TaskOrder, Wait
from mock_airflow.domain.records.results import ExtraLink, TaskLog, XCom
from mock_airflow.domain.records.runs import (
    FINISHED_TASK,
    HOLDING,
    RUN_STATES,
    TASK_STATES,
    UNFINISHED_RUN,
    DagRun,
    RunKey,
    TaskInstance,
    TaskInstanceKey,
    TaskInstanceTry,
)
from mock_airflow.domain.records.state_store import TaskState

__all__ = [
    "DEFAULT_RETRY_DELAY",
    "FINISHED_TASK",
    "HOLDING",
    "ORDERED_TASKS",
    "PARTS",
    "RUN_STATES",
    "SPANS",
    "TASK_STATES",
    "TIMED",
    "UNFINISHED_RUN",
    "Asset",
    "AssetAlias",
    "AssetEvent",
    "AssetReference",
    "AssetState",
    "Attempt",
    "Backfill",
    "CameFor",
    "Connection",
    "ConnectionTest",
    "ConnectionTestRequest",
    "Dag",
    "DagCode",
    "DagFile",
    "DagImportError",
    "DagModel",
    "DagRun",
    "DagVersion",
    "DagWarning",
    "EventLog",
    "ExtraLink",
    "Favorite",
    "Graph",
    "HitlDetail",
    "Job",
    "JsonObject",
    "Node",
    "Permission",
    "Plugin",
    "Pool",
    "Provider",
    "QueuedEvent",
    "Respondent",
    "Role",
    "RunKey",
    "RunPlan",
    "Schedule",
    "Task",
    "TaskInstance",
    "TaskInstanceKey",
    "TaskInstanceTry",
    "TaskLog",
    "TaskOrder",
    "TaskState",
    "User",
    "Variable",
    "Wait",
    "WaitingPartition",
    "XCom",
    "folded",
]
