"""Lay the files of a project into a folder that may hold others: what is there stays, and what would be in the way is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain.errors import UsageError

EXTENDED = (".gitignore", ".dvcignore")  # lists of which any number may be joined
KEPT = (".dvc/config",)  # whoever has one has chosen their remotes


@dataclass(frozen=True)
class Plan:
    """What would become of each file: written anew, left as it is, or given the lines that it lacks."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    extended: tuple[str, ...]


def plan(files: Mapping[str, bytes], root: Path) -> Plan:
    """Return what laying files into a folder would do.

    Raises:
        UsageError: the folder is a file, or holds other files where the project's would go; names them.
    """
    blocked = [path for path in (root, *root.parents) if path.exists() and not path.is_dir()]
    if blocked:
        raise UsageError(f"{blocked[0]} is a file; `pitwall init` needs the name of a folder, new or not.")
    there = {name: root / name for name in sorted(files) if (root / name).exists() or _below_a_file(root, name)}
    same = {name for name, path in there.items() if path.is_file() and path.read_bytes() == files[name]}
    extended = {name for name in EXTENDED if name in there and name not in same and there[name].is_file()}
    kept = same | {name for name in KEPT if name in there}
    if others := [name for name in there if name not in kept | extended]:
        raise UsageError(
            f"{root} holds files of its own where the project's would go: {', '.join(others)}. Nothing was written. "
            "Choose another folder, or move these away."
        )
    return Plan(tuple(sorted(files.keys() - there.keys())), tuple(sorted(kept)), tuple(sorted(extended)))


def lay(files: Mapping[str, bytes], root: Path, made: Plan) -> None:
    """Do what a plan says."""
    for name in made.written:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(files[name])
    for name in made.extended:
        path = root / name
        text = path.read_text(encoding="utf-8")
        lacking = [line for line in files[name].decode("utf-8").splitlines() if line not in text.splitlines()]
        between = "" if not text or text.endswith("\n") else "\n"
        path.write_text(text + between + "".join(f"{line}\n" for line in lacking), encoding="utf-8")


def _below_a_file(root: Path, name: str) -> bool:
    return any((root / parent).is_file() for parent in Path(name).parents if parent != Path())
