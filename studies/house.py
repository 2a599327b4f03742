"""How large the house is, how its rooms hang together, and whether it keeps within its limits.

    python studies/house.py [--commit COMMIT] [--before COMMIT] [--json FILE] [--docs docs/house.md]

Counts the modules of `src/pitwall` in the working tree, beside those of an earlier commit, or in `--commit` alone; a commit is read
through git, nothing is checked out and nothing imported. *Loose* is a module that lies directly in a folder and is no plug-in. *Arrows* are
the pairs (who, whom) among the direct children of `pitwall.ml` that import each other. Exit code 1 where a limit is broken, with its name.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from _house import House, read_commit, read_tree
from _report import commit, markdown, options, report

BEFORE = "8e86269"  # the last commit whose `ml` was one corridor
ML = "pitwall.ml"


@dataclass(frozen=True)
class Figure:
    """One number of a house: in words, its limit (none where it is told only), and which modules or folders make it."""

    what: str
    value: float
    limit: int | None = None
    where: str = ""

    @property
    def broken(self) -> bool:
        """Return whether the number is over its limit."""
        return self.limit is not None and self.value > self.limit


def figures(house: House) -> list[Figure]:
    """Return the numbers of a house, those with a limit last."""
    modules = list(house.modules.values())
    functions = [lines for module in modules for lines in module.functions]
    longest = max(modules, key=lambda module: (module.lines, module.name))
    fullest = max(house.folders(), key=lambda folder: (len(house.loose(folder)), folder))
    over = [f"{name} ({len(house.loose(name))})" for name in house.folders() if len(house.loose(name)) > 12]
    of_modules, of_folders = house.module_circles(), house.folder_circles()
    return [
        Figure("modules", len(modules)),
        Figure("median lines of a module", statistics.median(module.lines for module in modules)),
        Figure("median lines of a function", statistics.median(functions or [0])),
        Figure("folders of ml", len(house.children(ML))),
        Figure("loose modules of ml", len(house.loose(ML))),
        Figure("lines of the longest module", longest.lines, 300, longest.name),
        Figure("loose modules of the fullest folder", len(house.loose(fullest)), 12, ", ".join(over) or fullest),
        Figure("arrows inside ml", len(house.arrows(ML)), 80),
        Figure("circles of modules", len(of_modules), 0, _named(of_modules)),
        Figure("circles of neighbours", len(of_folders), 0, _named(of_folders)),
    ]


def table(houses: dict[str, list[Figure]]) -> str:
    """Return the figures of houses by name, beside each other, as Markdown."""
    rows = []
    for figure, *others in zip(*houses.values(), strict=True):
        values = {name: f"{each.value:g}" for name, each in zip(houses, (figure, *others), strict=True)}
        rows.append({"": figure.what, **values, "at most": "" if figure.limit is None else f"{figure.limit}"})
    return markdown(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 where the house that was asked for breaks a limit."""
    parser = options(__doc__, "no other than the full form: it takes seconds")
    parser.add_argument("--commit", help="read this commit instead of the working tree, and print it alone")
    parser.add_argument(
        "--before", default=BEFORE, help=f"the earlier commit to print beside it ({BEFORE}; '' for none)"
    )
    chosen = parser.parse_args(arguments)
    houses = _beside(chosen.before) if not chosen.commit else {}
    here = figures(read_commit(chosen.commit) if chosen.commit else read_tree())
    name = chosen.commit or "now"
    text = table({**houses, name: here})
    rows = [
        {**vars(each), "broken": each.broken, "house": house}
        for house, found in {**houses, name: here}.items()
        for each in found
    ]
    if str(chosen.json) == "-":
        json.dump({"commit": commit(), "rows": rows}, sys.stdout, indent=2)
    else:
        report("house", text, {"rows": rows}, chosen)
    return _complain(here)


def _beside(before: str) -> dict[str, Any]:
    if not before:
        return {}
    try:
        return {f"at {before}": figures(read_commit(before))}
    except SystemExit as unknown:  # a shallow clone knows no earlier commit
        print(unknown, file=sys.stderr)
        return {}


def _complain(found: Sequence[Figure]) -> int:
    broken = [each for each in found if each.broken]
    for each in broken:
        print(f"over its limit: {each.what}: {each.value:g}, at most {each.limit}: {each.where}", file=sys.stderr)
    return 1 if broken else 0


def _named(circles: Sequence[Sequence[str]]) -> str:
    return "; ".join(" and ".join(each) for each in circles)


if __name__ == "__main__":
    sys.exit(main())
