"""Write what is made in README.md and the pages from tables and evidence, and say where a page has drifted from them.

    python docs/generate.py                        write every made section
    python docs/generate.py --check                exit 1 where a section is not what would be written
    python docs/generate.py --backtest ROWS.json   take the rows of `pitwall backtest --json ROWS.json` into docs/evidence.json
    python docs/generate.py --forecast MADE.json   take the forecast of `pitwall forecast --json MADE.json`
    … --check --backtest ROWS.json                 exit 1 where fresh rows say another number than the page shows

A made section stands between `<!-- made: NAME -->` and `<!-- end of made -->`. The evidence is committed with commit, data hash and seed, so
that a page is checked in a second; a machine with the data checks the evidence itself.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pitwall.cli._layers import as_mermaid, as_text
from pitwall.domain.when import Stage
from pitwall.ml.estimators import estimators, traits_of
from pitwall.ml.evaluation.scoring import family_of
from pitwall.ml.families import families
from pitwall.ml.search.methods import TABLE as ABOUT_SEARCH
from pitwall.ml.templates import templates

HOME = Path(__file__).resolve().parent
ROOT = HOME.parent
EVIDENCE = HOME / "evidence.json"
PAGES = [ROOT / "README.md", *sorted(HOME.glob("*.md")), *sorted(HOME.glob("references/*.md"))]
MARK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end of made -->)", re.DOTALL)
STAGES = ("pre_race", "pre_weekend")
FIRST = "order"  # the model whose questions come first
QUESTION, BEST_BASELINE = "race_winner", "qualifying_order"  # the strongest baseline, not the weakest
COLUMNS = (
    ("race_winner", "log_loss", "winner log loss"),
    ("race_winner", "hit_rate", "winner hit"),
    ("podium", "brier", "podium Brier"),
    ("points", "overlap", "points overlap"),
    ("order", "spearman", "Spearman"),
)
CARS = 4
SHOWN = 3  # digits of a score on a page
Row = Mapping[str, Any]


def backtest_evidence(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a backtest what pages show: the pooled scores, the gains of ours, and where they come from."""
    facts = content["facts"]
    wanted = {(question, metric) for question, metric, _ in COLUMNS}
    kept = ("template", "stage", "model", "role", "metric", "value", "low", "high", "n")
    rows = [
        {name: _rounded(row[name]) for name in kept}
        for row in content["rows"]
        if row["season"] == "all" and row["role"] in {"ours", "baseline"} and (row["template"], row["metric"]) in wanted
    ]
    gains = [
        {name: _rounded(row[name]) for name in ("stage", "against", "value", "low", "high", "n", "detectable")}
        for row in content["paired"]
        if (row["template"], row["metric"], row["season"], row["against_role"])
        == (QUESTION, "log_loss", "all", "baseline")
    ]
    about = {name: facts[name] for name in ("commit", "seed", "source", "seasons", "frame_md5")}
    return {**about, "rows": rows, "gains": gains}


