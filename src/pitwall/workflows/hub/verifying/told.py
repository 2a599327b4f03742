"""What a stranger's run says of itself, as far as a repetition may use it: numbers and hashes, never a path, a variable or a program.

The code is this repository's own, at the commit that the run names if it has it, else as it is committed here; the data are those of
this project's own remote. So what a bundle says decides which of one's own things are used, and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pitwall.domain.errors import NotRepeatable
from pitwall.tracking.manifest import FILE, FOLDER
from pitwall.tracking.sections.environment import THREADS
from pitwall.workflows.hub.opening.json_text import parsed_json
from pitwall.workflows.hub.opening.refusal import BundleRefused, shown
from pitwall.workflows.hub.opening.yaml_text import see_yaml

COMMIT, HASH = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{32}(\.dir)?")
WORD = re.compile(r"[A-Za-z0-9._+!-]{1,80}")
MANIFEST, LOCK = f"{FOLDER}/{FILE}", f"{FOLDER}/dvc.lock"
MOST_THREADS = 3  # digits


class ToldRun:
    """The reading side of the one run of a bundle (`tracking.reproduce` asks it for files, and for the model's folder).

    Args:
        files: of the bundle, which was verified.
        own: a fresh folder, for what is used of its manifest.
        package: the installed package's name, version and hash, where the project is made from one.

    Raises:
        NotRepeatable: something is missing, or is not of the form that a run has.
    """

    def __init__(self, files: Path, own: Path, package: Mapping[str, str]) -> None:
        self._files, self._manifest = files, own / FILE
        if lacking := [name for name in (MANIFEST, LOCK) if not (files / name).is_file()]:
            raise NotRepeatable([f"its bundle brings no {name}" for name in lacking])
        told = _used(parsed_json(MANIFEST, (files / MANIFEST).read_bytes()), package)
        self.commit = str(told["code"]["commit"])
        _see_lock((files / LOCK).read_bytes())
        self._manifest.write_text(json.dumps(told), encoding="utf-8")

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a file or folder that the run kept; None where the bundle has none."""
        found = self._manifest if path == MANIFEST else self._files / path
        return found if found.exists() else None

    def fetch(self, model: str, version: int) -> Path:
        """Return the folder of the model."""
        return self._files / "model"


def _used(told: Any, package: Mapping[str, str]) -> dict[str, Any]:
    """Return a manifest with what may be used of it."""
    try:
        code, environment = dict(told["code"]), dict(told["environment"])
        if not COMMIT.fullmatch(str(code["commit"])):
            raise NotRepeatable([f"its commit is none: {shown(str(code['commit']))}"])
        made_with = dict(code.get("package") or {})
        if made_with and {name: made_with.get(name) for name in ("name", "version", "sha256")} != dict(package):
            del code[
                "package"
            ]  # nothing is installed because a bundle says so: the code here is used, and said to be another
        environment["threads"] = dict(_threads(environment["threads"]))
        environment["versions"] = dict(_versions(environment["versions"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotRepeatable(
            [f"its manifest is not of this version's form ({type(error).__name__}: {shown(str(error))})"]
        ) from None
    return {**told, "code": code, "environment": environment}


def _threads(said: Any) -> Iterator[tuple[str, str | None]]:
    """Yield the numbers of threads; a bundle sets no other variable of a process."""
    for name in THREADS:
        value = said.get(name)
        if value is None or (str(value).isascii() and str(value).isdigit() and len(str(value)) <= MOST_THREADS):
            yield name, value if value is None else str(value)


def _versions(said: Any) -> Iterator[tuple[str, str]]:
    for name, version in sorted(said.items()):
        if WORD.fullmatch(name) and isinstance(version, str) and WORD.fullmatch(version):
            yield name, version


def _see_lock(content: bytes) -> None:
    """Look at a dvc.lock: its hashes are hashes, and its paths stay within the project."""
    try:
        see_yaml(LOCK, content)
    except BundleRefused as refusal:
        raise NotRepeatable([f"its dvc.lock: {refusal}"]) from None
    for name, value in _leaves(YAML(typ="safe", pure=True).load(content.decode())):
        if name == "md5" and not HASH.fullmatch(str(value)):
            raise NotRepeatable([f"its dvc.lock has a hash that is none: {shown(str(value))}"])
        if name == "path" and (str(value).startswith(("/", "\\", "~")) or ".." in str(value) or ":" in str(value)):
            raise NotRepeatable([f"its dvc.lock has a path that leads elsewhere: {shown(str(value))}"])


def _leaves(said: Any) -> Iterator[tuple[str, Any]]:
    for name, value in said.items() if isinstance(said, dict) else ():
        if isinstance(value, dict | list):
            yield from _leaves(value)
        else:
            yield str(name), value
    for each in said if isinstance(said, list) else ():
        yield from _leaves(each)
