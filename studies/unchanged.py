"""Did anything change beside the names? Two runs of the same job, by the version before and by this one, compared.

    python studies/unchanged.py                                  # makes both sides in scratch clones, embedded world
    python studies/unchanged.py --source ergast --location DIR   # the same on real data
    python studies/unchanged.py --before DIR --after DIR         # two projects in which the job was run already

Compared are the bytes of tables, features, frames and native model files, the values of predictions to the last bit, and recipes,
reports, backtest rows, cards, forecasts with their inputs, holdout log and history field by field. One map is applied to both
sides, the one that the package ships (`pitwall/domain/renames/renames.toml`); every other difference is printed, and ends in
exit code 1. What differs between any two runs of the same code is listed in `studies/_unchanged/varying.py` and in the
report. Pages and pictures are drawn from these documents and are not compared.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from _report import markdown, options, report
from _unchanged import runs
from _unchanged.compare import Part, compare
from _unchanged.identity import Side
from _unchanged.varying import rows as varying_rows

from pitwall.domain.renames import renames

REPOSITORY = Path(__file__).resolve().parents[1]
SHOWN = 25  # differences of a part
SEASONS, REAL_SEASONS = "2018:2019", "2015:2016"  # of the backtest: in the embedded world and of real races


@contextmanager
def sides(chosen: argparse.Namespace) -> Iterator[tuple[Side, Side]]:
    """Give the two sides: those that were named, or scratch clones in which the job is run now."""
    if chosen.before and chosen.after:
        yield Side(chosen.before.resolve()), Side(chosen.after.resolve())
        return
    home = Path(tempfile.mkdtemp(prefix="unchanged-"))
    try:
        made = [runs.clone(REPOSITORY, commit, home / name) for name, commit in _commits(chosen).items()]
        runs.set_params(made, runs.SMALL if chosen.small else runs.CALM)
        for project in made:
            runs.job(project, chosen.source, chosen.location, chosen.seasons or _seasons(chosen))
        yield Side(made[0].root), Side(made[1].root)
    finally:
        if chosen.keep:
            print(f"kept in {home}", file=sys.stderr)
        else:
            runs.remove(home)


def _commits(chosen: argparse.Namespace) -> dict[str, str]:
    return {"before": chosen.commit, "after": chosen.after_commit}


def _seasons(chosen: argparse.Namespace) -> str:
    return REAL_SEASONS if chosen.source else SEASONS


def tables(parts: list[Part], title: str) -> str:
    """Return the result as Markdown: counts, every difference, and what was left out."""
    counts = [
        {"part": part.name, "compared": part.compared, "new": part.new, "differences": len(part.differences) or "none"}
        for part in parts
    ]
    found = [f"- {part.name}: {each}" for part in parts for each in part.differences[:SHOWN]]
    found += [f"- {part.name}: {len(part.differences) - SHOWN} more" for part in parts if len(part.differences) > SHOWN]
    differences = "\n\n" + "\n".join(found) if found else " none"
    return f"{title}\n\n{markdown(counts)}\nDifferences beside the map:{differences}\n"


def main() -> int:
    """Compare and return 1 where something differs."""
    parser = options(__doc__, "tiny settings: fewer seasons, cars and trials")
    parser.add_argument("--before", type=Path, metavar="DIR", help="a project in which the version before ran the job")
    parser.add_argument("--after", type=Path, metavar="DIR", help="a project in which this version ran it")
    parser.add_argument("--commit", default=renames().before, help="the version before, where both sides are made here")
    parser.add_argument("--after-commit", default="HEAD", help="the version after; uncommitted changes are left out")
    parser.add_argument("--source", default="", help="a source of real results, e.g. ergast")
    parser.add_argument("--location", default="", help="where its data lie")
    parser.add_argument("--seasons", default="", metavar="A:B", help="of the backtest")
    parser.add_argument("--keep", action="store_true", help="keep the scratch clones")
    parser.add_argument("--title", default="", help="what the report says above its table")
    chosen = parser.parse_args()
    if bool(chosen.before) != bool(chosen.after):
        parser.error("--before and --after belong together; with neither, both sides are made here")
    with sides(chosen) as (before, after):
        parts = compare(before, after)
    empty = [part.name for part in parts if not part.compared]
    for name in empty:
        print(f"nothing to compare: {name}", file=sys.stderr)
    title = chosen.title or ("real data" if chosen.source else "embedded world")
    name = "unchanged-real" if title.startswith("real") else "unchanged"
    text = tables(parts, f"**{title[0].upper()}{title[1:]}**")
    content = {
        "parts": [vars(part) for part in parts],
        "left_out": varying_rows(),
        "before": chosen.commit,
        "after": chosen.after_commit,
    }
    report(name, text, content, chosen)
    return int(any(part.differences for part in parts) or len(empty) == len(parts))


if __name__ == "__main__":
    sys.exit(main())
