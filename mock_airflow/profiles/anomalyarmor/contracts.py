"""Contracts: an asset's configuration told as a document, checked, planned and applied; many of them as a zip.

They lie at ``/api/v1/contracts``, outside of ``/sdk``. The package (0.6.0) asks for ``/api/v1/contracts`` below a URL
that ends in ``/api/v1`` already; whether the vendor serves that doubled path is unknown, so it is a setting.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from mock_airflow.api.openapi.block_yaml import yaml_text
from mock_airflow.api.operation import Answer, Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.answers import flag, wrapped
from mock_airflow.profiles.anomalyarmor.api import API, asset_named, estate_of, fields_of, item_named, one_of
from mock_airflow.profiles.anomalyarmor.contract_documents import (
    DOMAINS,
    KINDS,
    Flaw,
    compared,
    document_of,
    domains_in,
    facts_of,
    read,
)
from mock_airflow.profiles.anomalyarmor.jobs import progress_of, start, status_of
from mock_airflow.profiles.anomalyarmor.records import Asset
from mock_airflow.profiles.dialect import SIGNED_IN

_operation = API.tagged("Contracts")
_YAML = "application/x-yaml"
_MODES = ("extended", "odcs-pure")


def operation(method: str, path: str, operation_id: str) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Declare a contracts endpoint at its path, and at the doubled one."""

    def register(handler: Callable[[Call], Any]) -> Callable[[Call], Any]:
        def answer(call: Call) -> Answer:
            return wrapped(handler(call), call.settings)

        def doubled(call: Call) -> Answer:
            if not call.settings.anomalyarmor_doubled_contracts:
                raise answers.refused(call.settings, 404, "NOT_FOUND", "Not Found", reason="The doubled path is off.")
            return answer(call)

        answer.__doc__ = doubled.__doc__ = handler.__doc__
        _operation(method, f"/contracts{path}", operation_id, access=SIGNED_IN)(answer)
        _operation(method, f"/api/v1/contracts{path}", f"{operation_id}_doubled", access=SIGNED_IN)(doubled)
        return handler

    return register


def _domains(call: Call) -> set[str]:
    """The domains that ``include`` and ``exclude`` leave."""
    chosen = set(DOMAINS)
    for name in ("include", "exclude"):
        if name in call.query:
            named = {part.strip() for part in call.query[name].split(",") if part.strip()}
            if unknown := sorted(named - set(DOMAINS)):
                raise answers.invalid(call.settings, f"There is no domain {unknown[0]!r}", field=name)
            chosen = chosen & named if name == "include" else chosen - named
    return chosen


def _told(flaws: list[Flaw]) -> list[dict[str, Any]]:
    return [flaw._asdict() for flaw in flaws]


def _text(call: Call) -> str:
    """The body, which is YAML whatever its type says."""
    return call.body if isinstance(call.body, str) else "" if call.body is None else answers.text_of(call.body)


@operation("GET", "/{asset_id}/export", "export_contract")
def export_contract(call: Call) -> Any:
    """Tell an asset's contract, as YAML."""
    mode = call.query.get("mode", "extended")
    one_of(call.settings, "mode", mode, _MODES)
    document = document_of(estate_of(call), asset_named(call), _domains(call), pure=mode == "odcs-pure")
    return Answer(yaml_text(document), content_type=_YAML)


@operation("POST", "/validate", "validate_contract")
def validate_contract(call: Call) -> Any:
    """Tell whether a document is a contract, and what is wrong with it."""
    document, flaws = read(_text(call))
    summary = None
    if document is not None:
        summary = {name: document.get(name) for name in ("id", "name", "version", "apiVersion")}
    return {"valid": document is not None, "errors": _told(flaws), "contract_summary": summary}


def _planned(call: Call, asset: Asset, document: dict[str, Any]) -> dict[str, dict[str, list[Any]]]:
    """What a document would change, by domain; domains that it does not speak of stay."""
    mine = domains_in(document_of(estate_of(call), asset, DOMAINS))
    wanted = domains_in(document)
    return {domain: compared(mine.get(domain, []), wanted[domain]) for domain in sorted(_domains(call) & set(wanted))}


@operation("POST", "/{asset_id}/plan", "plan_contract")
def plan_contract(call: Call) -> Any:
    """Tell what applying a document would change, and change nothing."""
    document, flaws = read(_text(call))
    if document is None:
        return {"valid": False, "errors": _told(flaws), "diffs": {}, "summary": {}}
    diffs = {domain: diff for domain, diff in _planned(call, asset_named(call), document).items() if any(diff.values())}
    summary = {domain: {name: len(entries) for name, entries in diff.items()} for domain, diff in diffs.items()}
    return {"valid": True, "errors": [], "diffs": diffs, "summary": summary}


