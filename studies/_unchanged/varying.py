"""What differs between two runs of the same code: every field that the comparison leaves out, and why.

Anything that is not listed here, and not in the map of renames, is a difference. Instants, and what merely names a run (its id, its
commit, the hashes of files that hold those), are not left out but replaced by a word each: see `identity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

GONE = object()

# {pattern of a dotted path inside a document: why it varies}; a fact of a card is at its label
FIELDS = {
    "provenance.git.branch": "the name of the branch",
    "provenance.dvc_lock.md5": "holds the folders of the code and the snapshot's instant",
    "provenance.requirements_lock.md5": "the lock file as a file; versions of libraries are compared one by one",
    "Lineage.facts.branch": "the name of the branch",
    "Lineage.facts.package lock": "the lock file as a file; versions of libraries are compared one by one",
    "Lineage.facts.dvc lock": "holds the folders of the code and the snapshot's instant",
    "Lineage.facts.data outputs": "the hash of the raw snapshot holds its instant",
    "Lineage.facts.configuration": "the hash of params.yaml, comments and new models included",
    "Lineage.facts.manifest": "the hash over code, data and machine",
    "Cost.facts.training time": "measured",
    "Cost.facts.processor time": "measured",
    "Cost.facts.peak memory": "measured",
    "Cost.facts.answer, *": "measured",
    "Cost.facts.throughput": "measured",
    "facts.durations.*": "measured",
    "facts.fits_from_cache.*": "which fits an earlier run had kept",
    "hash": "the chain: holds instants",
    "prev": "the chain: holds instants",
}
LATENCY = "the latency gate: measured"
SIZE = "the size gate: recipe.json gained a field"
SIZE_DECIMALS = 3  # of a MB


def varies(path: str) -> bool:
    """Tell whether a field of a document is one that varies by nature."""
    return any(fnmatchcase(path, pattern) for pattern in FIELDS)


def settled_verdict(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a gate's verdict without what was measured of the machine: passed or not, limit and unit stay."""
    kept = dict(row)
    if row["gate"] == "latency":
        kept |= {"measured": None, "reason": None}
    if row["gate"] == "size":
        kept |= {"measured": round(float(row["measured"]), SIZE_DECIMALS)}
    return kept


def settled_row(cells: list[Any]) -> list[Any]:
    """Return a row of a card's tables of gates likewise: the gate's name stands first, all but verdict, limit and unit vary."""
    if cells and cells[0] == "latency":
        return [cells[0], *(cell for cell in cells[2:] if cell in {"passed", "REFUSED"})]
    return cells


def rows() -> list[dict[str, str]]:
    """Return what varies as the rows of a table."""
    gates = {"gate latency": LATENCY, "gate size, below 0.001 MB": SIZE}
    return [{"left out": name, "why": why} for name, why in (FIELDS | gates).items()]
