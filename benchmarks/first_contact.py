"""What first contact takes: the ten lines of the first notebook, from the import to pictures and the verdict of the gates.

The lines are those of `notebooks/0_first_contact.py`, run as they stand by a process that has loaded nothing, in this project or in the one of
`--root`, whose data stages are made. The peer is the minute that they may take. `--json FILE` writes rows {work, subject, value, unit, peer, ratio};
`--small` is the whole.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from _meter import Meter
from _report import Row, options, report

from pitwall.domain.project import Project, find_project

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "0_first_contact.py"
ALLOWED, LINES = 60.0, 10
CELL = re.compile(r"^# %%\n(?P<code>.*?)^# %%", re.DOTALL | re.MULTILINE)


def lines() -> str:
    """Return the code of the notebook's first cell; refuse more lines than it promises."""
    found = CELL.search(NOTEBOOK.read_text(encoding="utf-8"))
    assert found is not None
    code = found["code"].strip()
    count = sum(bool(line.strip()) for line in code.splitlines())
    if count > LINES:
        raise SystemExit(f"{NOTEBOOK.name} promises {LINES} lines and has {count}.")
    return code


def seconds(project: Project) -> float:
    """Return what the lines take by the clock, the start of Python included."""
    environment = {**os.environ, "PITWALL_HOME": str(project.root), "MPLBACKEND": "Agg"}
    with Meter() as meter:
        subprocess.run(
            [sys.executable, "-c", lines()], cwd=project.root, env=environment, check=True, stdout=sys.stderr
        )
    return float(meter.wall)


def rows(taken: float) -> list[Row]:
    """Return the one row."""
    work = {"work": "first contact, process cold", "subject": f"{LINES} lines", "value": round(taken, 1), "unit": "s"}
    return [{**work, "peer": f"{ALLOWED:g} s allowed", "ratio": round(taken / ALLOWED, 3)}]


def main() -> None:
    """Parse the command line, run the lines, print."""
    parser = options(__doc__, "the whole")
    parser.add_argument("--root", type=Path, help="the project; default: this one")
    chosen = parser.parse_args()
    project = Project(chosen.root.resolve()) if chosen.root else find_project()
    report(rows(seconds(project)), chosen.json)


if __name__ == "__main__":
    main()
