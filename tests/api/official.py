"""Airflow's own OpenAPI files, out of its packages; they are read at test time and never stored."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

Document = Mapping[str, Any]


def document_of(wheel: Path, member: str) -> Document:
    """The document that a package brings along."""
    with zipfile.ZipFile(wheel) as packed:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document: Document = yaml.load(packed.read(member), loader)
    return document


def operations_of(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Method, path and description of every operation."""
    for path, item in document["paths"].items():
        for method, told in item.items():
            if method != "parameters":
                yield method, path, told


def of_success(described: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of an operation that are no refusals, by status."""
    return {status: told for status, told in described["responses"].items() if status.startswith("2")}
