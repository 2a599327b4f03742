"""What training every question's model once takes: `pitwall train` of each model at each of its stages, one after the other.

Each is the command that a person types, in a process of its own, with what it needs to start: reading the features, tuning, judging,
fitting, the card and the registration. The peer of every row is the whole, so that the ratio is a model's share of it; the last
row is the whole beside the half hour that it may take on two cores. It trains in this project, or in the one of `--root`, and registers candidates
there; nothing is promoted. `--json FILE` writes rows {work, subject, value, unit, peer, ratio}; `--small` trains one model.
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


def seconds(project: Project, name: str) -> float:
    """Return what training a model takes by the clock.

    Raises:
        SystemExit: it failed; tells the end of what it printed.
    """
    with Meter() as meter:
        done = subprocess.run(
            [Path(sys.executable).with_name("pitwall"), "train", name],
            cwd=project.root,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(
            f"training {name} failed with exit code {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}"
        )
    return meter.wall


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
    taken = dict[str, float]()
    for name in [SMALL] if chosen.small else all_names(load_params(project.params)):
        taken[name] = seconds(project, name)
        print(f"{name}: {taken[name]:.1f} s", file=sys.stderr, flush=True)
    report(rows(taken), chosen.json)


if __name__ == "__main__":
    main()
