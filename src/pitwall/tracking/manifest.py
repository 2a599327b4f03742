"""The run manifest: one JSON document that says what a result was made from, how, where, and what it cost.

Its sections stand in the order in which a difference between two runs is looked for: code first, then data,
configuration, seeds and environment, which together decide the result; then who ordered the work, what is known to vary,
what was done by hand, and what was measured. What is not known is the text `unknown: reason`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from pitwall.domain import renames
from pitwall.domain.errors import TrackingError
from pitwall.domain.ports import RunFiles
from pitwall.tracking.canonical import MISSING, Change, changes, hash_of
from pitwall.tracking.sections.unknown import is_unknown, unknown

SCHEMA = 1
FOLDER, FILE = "manifest", "manifest.json"
NOT_YET = unknown("the training has not finished")
DETERMINISTIC = ("code", "data", "config", "seeds", "environment")
# a run has its own name and instant and no two runs cost the same: not what people mean by a difference
OWN = ("subject.captured_at", "subject.run_name")
ADDED = {"artifacts": unknown("the run is older than this section")}

Section = dict[str, Any]


@dataclass(frozen=True)
class RunManifest:
    """The manifest of one run; docs/experiments.md lists the fields of each section.

    Attributes:
        subject: what was trained, under which name, in which experiment.
        code: commit, branch, uncommitted work, secrets found in it.
        data: DVC's hashes, raw snapshots, feature service and vintage, frame, splits.
        config: params.yaml by value, its hash, and at the end the recipe that was found.
        seeds: of every source of random numbers.
        environment: Python, packages, machine, threads, GPU.
        orchestration: started by what, in which flow run, with which study, as which MLflow run.
        nondeterminism: what may vary nevertheless, in sentences.
        manual_steps: what was done by hand, in sentences.
        resources: seconds, CPU seconds and peak memory of the training.
        inference: latency and throughput of the trained model.
        artifacts: sha256, bytes and type of every file that the run held when it was completed, by path.
        schema: version of this layout.
    """

    subject: Section
    code: Section
    data: Section
    config: Section
    seeds: Section
    environment: Section
    orchestration: Section
    nondeterminism: list[str]
    manual_steps: list[str] = field(default_factory=list)
    resources: Section | str = NOT_YET
    inference: Section | str = NOT_YET
    artifacts: Section | str = NOT_YET
    schema: int = SCHEMA

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as plain data: the schema, then the sections in order."""
        content = asdict(self)
        return {"schema": content.pop("schema"), **content}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> RunManifest:
        """Return the manifest of plain data.

        Raises:
            TrackingError: it has another schema, or lacks a section.
        """
        if content.get("schema") != SCHEMA:
            raise TrackingError(f"the manifest has schema {content.get('schema')!r}; this version reads {SCHEMA}.")
        content = {**ADDED, **content}
        if lacking := [name for name in SECTIONS if name not in content]:
            raise TrackingError(
                f"the manifest lacks {', '.join(lacking)}; it was not written by Pitwall or was edited."
            )
        sections = {name: renames.manifest_section(name, content[name]) for name in SECTIONS}
        return cls(schema=content["schema"], **sections)

    def to_json(self) -> str:
        """Return the text of `manifest.json`."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def fingerprint(self) -> str:
        """Return a sha256 over the sections that decide the result, without the recipe that comes out of it."""
        content = self.to_dict()
        config = {key: value for key, value in self.config.items() if key != "recipe"}
        return hash_of({**{name: content[name] for name in DETERMINISTIC}, "config": config})

    def get(self, path: str) -> Any:
        """Return a field by its dotted path, `MISSING` if there is none."""
        found: Any = self.to_dict()
        for part in path.split("."):
            found = found.get(part, MISSING) if isinstance(found, Mapping) else MISSING
        return found

    def with_(self, **sections: Mapping[str, Any]) -> RunManifest:
        """Return the manifest with fields added to sections."""
        old = {name: getattr(self, name) for name in sections}
        merged = {name: {**(old[name] if isinstance(old[name], dict) else {}), **new} for name, new in sections.items()}
        return replace(self, **merged)  # type: ignore[arg-type]

    def tags(self) -> dict[str, str]:
        """Return the flat summary that a run and its model version are tagged with."""
        secrets, gpu = self.code["secrets"], self.environment["gpu"]
        return {
            "git.commit": self.code["commit"],
            "git.branch": self.code["branch"],
            "config_hash": self.config["hash"],
            "git.patch": self.code["patch"] or "none",
            "git.secrets": secrets if is_unknown(secrets) else str(len(secrets)) if secrets else "none",
            "manifest.fingerprint": self.fingerprint(),
            "frame.md5": _inner(self.data["frame"], "md5"),
            "splits.sha256": _inner(self.data["splits"], "sha256"),
            "environment.gpu": gpu if isinstance(gpu, str) else ", ".join(gpu),
            "pitwall.started_by": self.orchestration["started_by"],
            "pitwall.run_name": self.subject["run_name"],
            "pitwall.path": self.subject["path"],
            "run_timestamp": self.subject["captured_at"],
        }


SECTIONS = tuple(each.name for each in fields(RunManifest) if each.name != "schema")


def difference(old: RunManifest, new: RunManifest, sections: Sequence[str] = SECTIONS) -> list[Change]:
    """Return the fields that differ, in the manifest's order; names and instants of the runs themselves are left out."""
    first, second = old.to_dict(), new.to_dict()
    found = [change for name in sections for change in changes(first[name], second[name], name)]
    return [change for change in found if change.field not in OWN]


def load(path: Path) -> RunManifest:
    """Return the manifest in a file.

    Raises:
        TrackingError: the file is no manifest.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrackingError(f"{path.name} is no JSON: {error}.") from error
    if not isinstance(content, dict):
        raise TrackingError(f"{path.name} must hold a mapping; found {type(content).__name__}.")
    return RunManifest.from_dict(content)


def of_run(runs: RunFiles, run_id: str) -> RunManifest:
    """Return the manifest of a run.

    Raises:
        TrackingError: the run has none; says why that may be and what to do.
    """
    path = runs.file(run_id, f"{FOLDER}/{FILE}")
    if path is None:
        raise TrackingError(
            f"run {run_id} has no {FOLDER}/{FILE}: it is a trial, was restored from DVC's cache, is older than manifests, "
            "or its files were moved. Train again with `pitwall train`."
        )
    return load(path)


def _inner(section: Any, key: str) -> str:
    return str(section[key]) if isinstance(section, Mapping) else str(section)
