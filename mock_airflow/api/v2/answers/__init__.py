"""How the answers of `/api/v2` look, by the names that Airflow's document gives them; imported for documents."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from typing_extensions import NotRequired, TypedDict

# Pages: the name of the list in one, and what its entries are.
PAGES = {
    "AssetAliasCollectionResponse": ("asset_aliases", "AssetAliasResponse"),
    "AssetCollectionResponse": ("assets", "AssetResponse"),
    "AssetEventCollectionResponse": ("asset_events", "AssetEventResponse"),
    "AssetStateStoreCollectionResponse": ("asset_state_store", "AssetStateStoreResponse"),
    "BackfillCollectionResponse": ("backfills", "BackfillResponse"),
    "ConnectionCollectionResponse": ("connections", "ConnectionResponse"),
    "DAGCollectionResponse": ("dags", "DAGResponse"),
    "DAGRunCollectionResponse": ("dag_runs", "DAGRunResponse"),
    "DAGVersionCollectionResponse": ("dag_versions", "DagVersionResponse"),
    "DAGWarningCollectionResponse": ("dag_warnings", "DAGWarningResponse"),
    "DagStatsCollectionResponse": ("dags", "DagStatsResponse"),
    "EventLogCollectionResponse": ("event_logs", "EventLogResponse"),
    "HITLDetailCollection": ("hitl_details", "HITLDetail"),
    "ImportErrorCollectionResponse": ("import_errors", "ImportErrorResponse"),
    "JobCollectionResponse": ("jobs", "JobResponse"),
    "PluginCollectionResponse": ("plugins", "PluginResponse"),
    "PluginImportErrorCollectionResponse": ("import_errors", "PluginImportErrorResponse"),
    "PoolCollectionResponse": ("pools", "PoolResponse"),
    "ProviderCollectionResponse": ("providers", "ProviderResponse"),
    "QueuedEventCollectionResponse": ("queued_events", "QueuedEventResponse"),
    "RoleCollectionResponse": ("roles", "RoleResponse"),
    "TaskCollectionResponse": ("tasks", "TaskResponse"),
    "TaskInstanceCollectionResponse": ("task_instances", "TaskInstanceResponse"),
    "TaskInstanceHistoryCollectionResponse": ("task_instances", "TaskInstanceHistoryResponse"),
    "TaskStateStoreCollectionResponse": ("task_state_store", "TaskStateStoreResponse"),
    "UserCollectionResponse": ("users", "UserResponse"),
    "VariableCollectionResponse": ("variables", "VariableResponse"),
    "XComCollectionResponse": ("xcom_entries", "XComResponse"),
}
_BY_CURSOR = {"DAGRunCollectionResponse", "TaskInstanceCollectionResponse"}
_WORDS = {"dag": "DAG", "dags": "DAGs", "xcom": "XCom"}


@cache
def named(name: str) -> Any:
    """The type of an answer. Raises KeyError for a name that no module here has."""
    if name in PAGES:
        return _page(name, *PAGES[name])
    for module in iter_modules(__path__):
        found = vars(import_module(f"{__name__}.{module.name}")).get(name)
        if found is not None:
            return found
    raise KeyError(name)


def _page(name: str, listed: str, entry: str) -> Any:
    fields: dict[str, Any] = {listed: list[named(entry)], "total_entries": int}  # type: ignore[misc]
    if name in _BY_CURSOR:
        fields |= dict.fromkeys(("total_entries", "total_entries_limit"), NotRequired[int | None])
        fields |= dict.fromkeys(("next_cursor", "previous_cursor"), NotRequired[str | None])
    page: Any = TypedDict(name, fields)  # type: ignore[misc]
    page.__doc__ = f"A page of {' '.join(_WORDS.get(word, word) for word in listed.split('_'))}."
    return page
