"""How good are the answers to RelBench's tasks on Formula 1, under both of its rules of time, beside rules and published figures?

    python studies/relbench.py [--data FOLDER] [--protocol rolling] [--small] [--json FILE] [--docs docs/relbench.md]

Answers the validation rows of the three tasks, ours and the rules beside it, and ours with lap times; whole seed times are drawn
again for the 95 % intervals, the same draws for all. `--small` uses a tiny generated world, only to see that all of it runs. The data are
`--data`, else `$PITWALL_REAL_DATA`, else `../shared/data`: a folder with `ergast` and `rel_f1`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from _report import markdown, options, report

from pitwall.ml.relbench.learning.rules import RULES
from pitwall.ml.relbench.protocol import FROZEN, OURS, PROTOCOLS, ROLLING
from pitwall.ml.relbench.run import Asked, answer, scores
from pitwall.ml.relbench.tasks import TASKS
from pitwall.testing.worlds.relbench import write_tiny_relbench

TABLES = {ROLLING: "relbench", FROZEN: "relbench_frozen"}
WITH_LAPS = f"{OURS}, with lap times"


def measured(asked: Asked, workers: int | None) -> list[dict[str, Any]]:
    """Return the scores of a protocol, those with lap times among them."""
    full = answer(asked, workers)
    if asked.protocol == ROLLING:
        more = answer(replace(asked, laps=True, beside=()), workers)
        full += [replace(each, name=WITH_LAPS) for each in more]
    seconds = sum(each.cpu_seconds for each in full if each.name == OURS)
    return [{**row, "protocol": asked.protocol, "cpu_seconds_of_ours": seconds} for row in scores(full)]


def lines(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return a line per answerer, a column per task, and what ours gains."""
    found = []
    for name in dict.fromkeys(row["name"] for row in rows):
        line = {"by": name}
        for row in (each for each in rows if each["name"] == name):
            line[f"{row['task']}, {row['metric']}"] = _interval(row)
            line[f"ours better by ({row['task']})"] = _interval(row["gain"]) if "gain" in row else ""
        found.append(line)
    return found


def _interval(row: Mapping[str, Any]) -> str:
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Answer, score, print the tables."""
    parser = options(__doc__, "a tiny generated world, one task a protocol, no extra process: only to see that it runs")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("PITWALL_REAL_DATA", "../shared/data")))
    parser.add_argument("--protocol", action="append", choices=list(PROTOCOLS), help="repeat; default: both")
    parser.add_argument("--workers", type=int, help="processes; default: cores")
    chosen = parser.parse_args(arguments)
    if not chosen.small and not (chosen.data / "rel_f1").is_dir():
        print(
            f"SKIPPED: no rel_f1 at {chosen.data}; give a folder with `ergast` and `rel_f1` as --data, or ask for --small."
        )
        return
    with tempfile.TemporaryDirectory() as scratch:
        data = write_tiny_relbench(Path(scratch)) if chosen.small else chosen.data
        tasks = ("driver-dnf",) if chosen.small else tuple(TASKS)
        workers = 0 if chosen.small else chosen.workers
        rows: list[dict[str, Any]] = []
        for protocol in chosen.protocol or PROTOCOLS:
            part = measured(Asked(data, protocol, tasks, ("val",), tuple(RULES)), workers)
            rows += part
            head = f"**{protocol.capitalize()}**: {PROTOCOLS[protocol]}. "
            head += f"Ours took {part[0]['cpu_seconds_of_ours']:.0f} s of the processor.\n\n"
            report(TABLES[protocol], f"{head}{markdown(lines(part))}", {"rows": rows}, chosen)


if __name__ == "__main__":
    main()
