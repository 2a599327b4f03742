"""Is the model small enough to be kept, sent and loaded? The bytes of its folder."""

from __future__ import annotations

from dataclasses import replace

from pitwall.domain.refs import Verdict
from pitwall.ml.gates._gate import Candidate, Gate, closed

NAME = "size"
MEGABYTE = 1_000_000


def _check(candidate: Candidate) -> list[Verdict]:
    if not candidate.files:
        return [closed(NAME, "the model folder is empty; train again")]
    sizes = {name: len(content) for name, content in candidate.files.items()}
    largest = max(sorted(sizes), key=lambda name: sizes[name])
    total, limit = sum(sizes.values()) / MEGABYTE, candidate.params.gates.size_mb
    reason = f"{len(sizes)} files; the largest is {largest} with {sizes[largest] / MEGABYTE:.3f} MB"
    return [Verdict(NAME, total <= limit, total, limit, "MB", reason)]


def _large(good: Candidate) -> Candidate:
    heavy = bytes(int(MEGABYTE * good.params.gates.size_mb) + 1)
    return replace(good, files={**good.files, "trees.bin": heavy})


GATE = Gate(NAME, "Small: the model folder is below the limit", _check, _large)
