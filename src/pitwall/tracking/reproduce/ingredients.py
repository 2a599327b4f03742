"""What a repetition is made of: the commit, the patch, params.yaml and dvc.lock as they were; or the list of what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pitwall.domain.errors import NotRepeatable
from pitwall.domain.ports import RunFiles
from pitwall.tracking.manifest import RunManifest
from pitwall.tracking.sections.code import PATCH
from pitwall.tracking.sections.unknown import is_unknown

FOLDER, SPEC = "manifest", "spec"
WATCHED = ("src/", "flows/", "tasks/", "feature_repo/")  # untracked files that a training may import or read


@dataclass(frozen=True)
class Ingredients:
    """Local copies of what a run kept: its patch (None where nothing was uncommitted), params.yaml and dvc.lock.

    `package` holds name, version and sha256 of the installed package, of a run in a project made from the wheel; `spec` is the folder
    of what was ordered, of a user's model.
    """

    commit: str
    patch: Path | None
    params: Path
    lock: Path
    package: Mapping[str, Any] | None = None
    spec: Path | None = None


def gather(runs: RunFiles, run_id: str, manifest: RunManifest) -> Ingredients:
    """Return what a run is repeated from.

    Raises:
        NotRepeatable: something is missing; lists all of it.
    """
    files = {name: runs.file(run_id, f"{FOLDER}/{name}") for name in (PATCH, "params.yaml", "dvc.lock")}
    lacking = [f"the run kept no {name}" for name in ("params.yaml", "dvc.lock") if files[name] is None]
    lacking += _lacking_code(manifest.code, files[PATCH])
    params, lock = files["params.yaml"], files["dvc.lock"]
    if lacking or params is None or lock is None:
        raise NotRepeatable(lacking)
    spec = runs.file(run_id, SPEC)
    return Ingredients(manifest.code["commit"], files[PATCH], params, lock, manifest.code.get("package"), spec)


def _lacking_code(code: Mapping[str, Any], patch: Path | None) -> Iterator[str]:
    """Say what the manifest knows to be missing of the run's code."""
    for field in ("commit", "patch"):
        if is_unknown(code[field]):
            yield f"its {field} is {code[field]}"
    if secrets := code["secrets"]:
        yield f"{len(secrets)} secret(s) were taken out of its patch: {_places(secrets)}"
    if is_unknown(code["patch"]):
        return
    package = code.get("package") or {"changed": []}
    edited = [] if is_unknown(package["changed"]) else package["changed"]
    if edited:
        yield f"files of the installed {package['name']} {package['version']} were edited, and nothing kept the edits: {', '.join(edited)}"
    recorded = patch.read_bytes() if patch else b""
    uncommitted = [path for path in code["dirty"] if path not in edited]
    if uncommitted and not code["patch"]:
        yield f"uncommitted changes were not kept as a patch: {', '.join(uncommitted)}"
    if code["patch"] and sha256(recorded).hexdigest() != code["patch"]:
        yield f"its patch is {'not the one that was recorded' if patch else 'gone'} (sha256 {code['patch'][:12]})"
    unknown_to_git = [] if is_unknown(code["untracked"]) else code["untracked"]
    left_out = [name for name in unknown_to_git if name.startswith(WATCHED) and f"b/{name}".encode() not in recorded]
    if left_out:
        yield f"source files that git does not know are not in its patch: {', '.join(left_out)}"


def _places(secrets: Any) -> str:
    return str(secrets) if is_unknown(secrets) else ", ".join(f"{each['file']}:{each['line']}" for each in secrets)
