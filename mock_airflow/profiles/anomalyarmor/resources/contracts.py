"""Contracts: an asset's configuration told as a document, checked, planned and applied; many of them as a zip.

They lie at ``/api/v1/contracts``, outside of ``/sdk``. The package (0.6.0) asks for ``/api/v1/contracts`` below a URL
that ends in ``/api/v1`` already; whether the vendor serves that doubled path is unknown, so it is a setting.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.api.openapi.block_yaml import yaml_text
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.contract_documents import (
    DOMAINS,
    KINDS,
    compared,
    document_of,
    domains_in,
    facts_of,
    read,
)
from mock_airflow.profiles.anomalyarmor.declared import declared, defaults
from mock_airflow.profiles.anomalyarmor.estate import Item, WatchedAsset
from mock_airflow.profiles.anomalyarmor.items import Items
from mock_airflow.profiles.anomalyarmor.resource import ArmorResource, Facts, get, post
from mock_airflow.profiles.anomalyarmor.resources.assets import Jobs
from mock_airflow.profiles.anomalyarmor.resources.checks import MetricChecks, ReferentialChecks, ValidityRules

_MODES = ("extended", "odcs-pure")
_CHECKS: dict[str, tuple[type[Items], Facts]] = {  # of each domain, with what an entry leaves out
    "validity": (ValidityRules, {"table_path": "", "rule_type": ""}),
    "metrics": (MetricChecks, {"table_path": "", "metric_type": "row_count", "sensitivity": 3}),
    "referential": (ReferentialChecks, {"child_table_path": ""}),
}


class Contracts(ArmorResource):
    """Contracts at the documented path."""

    tag, below, kind = "Contracts", "/contracts", "job"

    def _domains(self) -> set[str]:
        """The domains that ``include`` and ``exclude`` leave."""
        chosen = set(DOMAINS)
        for name in ("include", "exclude"):
            if name in self.query:
                named = {part.strip() for part in self.query[name].split(",") if part.strip()}
                if unknown := sorted(named - set(DOMAINS)):
                    raise self.invalid(f"There is no domain {unknown[0]!r}", field=name)
                chosen = chosen & named if name == "include" else chosen - named
        return chosen

    def _read(self) -> tuple[Facts | None, Facts]:
        """The document that the body holds, which is YAML whatever its type says, and how is said what is wrong."""
        body = self.call.body
        document, flaws = read(body if isinstance(body, str) else "" if body is None else answers.text_of(body))
        return document, {"valid": document is not None, "errors": [flaw._asdict() for flaw in flaws]}

    @get("/{asset_id}/export")
    def export_contract(self) -> Any:
        """Show an asset's contract, as YAML."""
        pure = self.choice("mode", _MODES) == "odcs-pure"
        document = document_of(self.estate, self.asset(), self._domains(), pure=pure)
        return Answer(yaml_text(document), content_type="application/x-yaml")

    @post("/validate")
    def validate_contract(self) -> Any:
        """Say whether a document is a contract, and what is wrong with it."""
        document, told = self._read()
        names = ("id", "name", "version", "apiVersion")
        return {**told, "contract_summary": None if document is None else {name: document.get(name) for name in names}}

    def _planned(self, asset: WatchedAsset, document: Facts) -> dict[str, dict[str, list[Any]]]:
        """What a document would change, by domain; domains that it does not speak of stay."""
        mine, wanted = domains_in(document_of(self.estate, asset, DOMAINS)), domains_in(document)
        chosen = sorted(self._domains() & set(wanted))
        return {domain: compared(mine.get(domain, []), wanted[domain]) for domain in chosen}

    @post("/{asset_id}/plan")
    def plan_contract(self) -> Any:
        """Show what applying a document would change, and change nothing."""
        document, told = self._read()
        planned = {} if document is None else self._planned(self.asset(), document)
        diffs = {domain: diff for domain, diff in planned.items() if any(diff.values())}
        summary = {domain: {name: len(entries) for name, entries in diff.items()} for domain, diff in diffs.items()}
        return {**told, "diffs": diffs, "summary": summary}

    @post("/{asset_id}/apply")
    def apply_contract(self) -> Any:
        """Make an asset's checks those of a document. What the source itself decides, its schema, cannot be applied."""
        document, told = self._read()
        if document is None:
            return {**told, "applied": {}, "unsupported_domains": [], "pruned": False}
        asset, prune = self.asset(), self.flag("prune") is True
        planned = self._planned(asset, document)
        if not prune:
            planned = {domain: {**diff, "removed": []} for domain, diff in planned.items()}
        planned = {domain: diff for domain, diff in planned.items() if any(diff.values())}
        applied = {domain: diff for domain, diff in planned.items() if domain in KINDS}
        for domain, diff in applied.items():
            self._apply(asset, domain, diff)
        unsupported = [domain for domain in planned if domain not in KINDS]
        return {**told, "applied": applied, "unsupported_domains": unsupported, "pruned": prune}

    def _apply(self, asset: WatchedAsset, domain: str, diff: dict[str, list[Any]]) -> None:
        kind, (checks, left_out) = KINDS[domain], _CHECKS[domain]
        for entry in diff["added"]:
            facts = {**defaults(declared(checks.takes)), **left_out, **facts_of(entry, domain)}
            self.estate.add(kind, asset_id=asset.id, **facts)
        for entry in diff["modified"]:
            if (item := self.estate.item(kind, str(entry.get("id", "")))) is not None:
                self.estate.change(item, **facts_of(entry, domain))
        removed = [self.estate.item(kind, str(entry.get("id", ""))) for entry in diff["removed"]]
        self.estate.remove(item for item in removed if item is not None)

    # ---------------------------------------------------------------------------------------------------- many at once

    @post(
        "/export-jobs",
        f"scope:all|warehouse|assets scope_name? asset_public_ids:list? mode:{'|'.join(_MODES)}=extended include:list?"
        " exclude:list?",
    )
    def create_export_job(self, fields: Facts) -> Any:
        """Start to put many contracts into a zip."""
        needed = {"warehouse": "scope_name", "assets": "asset_public_ids"}.get(fields["scope"])
        if needed is not None and (needed not in fields or fields[needed] == []):
            raise self.invalid(f"{needed} is required for the scope {fields['scope']}", field=needed)
        sources = [asset for asset in self.estate.assets if asset.asset_type == "database"]
        if needed == "scope_name":
            name = fields["scope_name"]
            sources = [asset for asset in sources if name in (asset.name, asset.qualified_name, asset.source_type)]
        elif needed == "asset_public_ids":
            sources = [self.asset(str(named)) for named in fields["asset_public_ids"]]
        domains = (set(fields.get("include") or DOMAINS) & set(DOMAINS)) - set(fields.get("exclude") or ())
        facts = {"assets": [asset.id for asset in sources], "mode": fields["mode"], "domains": sorted(domains)}
        return {"job_id": self.start("contract_export", None, **facts).id, "status": "pending"}

    @get("/export-jobs/{job_id}")
    def get_export_job(self, job: Item) -> Any:
        """Show how far an export is."""
        told = Jobs(self.call).shown(job, "job_id=id status progress_percent=progress")
        message = "Done" if told["progress_percent"] == 100 else "Working"
        return {**told, "progress_message": message, "asset_count": len(job["assets"] or ()), "error": None}

    @get("/export-jobs/{job_id}/download")
    def download_export(self, job: Item) -> Any:
        """Give the zip of an export that is completed."""
        if job.done_at is None or job["workflow"] != "contract_export":
            why = Why("The export's job is not at its end.", until=job.ends_at)
            details = Jobs(self.call).shown(job, "job_id=id status")
            raise answers.refused(self.settings, 409, "JOB_NOT_COMPLETED", "The export is not completed", why, details)
        buffer, pure = io.BytesIO(), job["mode"] == "odcs-pure"
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for asset in filter(None, map(self.estate.asset, job["assets"])):
                name = zipfile.ZipInfo(f"{asset.qualified_name}.yaml", job.done_at.timetuple()[:6])
                archive.writestr(name, yaml_text(document_of(self.estate, asset, job["domains"], pure=pure)))
        headers = {"Content-Disposition": 'attachment; filename="contracts.zip"'}
        return Answer(buffer.getvalue(), content_type="application/zip", headers=headers)


class DoubledContracts(Contracts):
    """The same where the package asks for them."""

    below, suffix = "/api/v1/contracts", "_doubled"

    def __init__(self, call: Call) -> None:
        super().__init__(call)
        if not self.settings.anomalyarmor_doubled_contracts:
            raise answers.refused(self.settings, 404, "NOT_FOUND", "Not Found", why=Why("The doubled path is off."))
