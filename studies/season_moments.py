"""Does the main job answer at any moment of a real season, and with what?

    python studies/season_moments.py [--data ERGAST_FOLDER] [--moments winter,grid,...] [--json FILE]

A project of its own lives through 2024: at each moment its source holds the dump as it read then (`_season_cut`), and the command
of the README runs: `pitwall run race-weekend`, then `pitwall forecast`. Both must end with 0, but for the forecast once the season
is over: there is no race to forecast, and the job replays the last one. Training is real and small: a quick estimator, seasons from 2010, few trials.
Without real data (`--data`, else `$PITWALL_REAL_DATA/ergast`, else `../shared/data/ergast`) there is nothing to show.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from _report import markdown, options, report
from _season_cut import Cut, Dump, cut, load, write

from pitwall.report.figures.canvas import canvas, write_png
from pitwall.report.figures.palette import ACCENT, SECOND, THIRD
from pitwall.testing.worlds.project import TinyProject, make_project

SEASON = 2024
CHECKOUT = Path(__file__).resolve().parents[1]
SETTINGS: dict[str, dict[str, Any]] = {
    "models": {
        "order": {"estimator": "conditional_logit", "first_season": 2010, "stages": ["pre_race", "pre_weekend"]}
    },
    "training": {"held_out_seasons": 5, "validation_seasons": 1},
    "tuning": {"trials": 3, "startup_trials": 2, "pruner_warmup_rounds": 20},
}
SMALL: dict[str, dict[str, Any]] = {
    "models": {"order": {**SETTINGS["models"]["order"], "first_season": 2019}},
    "training": {"held_out_seasons": 2, "validation_seasons": 1},
    "tuning": {"trials": 1, "startup_trials": 1, "pruner_warmup_rounds": 5},
    "gates": {"bootstrap_draws": 500},
}
APART = 0.03
STAGES = {"pre_weekend": SECOND, "pre_qualifying": THIRD, "pre_race": ACCENT}


@dataclass(frozen=True)
class Moment:
    """A moment of the season: what a reader calls it, what is public, and the code that `pitwall forecast` must end with."""

    name: str
    what: str
    cut: Cut
    forecast_code: int = 0


def _moment(name: str, what: str, at: str, code: int = 0, **exceptions: Any) -> Moment:
    return Moment(name, what, Cut(pd.Timestamp(at, tz="UTC"), **exceptions), code)


MOMENTS = (
    _moment("winter", "winter, the new calendar is out", "2024-02-01 12:00"),
    _moment("first_day", "first day of the season: one practice", "2024-02-29 14:00"),
    _moment("opener", "first race: grid", "2024-03-02 14:30"),
    _moment("after_race", "evening of a race", "2024-03-02 20:30"),
    _moment("sprint_practice", "sprint weekend: one practice", "2024-04-19 06:30"),
    _moment("sprint_qualifying", "sprint weekend: qualifying, no grid", "2024-04-20 10:00"),
    _moment("between", "between two weekends", "2024-04-25 12:00"),
    _moment("qualifying", "qualifying, no grid", "2024-05-25 18:00"),
    _moment("grid", "grid", "2024-05-26 12:30"),
    _moment("no_times", "summer break, calendar without times", "2024-08-10 12:00", dates_only=True),
    _moment("overdue", "results of a race missing for a month", "2024-10-18 20:30", withheld=(18,)),
    _moment("over", "season over, no race to come", "2024-12-12 12:00", code=1),
)
FEW = ("between", "qualifying", "grid")


def real_data() -> Path:
    """Return where the real dump is looked for."""
    return Path(os.environ.get("PITWALL_REAL_DATA", CHECKOUT.parent / "shared" / "data")) / "ergast"


def played(
    dump: Dump, moments: tuple[Moment, ...], settings: dict[str, dict[str, Any]], root: Path
) -> list[dict[str, Any]]:
    """Return a row per moment, in order of time, of one project that lives through them."""
    public, project = root / "public", make_project(CHECKOUT, root / "project")
    project.set({**settings, "sources": {"ergast": {"location": str(public)}}})
    project.commit()
    rows = []
    for moment in moments:
        write(cut(dump, moment.cut), public)
        rows.append({**_row(dump, moment), **_asked(project, moment)})
        print(json.dumps(rows[-1]), flush=True)
    return rows


def _row(dump: Dump, moment: Moment) -> dict[str, Any]:
    return {"moment": moment.name, "what": moment.what, "as of": f"{moment.cut.at:%Y-%m-%d %H:%M}"}


def _asked(project: TinyProject, moment: Moment) -> dict[str, Any]:
    """Run the main job, then the command; return what they said and how they ended."""
    began, target = time.monotonic(), project.root / "weekend.json"
    target.unlink(missing_ok=True)
    job = project.pitwall("run", "race-weekend", "--json", str(target), check=False)
    seconds = round(time.monotonic() - began)
    again = project.pitwall("forecast", check=False)
    ended = {"job": job.returncode, "forecast": again.returncode, "seconds": seconds}
    if job.returncode:
        return {**ended, "ok": False, "error": (job.stderr or job.stdout).strip().splitlines()[-5:]}
    answers = json.loads(target.read_text(encoding="utf-8"))["models"]
    paths = {each["model"]: project.root / each["forecast"] for each in answers}
    made = json.loads(paths["order-pre_race"].read_text(encoding="utf-8"))
    return {**ended, "ok": again.returncode == moment.forecast_code, **_told(made)}


def _told(made: dict[str, Any]) -> dict[str, Any]:
    chances = [(row["names"]["code"], row["names"]["team"], row["answers"]["race_winner"]) for row in made["rows"]]
    kept = {
        name: made[name] for name in ("race", "race_name", "stage", "cutoff", "model", "version", "estimator", "labels")
    }
    return {**kept, "cars": len(chances), "chances": [{"driver": d, "team": t, "p": p} for d, t, p in chances]}


def winners(dump: Dump) -> dict[str, str]:
    """Return {race label: code of the winner}."""
    first = dump["results"][dump["results"]["positionOrder"] == "1"]
    told = first.merge(dump["races"], on="raceId").merge(dump["drivers"], on="driverId")
    return {f"{row.year}-{int(row.round):02d}": row.code for row in told.itertuples()}


def table(rows: list[dict[str, Any]], won: dict[str, str]) -> str:
    """Return the table of the page: who answered, what was said, who was ahead, who won."""
    return markdown([_shown(row, won) for row in rows])


def _shown(row: dict[str, Any], won: dict[str, str]) -> dict[str, object]:
    head = {"moment": f"{row['as of']}: {row['what']}", "exit codes": f"{row['job']}, {row['forecast']}"}
    if "race" not in row:
        return {**head, "race": "", "answers": "", "P(win)": "", "won": "", "labels": " ".join(row["error"])}
    ahead = ", ".join(f"{each['driver']} {100 * each['p']:.0f} %" for each in row["chances"][:3])
    winner = won.get(row["race"], "")
    chance = next((f"{winner} {100 * each['p']:.0f} %" for each in row["chances"] if each["driver"] == winner), winner)
    answers = f"{row['stage']} ({row['estimator']})"
    return {
        **head,
        "race": row["race"],
        "answers": answers,
        "P(win)": ahead,
        "won": chance,
        "labels": "; ".join(row["labels"]),
    }


def draw(rows: list[dict[str, Any]], won: dict[str, str], path: Path) -> None:
    """Draw the chances of winning of the first five at each moment; the later winner has a ring."""
    made = canvas(10, 0.55 * len(rows) + 1.2)
    axes = made.subplots()
    told = [row for row in rows if "race" in row]
    for height, row in enumerate(reversed(told)):
        named = 1.0 + APART
        for each in row["chances"][:5]:
            ring = "black" if each["driver"] == won.get(row["race"]) else "none"
            axes.scatter(each["p"], height, s=80, color=STAGES[row["stage"]], edgecolor=ring, linewidth=1.6, zorder=3)
            if named - each["p"] >= APART:  # names of cars that are as likely would lie on each other
                axes.annotate(
                    each["driver"], (each["p"], height), (0, 7), textcoords="offset points", fontsize=7, ha="center"
                )
                named = each["p"]
    names = [f"{row['as of']}  {row['race']}\n{row['what']}" for row in reversed(told)]
    axes.set_yticks(range(len(told)), names, fontsize=7)
    for stage, colour in STAGES.items():
        axes.scatter([], [], color=colour, label=stage)
    axes.legend(fontsize=8, loc="lower right")
    axes.set(xlabel="P(win) of the first five; the winner has a ring", xlim=(0, 1))
    axes.grid(alpha=0.3)
    write_png(made, path)


def chosen_moments(parsed: argparse.Namespace) -> tuple[Moment, ...]:
    """Return the moments that were asked for, in order of time."""
    names = parsed.moments.split(",") if parsed.moments else FEW if parsed.small else [each.name for each in MOMENTS]
    unknown = sorted(set(names) - {each.name for each in MOMENTS})
    if unknown:
        raise SystemExit(f"no moment {', '.join(unknown)}; there are: {', '.join(each.name for each in MOMENTS)}")
    return tuple(each for each in MOMENTS if each.name in names)


def main() -> None:
    """Live through the moments, then tell; fails where a command ended with another code than it must."""
    parser = options(__doc__, f"three moments ({', '.join(FEW)}), seasons from 2019")
    parser.add_argument("--data", type=Path, default=real_data(), help="folder of the real Ergast dump")
    parser.add_argument("--moments", help="names, separated by commas; all when left out")
    parsed = parser.parse_args()
    if not (parsed.data / "races.csv").is_file():
        print(f"no real dump at {parsed.data}: nothing to live through.")
        return
    settings = SMALL if parsed.small else SETTINGS
    dump = load(parsed.data, settings["models"]["order"]["first_season"], SEASON)
    with tempfile.TemporaryDirectory() as folder:
        rows = played(dump, chosen_moments(parsed), settings, Path(folder))
    won = winners(dump)
    report("season_moments", table(rows, won), {"rows": rows}, parsed)
    if parsed.picture:
        draw(rows, won, parsed.picture)
    failed = [row["moment"] for row in rows if not row["ok"]]
    if failed:
        raise SystemExit(f"these moments did not end as they must: {', '.join(failed)}")


if __name__ == "__main__":
    main()
