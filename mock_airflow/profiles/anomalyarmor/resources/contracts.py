"""Contracts: an asset's configuration told as a document, checked, planned and applied; many of them as a zip.

They lie at ``/api/v1/contracts``, outside of ``/sdk``. The package (0.6.0) asks for ``/api/v1/contracts`` below a URL
that ends in ``/api/v1`` already; whether the vendor serves that doubled path is unknown, so it is a setting.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.openapi.block_yaml import yaml_text
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.api import Ask, Handler, resource
from mock_airflow.profiles.anomalyarmor.estate import WatchedAsset
from mock_airflow.profiles.anomalyarmor.resources.checks import METRICS, REFERENTIAL, VALIDITY
from mock_airflow.profiles.anomalyarmor.resources.contract_documents import (
    DOMAINS,
    KINDS,
    Flaw,
    compared,
    document_of,
    domains_in,
    facts_of,
    read,
)
from mock_airflow.profiles.anomalyarmor.resources.jobs import progress_of, start, status_of

_operation, _doubled = resource("Contracts", below="/contracts"), resource("Contracts", below="/api/v1/contracts")
_MODES = ("extended", "odcs-pure")
_DEFAULTS: dict[str, dict[str, Any]] = {
    "validity": {"table_path": "", "rule_type": "", **VALIDITY.defaults},
    "metrics": {"table_path": "", "metric_type": "row_count", **METRICS.defaults, "sensitivity": 3},
    "referential": {"child_table_path": "", **REFERENTIAL.defaults},
}


def operation(method: str, path: str) -> Callable[[Handler], Handler]:
    """Declare a contracts endpoint at its path, and at the doubled one."""

    def register(handler: Handler) -> Handler:
        def doubled(ask: Ask) -> Any:
            if not ask.settings.anomalyarmor_doubled_contracts:
                raise answers.refused(ask.settings, 404, "NOT_FOUND", "Not Found", why=Why("The doubled path is off."))
            return handler(ask)

        _doubled(method, path, operation_id=f"{handler.__name__}_doubled", summary=handler.__doc__)(doubled)
        return _operation(method, path)(handler)

    return register


def _domains(ask: Ask) -> set[str]:
    """The domains that ``include`` and ``exclude`` leave."""
    chosen = set(DOMAINS)
    for name in ("include", "exclude"):
        if name in ask.query:
            named = {part.strip() for part in ask.query[name].split(",") if part.strip()}
            if unknown := sorted(named - set(DOMAINS)):
                raise ask.invalid(f"There is no domain {unknown[0]!r}", field=name)
            chosen = chosen & named if name == "include" else chosen - named
    return chosen


def _read(ask: Ask) -> tuple[dict[str, Any] | None, list[Flaw], dict[str, Any]]:
    """The document that the body holds, which is YAML whatever its type says; what is wrong, and how that is said."""
    body = ask.call.body
    document, flaws = read(body if isinstance(body, str) else "" if body is None else answers.text_of(body))
    return document, flaws, {"valid": document is not None, "errors": [flaw._asdict() for flaw in flaws]}


@operation("GET", "/{asset_id}/export")
def export_contract(ask: Ask) -> Any:
    """Show an asset's contract, as YAML."""
    pure = ask.choice("mode", _MODES) == "odcs-pure"
    document = document_of(ask.estate, ask.asset(), _domains(ask), pure=pure)
    return Answer(yaml_text(document), content_type="application/x-yaml")


@operation("POST", "/validate")
def validate_contract(ask: Ask) -> Any:
    """Say whether a document is a contract, and what is wrong with it."""
    document, _, told = _read(ask)
    names = ("id", "name", "version", "apiVersion")
    return {**told, "contract_summary": None if document is None else {name: document.get(name) for name in names}}


def _planned(ask: Ask, asset: WatchedAsset, document: dict[str, Any]) -> dict[str, dict[str, list[Any]]]:
    """What a document would change, by domain; domains that it does not speak of stay."""
    mine, wanted = domains_in(document_of(ask.estate, asset, DOMAINS)), domains_in(document)
    return {domain: compared(mine.get(domain, []), wanted[domain]) for domain in sorted(_domains(ask) & set(wanted))}


