"""The files of a new project: those that the wheel brings, with the code that DVC's stages depend on put in the place of `src`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pitwall.adapters.installation.package import package_folder
from pitwall.adapters.new_project.freeze import frozen
from pitwall.domain.errors import UsageError
from pitwall.domain.project import CODE

TEMPLATE = "_project"  # within the package; hatch_build.py puts it there
SOURCE = "src/pitwall/"


def wheel_template() -> Path:
    """Return the folder of the files that the wheel brings.

    Raises:
        UsageError: the package at hand was not installed from a wheel.
    """
    folder = package_folder() / TEMPLATE
    if not folder.is_dir():
        raise UsageError(
            f"the pitwall at hand runs from a checkout ({package_folder()}), which is a project itself. `pitwall init` needs the "
            "wheel: `uv build --wheel` in the checkout, then `pip install dist/pitwall_ml-*.whl` in another environment."
        )
    return folder


def project_files(template: Path) -> dict[str, bytes]:
    """Return {path: content} of a new project: the template's files, its dvc.yaml by installed code, and the versions at hand."""
    files = {
        path.relative_to(template).as_posix(): path.read_bytes()
        for path in sorted(template.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    files["dvc.yaml"] = by_installed_code(files["dvc.yaml"].decode("utf-8")).encode()
    return {**files, "requirements.lock": frozen().encode()}


def by_installed_code(text: str) -> str:
    """Return dvc.yaml with each dependency on a folder of `src/pitwall` turned into one on that folder's hash in code.json."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = yaml.load(text)
    for stage in content["stages"].values():
        _depend_on_hashes(stage.get("do", stage))
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()


def _depend_on_hashes(stage: dict[str, Any]) -> None:
    own = [dep for dep in stage.get("deps", ()) if dep.startswith(SOURCE)]
    if not own:
        return
    for dep in own:
        stage["deps"].remove(dep)
    if not stage["deps"]:
        del stage["deps"]
    stage.setdefault("params", []).append({CODE: [f"folders.{dep.removeprefix(SOURCE)}" for dep in own]})