def forecast_evidence(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a stored forecast what the README shows, and where it comes from."""
    about = {
        name: content[name]
        for name in ("race", "race_name", "stage", "model", "version", "estimator", "cutoff", "baseline")
    }
    provenance = content["provenance"]
    cars = [
        {
            "driver": row["names"]["driver"],
            "team": row["names"]["team"],
            "grid": row["detail"]["grid"],
            **{name: _rounded(row["answers"][name]) for name in ("race_winner", "podium", "points")},
            "baseline": _rounded(row["baseline"]["race_winner"]),
        }
        for row in content["rows"][:CARS]
    ]
    return {**about, "commit": provenance["git.commit"], "frame_md5": provenance["frame.md5"], "cars": cars}


def claim(evidence: Mapping[str, Any]) -> str:
    """Return the one claim of the README, with its interval."""
    own = evidence["backtest"]
    gain = next(g for g in own["gains"] if (g["stage"], g["against"]) == ("pre_race", BEST_BASELINE))
    score = {
        r["model"]: r
        for r in own["rows"]
        if (r["stage"], r["template"], r["metric"]) == ("pre_race", QUESTION, "log_loss")
    }
    ours = next(r for r in score.values() if r["role"] == "ours")
    seasons = own["seasons"]
    return (
        f"> On the {gain['n']} real races of {seasons[0]} to {seasons[-1]}, each season forecast by models fitted before it, the winner's log loss "
        f"with the grid known is **{ours['value']:.3f}** nats, {gain['value']:.3f} less (95 % interval {gain['low']:.3f} to {gain['high']:.3f}) "
        f"than the strongest rule of thumb, `{BEST_BASELINE}` ({score[BEST_BASELINE]['value']:.3f}); an effect of {gain['detectable']:.3f} could have been seen.\n"
    )


def forecast(evidence: Mapping[str, Any]) -> str:
    """Return the first cars of the demo's forecast."""
    own = evidence["forecast"]
    heads = ("Driver", "Team", "Grid", "P(win)", "P(podium)", "P(points)", f"P(win) {own['baseline']}")
    rows = [
        (
            c["driver"],
            c["team"],
            f"{c['grid']:.0f}",
            *(f"{c[n]:.1%}" for n in ("race_winner", "podium", "points", "baseline")),
        )
        for c in own["cars"]
    ]
    lines = [heads, ("---", "---", *["--:"] * 5), *rows]
    return f"{own['race_name']} {own['race']}, {own['stage']}, by {own['model']} ({own['estimator']}):\n\n" + "".join(
        f"| {' | '.join(line)} |\n" for line in lines
    )


def backtest(evidence: Mapping[str, Any]) -> str:
    """Return ours and every baseline, at both stages."""
    own = evidence["backtest"]
    cells = {(r["stage"], r["model"], r["template"], r["metric"]): r for r in own["rows"]}
    lines = [["stage", "", *(label for _, _, label in COLUMNS)], ["---"] * (2 + len(COLUMNS))]
    for stage in STAGES:
        models = sorted({(r["role"] != "ours", r["model"]) for r in own["rows"] if r["stage"] == stage})
        models = [
            each for each in models if all((stage, each[1], q, m) in cells for q, m, _ in COLUMNS)
        ]  # not always_yes
        for baseline, model in models:
            shown = [_interval(cells[stage, model, question, metric]) for question, metric, _ in COLUMNS]
            lines.append([stage, model if baseline else f"**{model}**", *shown])
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{table}\nMade at commit {own['commit'][:7]}, seed {own['seed']}, source {own['source']}, frame of pre_race {own['frame_md5']['pre_race'][:12]}.\n"


def decisions(_: Mapping[str, Any]) -> str:
    """Return every decision with its title."""
    found = sorted((HOME / "decisions").glob("[0-9]*.md"))
    return "".join(f"- [{path.stem[:4]}](decisions/{path.name}) {_title(path)}\n" for path in found)


def questions(_: Mapping[str, Any]) -> str:
    """Return every question with when it is asked and what is said; those about the finishing order first."""
    asked = sorted(templates().values(), key=lambda each: (each.model != FIRST, each.model, each.name))
    rows = ["| question | template | asked | answered by |\n", "| --- | --- | --- | --- |\n"]
    for each in asked:
        stages = ", ".join(f"`{stage}`" for stage in Stage if stage in each.stages)
        rows.append(f"| {each.question} | `{each.name}` | {stages} | {family_of(each).says} |\n")
    return "".join(rows)


def learners(_: Mapping[str, Any]) -> str:
    """Return every estimator that is no rule, with what people ask of it."""
    rows = [
        "| family | estimator | files | stopped by later races | learns on | also needs | in every backtest |\n",
        "| --- | --- | --- | --- | --- | --- | --- |\n",
    ]
    for family in families():
        for name, plugin in estimators(family).items():
            if plugin.role != "model":
                continue
            told = traits_of(plugin)
            stops, always = ("yes" if each else "" for each in (told.stops, not getattr(plugin, "by_name", False)))
            cells = (told.files, stops, ", ".join(told.devices), ", ".join(told.libraries), always)
            rows.append(f"| {family} | `{name}` | {' | '.join(cells)} |\n")
    return "".join(rows)


def strategies(_: Mapping[str, Any]) -> str:
    """Return what `pitwall tune explain` tells of methods and pruners."""
    heads = ("method", "strategy", "efficiency", "best for", "at the track")
    rows = [f"| {' | '.join(heads)} |\n", f"|{' --- |' * len(heads)}\n"]
    for each in ABOUT_SEARCH:
        rows.append(f"| `{each.method}` | {each.strategy} | {each.efficiency} | {each.best_for} | {each.parallel} |\n")
    return "".join(rows)


SECTIONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "claim": claim,
    "forecast": forecast,
    "backtest": backtest,
    "decisions": decisions,
    "estimators": learners,
    "questions": questions,
    "strategies": strategies,
    "stack": lambda _: f"```text\n{as_text()}```\n",
    "diagram": lambda _: f"```mermaid\n{as_mermaid()}```\n",
}


