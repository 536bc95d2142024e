"""The rows of an Airflow: one frozen record a noun, changed by replacing.

Fields carry Airflow's own names. Times are aware datetimes in UTC. A record holds what Airflow stores; what Airflow
works out when asked (a pool's occupied slots, a token for a file) is worked out by the verb or the view that needs it.

The module of a record is imported with the first use of one in it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_airflow.domain.records.assets import (
        Asset as Asset,
        AssetAlias as AssetAlias,
        AssetEvent as AssetEvent,
        AssetReference as AssetReference,
        AssetState as AssetState,
        CameFor as CameFor,
        QueuedEvent as QueuedEvent,
        WaitingPartition as WaitingPartition,
    )
    from mock_airflow.domain.records.backfills import (
        Backfill as Backfill,
    )
    from mock_airflow.domain.records.configuration import (
        Connection as Connection,
        ConnectionTest as ConnectionTest,
        ConnectionTestRequest as ConnectionTestRequest,
        Pool as Pool,
        Variable as Variable,
    )
    from mock_airflow.domain.records.dags import (
        DEFAULT_RETRY_DELAY as DEFAULT_RETRY_DELAY,
        ORDERED_TASKS as ORDERED_TASKS,
        PARTS as PARTS,
        SPANS as SPANS,
        TIMED as TIMED,
        Dag as Dag,
        DagVersion as DagVersion,
        Schedule as Schedule,
        Task as Task,
    )
    from mock_airflow.domain.records.graphs import (
        Graph as Graph,
        Node as Node,
    )
    from mock_airflow.domain.records.hitl import (
        HitlDetail as HitlDetail,
        Respondent as Respondent,
    )
    from mock_airflow.domain.records.installation import (
        DagCode as DagCode,
        DagFile as DagFile,
        DagImportError as DagImportError,
        DagWarning as DagWarning,
        EventLog as EventLog,
        Job as Job,
        Plugin as Plugin,
        Provider as Provider,
    )
    from mock_airflow.domain.records.json_object import (
        JsonObject as JsonObject,
    )
    from mock_airflow.domain.records.people import (
        Favorite as Favorite,
        Permission as Permission,
        Role as Role,
        User as User,
        folded as folded,
    )
    from mock_airflow.domain.records.plans import (
        Attempt as Attempt,
        DagModel as DagModel,
        RunPlan as RunPlan,
        TaskOrder as TaskOrder,
        Wait as Wait,
    )
    from mock_airflow.domain.records.results import (
        ExtraLink as ExtraLink,
        TaskLog as TaskLog,
        XCom as XCom,
    )
    from mock_airflow.domain.records.runs import (
        FINISHED_TASK as FINISHED_TASK,
        HOLDING as HOLDING,
        RUN_STATES as RUN_STATES,
        TASK_STATES as TASK_STATES,
        UNFINISHED_RUN as UNFINISHED_RUN,
        DagRun as DagRun,
        RunKey as RunKey,
        TaskInstance as TaskInstance,
        TaskInstanceKey as TaskInstanceKey,
        TaskInstanceTry as TaskInstanceTry,
    )
    from mock_airflow.domain.records.state_store import (
        TaskState as TaskState,
    )

_HOMES = {
    name: module
    for module, names in {
        "assets": "Asset AssetAlias AssetEvent AssetReference AssetState CameFor QueuedEvent WaitingPartition",
        "backfills": "Backfill",
        "configuration": "Connection ConnectionTest ConnectionTestRequest Pool Variable",
        "dags": "DEFAULT_RETRY_DELAY ORDERED_TASKS PARTS SPANS TIMED Dag DagVersion Schedule Task",
        "graphs": "Graph Node",
        "hitl": "HitlDetail Respondent",
        "installation": "DagCode DagFile DagImportError DagWarning EventLog Job Plugin Provider",
        "json_object": "JsonObject",
        "people": "Favorite Permission Role User folded",
        "plans": "Attempt DagModel RunPlan TaskOrder Wait",
        "results": "ExtraLink TaskLog XCom",
        "runs": "FINISHED_TASK HOLDING RUN_STATES TASK_STATES UNFINISHED_RUN DagRun RunKey TaskInstance "
        "TaskInstanceKey TaskInstanceTry",
        "state_store": "TaskState",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