@operation("POST", "/{asset_id}/apply", "apply_contract")
def apply_contract(call: Call) -> Any:
    """Make an asset's checks those of a document. What the source itself decides, its schema, cannot be applied."""
    document, flaws = read(_text(call))
    if document is None:
        return {"valid": False, "errors": _told(flaws), "applied": {}, "unsupported_domains": [], "pruned": False}
    asset, estate = asset_named(call), estate_of(call)
    prune = flag(call.query, "prune") is True
    applied: dict[str, dict[str, list[Any]]] = {}
    unsupported = []
    for domain, diff in _planned(call, asset, document).items():
        if not prune:
            diff["removed"] = []
        if not any(diff.values()):
            continue
        if domain not in KINDS:
            unsupported.append(domain)
            continue
        for entry in diff["added"]:
            estate.add(KINDS[domain], asset_id=asset.id, **{**_DEFAULTS[domain], **facts_of(entry, domain)})
        for entry in (*diff["modified"], *diff["removed"]):
            item = estate.item(KINDS[domain], str(entry.get("id", "")))
            if item is not None and entry in diff["removed"]:
                estate.remove([item])
            elif item is not None:
                estate.change(item, **facts_of(entry, domain))
        applied[domain] = diff
    told = {"applied": applied, "unsupported_domains": unsupported, "pruned": prune}
    return {"valid": True, "errors": [], **told}


_DEFAULTS: dict[str, dict[str, Any]] = {
    "validity": {
        "table_path": "",
        "rule_type": "",
        "severity": "warning",
        "treat_null_as_valid": False,
        "check_interval": "daily",
        "is_active": True,
    },
    "metrics": {
        "table_path": "",
        "metric_type": "row_count",
        "capture_interval": "daily",
        "sensitivity": 3,
        "is_active": True,
    },
    "referential": {"child_table_path": "", "capture_interval": "daily", "is_active": True},
}


# ------------------------------------------------------------------------------------------------------- many at once


@operation("POST", "/export-jobs", "create_export_job")
def create_export_job(call: Call) -> Any:
    """Start to put many contracts into a zip."""
    fields = fields_of(
        call,
        required={"scope": "text"},
        optional={
            "scope_name": "text",
            "asset_public_ids": "list",
            "mode": "text",
            "include": "list",
            "exclude": "list",
        },
    )
    settings = call.settings
    one_of(settings, "scope", fields["scope"], ("all", "warehouse", "assets"))
    one_of(settings, "mode", fields.get("mode", "extended"), _MODES)
    sources = [asset for asset in estate_of(call).assets() if asset.asset_type == "database"]
    if fields["scope"] == "warehouse":
        if "scope_name" not in fields:
            raise answers.invalid(settings, "scope_name is required for the scope warehouse", field="scope_name")
        sources = [
            asset for asset in sources if fields["scope_name"] in (asset.name, asset.qualified_name, asset.source_type)
        ]
    elif fields["scope"] == "assets":
        if not fields.get("asset_public_ids"):
            raise answers.invalid(
                settings, "asset_public_ids is required for the scope assets", field="asset_public_ids"
            )
        sources = [asset_named(call, str(named)) for named in fields["asset_public_ids"]]
    chosen = (set(fields.get("include") or DOMAINS) & set(DOMAINS)) - set(fields.get("exclude") or ())
    job = start(
        call,
        "contract_export",
        None,
        assets=[asset.id for asset in sources],
        mode=fields.get("mode", "extended"),
        domains=sorted(chosen),
    )
    return {"job_id": job.id, "status": "pending"}


@operation("GET", "/export-jobs/{job_id}", "get_export_job")
def get_export_job(call: Call) -> Any:
    """Tell how far an export is."""
    job, now = item_named(call, "job", "job_id"), call.airflow.now()
    progress = progress_of(job, now)
    return {
        "job_id": job.id,
        "status": status_of(job, now),
        "progress_percent": progress,
        "progress_message": "Done" if progress == 100 else "Working",
        "asset_count": len(job.facts.get("assets", ())),
        "error": None,
    }


@operation("GET", "/export-jobs/{job_id}/download", "download_export")
def download_export(call: Call) -> Any:
    """Give the zip of an export that is completed."""
    job, estate = item_named(call, "job", "job_id"), estate_of(call)
    if job.done_at is None or job.facts["workflow"] != "contract_export":
        raise answers.refused(
            call.settings,
            409,
            "JOB_NOT_COMPLETED",
            "The export is not completed",
            details={"job_id": job.id, "status": status_of(job, call.airflow.now())},
            reason="The export's job is not at its end.",
            until=job.ends_at,
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for named in job.facts["assets"]:
            asset = estate.asset(named)
            if asset is not None:
                document = document_of(estate, asset, job.facts["domains"], pure=job.facts["mode"] == "odcs-pure")
                name = zipfile.ZipInfo(f"{asset.qualified_name}.yaml", job.done_at.timetuple()[:6])
                archive.writestr(name, yaml_text(document))
    return Answer(
        buffer.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="contracts.zip"'},
    )
