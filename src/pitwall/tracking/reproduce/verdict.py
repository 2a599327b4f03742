"""The verdict on a repetition: bit-equal, within a tolerance, or different with the first cause."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Literal

from pitwall.tracking.reproduce.cause import Cause
from pitwall.tracking.reproduce.compare import Comparison
from pitwall.tracking.reproduce.request import Original

Outcome = Literal["bit-equal", "within tolerance", "different"]
UNEXPLAINED = Cause(
    "nondeterminism", "nothing that the manifest records differs, so something works that it does not record"
)


@dataclass(frozen=True)
class Reproduction:
    """What became of a repetition.

    Attributes:
        subject: the run, and its version that the outcome was compared with.
        outcome: bit-equal, within tolerance or different.
        causes: everything that differed between the two manifests, in the order of the contract; the first is the cause.
        comparison: of the two model folders; None where no rerun was worth its time.
        tolerance: largest difference of a prediction that counts as the same.
        warnings: what was found before the rerun.
        seconds: that it took.
    """

    subject: Original
    outcome: Outcome
    causes: tuple[Cause, ...]
    comparison: Comparison | None
    tolerance: float
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """The last line of `pitwall reproduce`."""
        if self.outcome == "different":
            return f"different: first cause {self.causes[0] if self.causes else UNEXPLAINED}"
        if self.outcome == "within tolerance" and self.comparison is not None:
            return f"within tolerance (largest difference {self.comparison.apart:.1e}, limit {self.tolerance:.0e})"
        return "bit-equal"

    def payload(self) -> dict[str, Any]:
        """Return everything as JSON; a difference that cannot be measured is null."""
        made, version = self.comparison, self.subject.version
        return {
            "run": self.subject.run_id,
            "model": version.model,
            "version": version.version,
            "verdict": self.verdict,
            "outcome": self.outcome,
            "causes": [asdict(cause) for cause in self.causes],
            "warnings": list(self.warnings),
            "content": made and {"run": made.content[0], "rerun": made.content[1]},
            "files": made.files if made else {},
            "largest_difference": made.apart if made and isfinite(made.apart) else None,
            "tolerance": self.tolerance,
            "seconds": round(self.seconds, 1),
        }


def judge(comparison: Comparison, tolerance: float) -> Outcome:
    """Return the outcome of a comparison.

    Predictions within the tolerance count only while both folders hold files of the same names.
    """
    if comparison.equal:
        return "bit-equal"
    same_names = not {"missing", "new"} & set(comparison.files.values())
    return "within tolerance" if same_names and comparison.apart <= tolerance else "different"
