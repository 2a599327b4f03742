"""How often does the leak audit find a planted leak, and how often does it accuse a clean feature?

    python studies/leak_audit.py [--variants N] [--clean N] [--seed N] [--small] [--json FILE] [--picture FILE] [--docs PAGE]

Six families of leaks as they are written by mistake, each in many variants (columns, windows, entities, statistics; a leak
may show in all rows or in a twentieth of them, in full or as a thousandth), and clean features of the same grammar, some
of which look suspicious. All are feature groups, put before the audit of `pitwall audit` with its default effort, on
small worlds of two seasons. A family counts as found when some check says *leak*; warnings count as nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from _report import markdown, options, report, wilson

from pitwall.domain.params import Params
from pitwall.ml.audit import THOROUGH, Subject, audit_groups, checks
from pitwall.ml.audit._audit import CRASHED
from pitwall.ml.search.workers import spread
from pitwall.report.content.intervals import interval
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.testing import tiny_tables
from pitwall.testing.leaks import FAMILIES, clean_group, planted_group, shows

CLEAN = "clean"
HELD_OUT = "later-lap median"  # not run while the checks were designed
WORLDS = ((10, 1), (8, 2), (12, 3))  # cars, seed
SEASONS, RACES = 2, 10
REDRAWN = 10_000  # a leak that changes nothing in its world is none: another is drawn
TARGETS = {"detected": 0.95, "false alarms": 0.01}
Outcome = dict[str, Any]


@cache
def world(number: int) -> Subject:
    """Return the data of an audit, made once per process."""
    cars, seed = WORLDS[number % len(WORLDS)]
    return Subject(tiny_tables(SEASONS, RACES, cars, seed), Params(), "pre_race", THOROUGH)


def examine(case: tuple[str, int, int]) -> Outcome:
    """Audit one generated group; return which checks found and warned."""
    family, number, seed = case
    subject = world(number)
    while family != CLEAN and not shows(family, seed, subject.tables, subject.params):
        seed += REDRAWN
    group = clean_group(seed) if family == CLEAN else planted_group(family, seed)
    said = audit_groups([group], subject).found
    if broken := [each for each in said if each.reason == CRASHED]:
        raise RuntimeError(f"{family}, seed {seed}: {broken[0]}")  # a group that fails shows nothing about the audit
    found, warned = ({each.check for each in said if each.level == level} for level in ("finding", "warning"))
    return {"family": family, "seed": seed, "found": sorted(found), "warned": sorted(warned - found)}


def row(name: str, outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the share that was found with its Wilson interval, by any check and by each."""
    count, of = sum(bool(each["found"]) for each in outcomes), len(outcomes)
    low, high = wilson(count, of)
    by_check = {check: sum(check in each["found"] for each in outcomes) for check in checks()}
    told = {
        "family": name,
        "audited": of,
        "found": count,
        "share": interval({"value": count / of, "low": low, "high": high}, "{:.1%}".format),
    }
    return {**told, **by_check, "only warned": sum(bool(each["warned"]) and not each["found"] for each in outcomes)}


def rows(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """Return one row per family, the union of all planted ones, and the clean features."""
    named = {family: [each for each in outcomes if each["family"] == family] for family in (*FAMILIES, CLEAN)}
    told = [row(f"{name} (held out)" if name == HELD_OUT else name, named[name]) for name in FAMILIES]
    planted = [each for each in outcomes if each["family"] != CLEAN]
    return [*told, row("all planted", planted), row(CLEAN, named[CLEAN])]


def text(table: list[dict[str, Any]]) -> str:
    """Return the table with what it says of the targets."""
    planted, clean = table[-2], table[-1]
    shares = planted["found"] / planted["audited"], clean["found"] / clean["audited"]
    met = shares[0] >= TARGETS["detected"], shares[1] <= TARGETS["false alarms"]
    words = [
        f"{name} {share:.1%}, target {limit}: {'met' if reached else 'missed'}"
        for name, share, limit, reached in zip(TARGETS, shares, ("≥ 95 %", "≤ 1 %"), met, strict=True)
    ]
    return f"{markdown(table)}\n{'; '.join(words)}."


def draw(table: list[dict[str, Any]], path: Path) -> None:
    """Draw which check finds which family."""
    made = canvas(9, 4)
    axes = made.subplots()
    names = list(checks())
    shares = [[each[name] / each["audited"] for name in names] for each in table]
    axes.imshow(shares, vmin=0, vmax=1, cmap="Reds", aspect="auto")
    for y, line in enumerate(shares):
        for x, share in enumerate(line):
            axes.text(x, y, f"{share:.0%}", ha="center", va="center", color="white" if share > 0.6 else "black")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(table)), [each["family"] for each in table])
    axes.set_title("share of features in which a check finds a leak")
    write_png(made, path)


def main() -> None:
    """Audit all cases in two processes, then tell."""
    parser = options(__doc__, "two variants of each family and twelve clean features: only to see that it runs")
    parser.add_argument("--variants", type=int, default=50, help="of each family")
    parser.add_argument("--clean", type=int, default=300, help="clean features")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    variants, clean = (2, 12) if chosen.small else (chosen.variants, chosen.clean)
    sizes = {**dict.fromkeys(FAMILIES, variants), CLEAN: clean}
    cases = [(family, n % len(WORLDS), chosen.seed + n) for family, size in sizes.items() for n in range(size)]
    cases.sort(key=lambda case: case[1])  # a world stays with a process for a while
    outcomes = spread(examine, cases, chosen.workers)
    table = rows(outcomes)
    missed = [each for each in outcomes if bool(each["found"]) == (each["family"] == CLEAN)]
    report("leak_audit", text(table), {"rows": table, "wrong": missed}, chosen)
    if chosen.picture:
        draw(table, chosen.picture)


if __name__ == "__main__":
    main()
