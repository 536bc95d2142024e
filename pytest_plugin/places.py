"""Where the files and folders lie that a setting names: beside whatever names them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_FILES = (".json", ".yaml", ".yml")


def located(values: dict[str, Any], folders: list[Path]) -> dict[str, Any]:
    """The settings with whole paths: world files in the first of these folders, others in the first that has them."""
    found = dict(values)
    if "world" in found:
        found["world"] = _worlds(found["world"], folders[0])
    for name in ("dags_folder", "plugins_folder"):
        given = found.get(name)
        if isinstance(given, (str, os.PathLike)):
            found[name] = os.fspath(next((each / given for each in folders if (each / given).is_dir()), given))
    return found


def _worlds(worlds: Any, folder: Path) -> Any:
    """World files that lie in this folder by their whole path; anything else as it is."""
    if isinstance(worlds, (str, os.PathLike)):
        worlds = [worlds] if isinstance(worlds, os.PathLike) else worlds.split(",")
    if not isinstance(worlds, (list, tuple)):
        return worlds
    return tuple(_whole(name, folder) for name in worlds)


def _whole(name: Any, folder: Path) -> Any:
    if not isinstance(name, (str, os.PathLike)):
        return name
    text = os.fspath(name).strip()
    file = folder / text
    return str(file) if file.suffix in _FILES and file.is_file() else text
