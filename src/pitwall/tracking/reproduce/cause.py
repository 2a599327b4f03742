"""The first cause of a difference: the run's manifest beside the rerun's, in the order in which one thing follows another.

Code comes before data, data before parameters, parameters before seeds, seeds before the environment: a change of code may
well change data, never the other way round. What only follows from them (splits, the tuned recipe) or differs in
every clone (the branch's name) is no cause and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pitwall.tracking.canonical import Change
from pitwall.tracking.manifest import DETERMINISTIC, RunManifest, difference
from pitwall.tracking.seeds import NOT_LOADED

# Sections or fields that are no cause: consequences of others, or names that differ in every clone.
NO_CAUSE = (
    *("code.branch", "code.dirty", "code.untracked", "code.patch_bytes", "code.secrets"),
    *(
        "data.dvc_lock",
        "data.dvc_rev",
        "data.stale",
        "data.snapshots",
        "data.splits",
        "data.vintage",
        "data.known_until",
    ),
    *("config.hash", "config.recipe", "config.params.seed"),
    *("environment.off_lock", "environment.memory_gb"),
)
PIPELINE = ("data.outs.data/raw", "data.outs.data/tables", "data.outs.data/features", "data.outs", "data.frame.md5")
SHORT = 60


@dataclass(frozen=True)
class Cause:
    """Something that differed: the section of the manifest (code, data, config, seeds, environment) and what, in words."""

    section: str
    what: str

    def __str__(self) -> str:
        return f"{self.section}: {self.what}"


def causes(run: RunManifest, rerun: RunManifest) -> tuple[Cause, ...]:
    """Return what differed between a run and its repetition, the first cause first."""
    found = [change for change in difference(run, rerun, sections=DETERMINISTIC) if not _no_cause(change)]
    ordered = sorted(found, key=lambda change: (DETERMINISTIC.index(_section(change.field)), _depth(change.field)))
    return tuple(Cause(_section(change.field), _words(change)) for change in ordered)


def damaged_data(files: Sequence[str]) -> tuple[Cause, ...]:
    """Return the causes of files that DVC's remote holds with other bytes than the run read."""
    return tuple(
        Cause("data", f"{name} in DVC's remote is not what the run read: its bytes were changed") for name in files
    )


def version_warnings(recorded: Iterable[tuple[str, str]], installed: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return, in words, the packages whose installed version is not the one that a run was made with."""
    here = dict(installed)
    return tuple(
        f"{package} is {here.get(package, 'absent')} here, the run was made with {version}"
        for package, version in recorded
        if here.get(package, "absent") != version
    )


def _no_cause(change: Change) -> bool:
    """Tell whether a change follows from others, or a library was merely loaded in one of the two processes."""
    field = change.field
    named = any(field == name or field.startswith((f"{name}.", f"{name}_", f"{name}[")) for name in NO_CAUSE)
    return named or NOT_LOADED in {str(change.old), str(change.new)}


def _section(field: str) -> str:
    return field.split(".", maxsplit=1)[0]


def _depth(field: str) -> int:
    """Return how early in the pipeline a data output stands; all else keeps its place."""
    return next((index for index, prefix in enumerate(PIPELINE) if field.startswith(prefix)), len(PIPELINE))


def _words(change: Change) -> str:
    name = change.field.split(".", maxsplit=1)[1]
    return f"{name} was {_short(change.old)}, is {_short(change.new)}"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
