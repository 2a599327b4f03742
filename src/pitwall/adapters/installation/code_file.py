"""`.pitwall/code.json`: the code that DVC's stages depend on in a project made from the wheel.

It names package and version and holds a sha256 per folder, so that a stage depends on the folders that it reads, as it does on
folders of `src` in a checkout. It says what is installed on this machine; git does not know it, and dvc.lock keeps of it what a result
was made with. Whoever starts DVC for the project writes it anew; a stage refuses to run on other code than DVC compared.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from pitwall.adapters.installation.package import installed
from pitwall.domain.errors import StageError
from pitwall.domain.project import CODE, Project


def write_code_file(project: Project) -> None:
    """Say which code is installed, if the project's stages depend on it and the file says something else."""
    if project.runs_installed_code and (now := _installed_code()) != _written(project):
        _replace(project.code, json.dumps(now, indent=1) + "\n")


def check_code_file(project: Project) -> None:
    """See to it that a stage runs the code that DVC compared.

    Raises:
        StageError: the file says something else than what is installed; names the folders that differ.
    """
    if not project.runs_installed_code:
        return
    now, written = _installed_code(), _written(project)
    if now == written:
        return
    here = f"{now['package']} {now['version']} is installed"
    if written:
        differ = ", ".join(_differing(now, written)) or "the version alone"
        found = f"DVC compared {written.get('package')} {written.get('version')} ({CODE}), but {here}; they differ in: {differ}"
    else:
        found = f"DVC compared nothing, as there is no whole {CODE}, and {here}"
    raise StageError(f"{found}. `pitwall doctor` writes the file anew, then run `dvc repro` again.")


def _differing(now: dict[str, Any], written: dict[str, Any]) -> list[str]:
    """Return the folders whose hashes are not the same, the innermost alone."""
    old, new = written.get("folders", {}), now["folders"]
    names = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    return [name for name in names if not any(other.startswith(f"{name}/") for other in names)]


def _installed_code() -> dict[str, Any]:
    package = installed()
    return {"package": package.name, "version": package.version, "folders": dict(package.folders)}


def _written(project: Project) -> dict[str, Any]:
    """Return what the file says; nothing where there is none, or where it was damaged."""
    try:
        content = json.loads(project.code.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _replace(path: Path, text: str) -> None:
    """Write in one step: DVC reads the old file or the new one, also where two commands start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".new", delete=False) as fresh:
        fresh.write(text)
    Path(fresh.name).replace(path)
