"""Move the state files that have another name now; where both are there, what the old one holds comes first."""

from __future__ import annotations

import shutil
from pathlib import Path

from pitwall.domain.errors import StageError
from pitwall.domain.project import Project
from pitwall.domain.renames import renames


def move_state(project: Project, dry_run: bool) -> list[str]:
    """Move every state file and folder to its name of today.

    Raises:
        StageError: two files of one name hold different things; nothing of theirs was moved.
    """
    done = []
    for old, new in renames().files.items():
        source, target = project.root / old, project.root / new
        if not source.exists():
            continue
        done.append(f"{old} -> {new}")
        if not dry_run:
            (_move_folder if source.is_dir() else _move_lines)(source, target)
    return done


def _move_lines(source: Path, target: Path) -> None:
    """Move a file of lines; lines that were written to the new one in the meantime stay, behind the old ones."""
    if target.exists():
        lines = [*source.read_text(encoding="utf-8").splitlines(), *target.read_text(encoding="utf-8").splitlines()]
        fresh = target.with_name(f".{target.name}.new")
        fresh.write_text("".join(f"{line}\n" for line in dict.fromkeys(lines)), encoding="utf-8")
        fresh.replace(
            target
        )  # in one step, and before the old one goes: cut short here, the next upgrade does it again
        source.unlink()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    source.with_name(f".{source.stem}.lock").unlink(missing_ok=True)


def _move_folder(source: Path, target: Path) -> None:
    files = {path: target / path.relative_to(source) for path in sorted(source.rglob("*")) if path.is_file()}
    apart = [new for path, new in files.items() if new.exists() and new.read_bytes() != path.read_bytes()]
    if apart:
        raise StageError(
            f"{source} cannot be moved to {target}: {', '.join(str(path.relative_to(target)) for path in apart)} is in both "
            "with other content. Look at the two, move one away, then upgrade again."
        )
    for path, new in files.items():
        new.parent.mkdir(parents=True, exist_ok=True)
        path.replace(new)
    shutil.rmtree(source)
