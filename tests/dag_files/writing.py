"""A folder of DAG files that a test writes."""

from __future__ import annotations

import textwrap
from pathlib import Path


class WrittenFolder:
    """Writes files into a folder, which it makes: ``folder("etl.py", source)``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(exist_ok=True)

    def __call__(self, name: str, source: str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source), encoding="utf-8")
        return file
