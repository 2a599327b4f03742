"""What training every question's model once takes: `pitwall train` of each model at each of its stages, one after the other.

Each is the command that a person types, in a process of its own, with what it needs to start: reading the features, tuning, judging,
fitting, the card and the registration. The peer of every row is the whole, so that the ratio is a model's share of it; the last
row is the whole beside the half hour that it may take on two cores. It trains in this project, or in the one of `--root`, and registers candidates
there; nothing is promoted. A model that the project has no data for (laps of two seasons, say) is named and left out. `--json FILE` writes rows {work,
subject, value, unit, peer, ratio}; `--small` trains one model.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from _meter import Meter
from _report import Row, options, report

from pitwall.domain.params import load_params
from pitwall.domain.project import Project, find_project
from pitwall.ml.models.machinery.names import all_names

ALLOWED = 1800.0
SMALL = "safety_car-pre_race"
WORK = "training, registration included"


def seconds(project: Project, name: str) -> float | None:
    """Return what training a model takes by the clock; None where the project has not what it needs, which is said."""
    with Meter() as meter:
        done = subprocess.run(
            [Path(sys.executable).with_name("pitwall"), "train", name],
            cwd=project.root,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        why = next(
            (line for line in reversed(lines) if line.startswith("error:")), lines[-1] if lines else "it said nothing"
        )
        print(f"{name} is not trained here: {why}", file=sys.stderr, flush=True)
        return None
    print(f"{name}: {meter.wall:.1f} s", file=sys.stderr, flush=True)
    return float(meter.wall)


def rows(taken: dict[str, float]) -> list[Row]:
    """Return a row per model with its share of the whole, and one for the whole beside what is allowed."""
    whole = sum(taken.values())
    each = [_row(name, value, "of the whole", whole) for name, value in taken.items()]
    return [*each, _row(f"{len(taken)} models", whole, f"{ALLOWED:g} s allowed", ALLOWED)]


def _row(subject: str, value: float, peer: str, theirs: float) -> Row:
    return {
        "work": WORK,
        "subject": subject,
        "value": round(value, 1),
        "unit": "s",
        "peer": peer,
        "ratio": round(value / theirs, 3),
    }


def main() -> None:
    """Parse the command line, train, print."""
    parser = options(__doc__, "one model")
    parser.add_argument("--root", type=Path, help="the project in which to train; default: this one")
    chosen = parser.parse_args()
    project = Project(chosen.root.resolve()) if chosen.root else find_project()
    names = [SMALL] if chosen.small else all_names(load_params(project.params))
    taken = {name: found for name in names if (found := seconds(project, name)) is not None}
    if not taken:
        raise SystemExit("no model could be trained.")
    report(rows(taken), chosen.json)


if __name__ == "__main__":
    main()
