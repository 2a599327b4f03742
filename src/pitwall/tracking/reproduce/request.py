"""What is to be repeated, and what is changed on purpose: the request of `pitwall reproduce`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pitwall.domain.errors import NotRepeatable, UnknownName
from pitwall.domain.ports import ModelVersion, Registry, RunReader

Start = Literal["frames", "raw"]
Data = Literal["recorded", "current"]
TOLERANCE = 1e-6
RESTORED = "restored"


@dataclass(frozen=True)
class Original:
    """A finished run and the version that it registered."""

    run_id: str
    version: ModelVersion

    @property
    def folder(self) -> str:
        """Where a training leaves this version, from the project root."""
        role = "baseline" if self.version.tags.get("role") == "baseline" else "model"
        return f"models/{self.version.model}/{role}"


@dataclass(frozen=True)
class Request:
    """How a run is repeated.

    Attributes:
        start: `frames` takes tables and frames from DVC's remote and trains; `raw` makes them again from raw snapshots.
        revision: another commit than the run's, without its patch.
        settings: parameters of params.yaml to change, by dotted name.
        data: the outputs that the run recorded, or those that the project holds now.
        tolerance: largest difference of a predicted probability that still counts as the same.
    """

    start: Start = "frames"
    revision: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    data: Data = "recorded"
    tolerance: float = TOLERANCE


def find_subject(
    text: str, runs: RunReader, registry: Registry, find_version: Callable[[str], ModelVersion]
) -> Original:
    """Return the run and version that a text names: a run id or its beginning, `model/3`, `model@alias`, `template@alias`.

    Args:
        text: what the user typed.
        runs: the reading side of runs.
        registry: of model versions.
        find_version: resolves a reference `name@alias` or `name@3`.

    Raises:
        UnknownName: nothing is called so; names what is near.
        NotRepeatable: the run was not finished, or it trained nothing.
    """
    if "@" in text or "/" in text:
        version = find_version(text.replace("/", "@"))
        return _checked(Original(version.run_id, version), runs)
    found = runs.find(text) if text else []
    if len(found) != 1:
        raise UnknownName("run", text, found or [record.run_id for record in runs.all()])
    record = runs.read(found[0])
    if record.parent:
        record = runs.read(record.parent)
    number = record.tags.get("pitwall.version")
    if number is None:
        raise NotRepeatable([f"run {record.run_id} is {record.status} and registered no version to compare with"])
    return _checked(Original(record.run_id, registry.get(record.tags["pitwall.model"], int(number))), runs)


def _checked(subject: Original, runs: RunReader) -> Original:
    record = runs.read(subject.run_id)
    if record.tags.get("pitwall.kind") == RESTORED:
        why = (
            f"run {record.run_id} trained nothing: DVC restored the model from its cache; train it with `pitwall train`"
        )
        raise NotRepeatable([why])
    if record.status != "FINISHED":
        raise NotRepeatable([f"run {record.run_id} is {record.status}, not FINISHED"])
    return subject