def made(text: str, evidence: Mapping[str, Any]) -> str:
    """Return a page with every made section as it should be."""
    return MARK.sub(lambda found: found[1] + SECTIONS[found[2]](evidence) + found[3], text)


def differences(old: Any, new: Any, where: str = "") -> Iterable[str]:
    """Yield every number or name that differs; provenance may, and a score in less than half of its last shown digit."""
    if isinstance(old, dict):
        for name in old:
            if name not in {"commit", "frame_md5"}:
                yield from differences(old[name], new.get(name), f"{where}.{name}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, other, f"{where}[{number}]")
    elif isinstance(old, float) and isinstance(new, int | float):
        if abs(old - new) > 0.5 * 10**-SHOWN:
            yield f"{where}: {old} is committed, {new} was measured"
    elif old != new:
        yield f"{where}: {old!r} is committed, {new!r} was measured"


def unlisted() -> list[str]:
    """Return the pages that docs/index.md does not lead to."""
    index = (HOME / "index.md").read_text(encoding="utf-8")
    pages = [path.relative_to(HOME).as_posix() for path in sorted([*HOME.glob("*.md"), *HOME.glob("references/*.md")])]
    return [page for page in pages if page != "index.md" and f"({page})" not in index]


def main(arguments: list[str] | None = None) -> int:
    """Write or check; return 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--backtest", type=Path, metavar="FILE")
    parser.add_argument("--forecast", type=Path, metavar="FILE")
    chosen = parser.parse_args(arguments)
    evidence = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.is_file() else {}
    fresh: dict[str, Any] = {}
    for name, take in (("backtest", backtest_evidence), ("forecast", forecast_evidence)):
        if path := getattr(chosen, name):
            fresh[name] = take(json.loads(path.read_text(encoding="utf-8")))
    wrong = [text for name, new in fresh.items() for text in differences(evidence.get(name), new, name)]
    if not chosen.check:
        evidence = {**evidence, **fresh}
        EVIDENCE.write_text(_lines(evidence), encoding="utf-8")
        wrong = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if (after := made(text, evidence)) != text:
            if chosen.check:
                wrong.append(f"{page.relative_to(ROOT)} is not what it is made from; run `python docs/generate.py`.")
            else:
                page.write_text(after, encoding="utf-8")
    wrong += [f"docs/index.md does not lead to {name}." for name in unlisted()]
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


def _lines(evidence: Mapping[str, Any]) -> str:
    """Return the evidence as JSON with one row a line, so that a difference between two commits can be read."""
    text = re.sub(r"\n {4,}", " ", json.dumps(evidence, indent=1))
    return re.sub(r"\n {3}([}\]])", r" \1", text) + "\n"


def _title(path: Path) -> str:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    title = re.sub(r"^# (ADR )?\d+[.:]? *", "", first)
    return title[:1].upper() + title[1:]


def _interval(row: Row) -> str:
    return f"{row['value']:.{SHOWN}f} ({row['low']:.{SHOWN}f} to {row['high']:.{SHOWN}f})"


def _rounded(value: Any) -> Any:
    return round(value, SHOWN + 2) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