@operation("POST", "/{asset_id}/plan")
def plan_contract(ask: Ask) -> Any:
    """Show what applying a document would change, and change nothing."""
    document, _, told = _read(ask)
    planned = {} if document is None else _planned(ask, ask.asset(), document)
    diffs = {domain: diff for domain, diff in planned.items() if any(diff.values())}
    summary = {domain: {name: len(entries) for name, entries in diff.items()} for domain, diff in diffs.items()}
    return {**told, "diffs": diffs, "summary": summary}


@operation("POST", "/{asset_id}/apply")
def apply_contract(ask: Ask) -> Any:
    """Make an asset's checks those of a document. What the source itself decides, its schema, cannot be applied."""
    document, _, told = _read(ask)
    if document is None:
        return {**told, "applied": {}, "unsupported_domains": [], "pruned": False}
    asset, estate, prune = ask.asset(), ask.estate, ask.flag("prune") is True
    applied: dict[str, dict[str, list[Any]]] = {}
    unsupported = []
    for domain, diff in _planned(ask, asset, document).items():
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
    return {**told, "applied": applied, "unsupported_domains": unsupported, "pruned": prune}


# ------------------------------------------------------------------------------------------------------- many at once


@operation("POST", "/export-jobs")
def create_export_job(ask: Ask) -> Any:
    """Start to put many contracts into a zip."""
    text = "scope scope_name? asset_public_ids:list? mode? include:list? exclude:list?"
    fields = ask.fields(text, scope=("all", "warehouse", "assets"), mode=_MODES)
    needed = {"warehouse": "scope_name", "assets": "asset_public_ids"}.get(fields["scope"])
    if needed is not None and (needed not in fields or fields[needed] == []):
        raise ask.invalid(f"{needed} is required for the scope {fields['scope']}", field=needed)
    sources = [asset for asset in ask.estate.assets() if asset.asset_type == "database"]
    if needed == "scope_name":
        name = fields["scope_name"]
        sources = [asset for asset in sources if name in (asset.name, asset.qualified_name, asset.source_type)]
    elif needed == "asset_public_ids":
        sources = [ask.asset(str(named)) for named in fields["asset_public_ids"]]
    domains = (set(fields.get("include") or DOMAINS) & set(DOMAINS)) - set(fields.get("exclude") or ())
    facts = {"assets": [asset.id for asset in sources], "mode": fields.get("mode", "extended")}
    job = start(ask, "contract_export", None, **facts, domains=sorted(domains))
    return {"job_id": job.id, "status": "pending"}


@operation("GET", "/export-jobs/{job_id}")
def get_export_job(ask: Ask) -> Any:
    """Show how far an export is."""
    job = ask.item("job")
    progress = progress_of(ask, job)
    return {
        "job_id": job.id,
        "status": status_of(ask, job),
        "progress_percent": progress,
        "progress_message": "Done" if progress == 100 else "Working",
        "asset_count": len(job.facts.get("assets", ())),
        "error": None,
    }


@operation("GET", "/export-jobs/{job_id}/download")
def download_export(ask: Ask) -> Any:
    """Give the zip of an export that is completed."""
    job = ask.item("job")
    if job.done_at is None or job.facts["workflow"] != "contract_export":
        raise answers.refused(
            ask.settings,
            409,
            "JOB_NOT_COMPLETED",
            "The export is not completed",
            details={"job_id": job.id, "status": status_of(ask, job)},
            why=Why("The export's job is not at its end.", until=job.ends_at),
        )
    buffer, pure = io.BytesIO(), job.facts["mode"] == "odcs-pure"
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for asset in filter(None, map(ask.estate.asset, job.facts["assets"])):
            name = zipfile.ZipInfo(f"{asset.qualified_name}.yaml", job.done_at.timetuple()[:6])
            archive.writestr(name, yaml_text(document_of(ask.estate, asset, job.facts["domains"], pure=pure)))
    headers = {"Content-Disposition": 'attachment; filename="contracts.zip"'}
    return Answer(buffer.getvalue(), content_type="application/zip", headers=headers)
