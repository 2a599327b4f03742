"""What it costs to follow a race: events a second, time from an event to its answer, memory, beside the state machine without models.

The longest race of a synthetic world of 22 cars, at most 70 laps, told again in order. Every model that answers within races answers with the
estimator that it ships with, fitted on the laps of the races before. Times are those of the processor (one core, OMP_NUM_THREADS=1), which
other work on the machine lengthens less than the time that passed.

*At once* is a replay as fast as it goes: an answer is made when the watermark has passed its lap. *In time* is how a race is followed that is
driven now, or replayed at a pace: answers are made ahead, while late events are still waited for, and are at hand when the watermark has
passed. `--json FILE` writes rows {work, subject, value, unit, peer, ratio}; `--docs PAGE` puts a table into a page; `--small` follows 4 laps and
asks one model.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time

import numpy as np
import psutil
from _report import Row, options, report

from pitwall.domain.params import parse_params
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.live.events import End, Event, Item
from pitwall.live.feeds.machinery.of_tables import events_of, with_ticks
from pitwall.live.follow import Follower
from pitwall.live.voices import Voice
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.walk_forward import default_recipe
from pitwall.report.content.markdown import table_lines
from pitwall.sources.machinery.stage import ingest
from pitwall.sources.machinery.stage import tables as make_tables
from pitwall.testing.live.project import live_project
from pitwall.testing.pages import put_table
from pitwall.workflows.live.panel import EarlierLaps, groups_of, stored_rows
from pitwall.workflows.live.watch import Prepared, prepare
from pitwall.workflows.workspace import Workspace

LAPS, SMALL_LAPS = 70, 4
WORLD = {"seasons": 2, "teams": 11, "races": 4, "laps_seasons": 2, "rounds_run": 4}
SMALL_WORLD = {**WORLD, "teams": 4, "races": 3, "laps_seasons": 1, "rounds_run": 3}
SMALL_MODELS = ("pit_within",)
ALONE = "state machine without models"
GOAL_MS, GOAL_PACE = 50.0, 100.0
MB = 1 << 20


@dataclass
class Measured:
    """One race followed: processor's seconds of events without and with an answer, of what was made ahead, memory by lap."""

    events: int = 0
    whole_s: float = 0.0
    race_s: float = 0.0
    answers: list[float] = field(default_factory=list)
    ahead: list[float] = field(default_factory=list)
    memory: dict[int, float] = field(default_factory=dict)


def main() -> None:
    """Follow the race without models, with models at once, and with models in time."""
    parser = options(__doc__, "follow 4 laps, ask one model")
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="put the table between its marks in a page")
    chosen = parser.parse_args()
    laps, models = (SMALL_LAPS, SMALL_MODELS) if chosen.small else (LAPS, ())
    with _world(SMALL_WORLD if chosen.small else WORLD, models) as (workspace, prepared):
        items = list(_first_laps(with_ticks(events_of(prepared.told)), laps))
        alone = _follow(workspace, replace(prepared, voices=()), items)
        at_once = _follow(workspace, prepared, items)
        in_time = _follow(workspace, prepared, items, ahead=True)
    rows = list(_rows(alone, at_once, in_time))
    report(rows, chosen.json)
    if chosen.docs:
        lines = table_lines(["", "value", "", "beside"], ([r["subject"], _text(r), r["unit"], _peer(r)] for r in rows))
        put_table(chosen.docs, "live", "\n".join(lines))


@contextmanager
def _world(world: Mapping[str, int], models: Sequence[str]) -> Iterator[tuple[Workspace, Prepared]]:
    with tempfile.TemporaryDirectory() as folder:
        params = parse_params({"sources": {"synthetic": dict(world)}})
        made = Project(Path(folder) / "made")
        ingest(made, params, "synthetic")
        make_tables(made, params)
        tables = load_tables(made.tables)
        project = live_project(Path(folder) / "project", tables, models)
        laps = tables["laps"].merge(tables["races"][["race_id", "season", "round"]], on="race_id")
        last = laps[laps["season"] == laps["season"].max()]
        longest = last.loc[last["lap"].idxmax()]
        with Workspace(project, params=params) as workspace:
            prepared = prepare(workspace, f"{longest['season']}-{longest['round']:02d}", models)
            voices = [_learned(workspace, prepared, each) for each in prepared.voices]
            features = prepared.features.of(groups_of(voices), lambda group: stored_rows(workspace, group))
            yield workspace, replace(prepared, voices=voices, features=features)


def _learned(workspace: Workspace, prepared: Prepared, rule: Voice) -> Voice:
    """Return a model with the estimator that it ships with, fitted on the laps of earlier races."""
    name, job = rule.name, workspace.job(f"{rule.name}-in_race")
    frame = EarlierLaps(workspace, prepared.race).frame(job, None)
    rows, known = labelled(name, frame, outcomes(name, job.tables(), frame))
    recipe = default_recipe(name, job.settings.estimator, rows, 7, job.stage)
    return replace(
        rule, fitted=FittedModel(recipe, recipe.fit(rows, known)), provenance=f"{recipe.estimator}, fitted here"
    )


def _first_laps(items: Iterator[Item], laps: int) -> Iterator[Item]:
    """Yield what is told of the first laps; after the flag nobody is in a hurry, so the end of the feed is left out."""
    for item in items:
        if isinstance(item, End):
            return
        if isinstance(item, Event) and item.kind == "lap" and item.key["lap"] > laps + 1:
            return
        yield item


def _follow(workspace: Workspace, prepared: Prepared, items: Sequence[Item], *, ahead: bool = False) -> Measured:
    """Follow the race once, event by event."""
    follower, found, process = _follower(workspace, prepared), Measured(), psutil.Process()
    for item in items:
        began = process_time()
        follower.take([item])
        answers = list(follower.due())
        passed = process_time() - began
        found.events += isinstance(item, Event)
        if answers:
            found.answers.append(passed)
            found.memory[answers[-1].lap] = process.memory_info().rss / MB
        if ahead:
            began, before = process_time(), follower.drafted
            follower.prepare()
            made = process_time() - began
            found.ahead += [made] if follower.drafted and not before else []
            passed += made
        found.whole_s += passed
    found.race_s = follower.clock.newest
    return found


def _follower(workspace: Workspace, prepared: Prepared) -> Follower:
    features = (
        prepared.features if prepared.voices else prepared.features.of((), lambda group: stored_rows(workspace, group))
    )
    return Follower(prepared.race, prepared.voices, features, workspace.params.live, "benchmark")


def _rows(alone: Measured, at_once: Measured, in_time: Measured) -> Iterator[Row]:
    def row(subject: str, value: float, unit: str, peer: float | None = None) -> Row:
        ratio = None if not peer else round(value / peer, 3)
        return {
            "work": "live",
            "subject": subject,
            "value": round(value, 3),
            "unit": unit,
            "peer": ALONE if peer else None,
            "ratio": ratio,
        }

    rate = alone.events / alone.whole_s
    yield row(ALONE, rate, "events/s")
    yield row(f"{ALONE}: an answer, p99", 1000 * _quantile(alone.answers, 99), "ms")
    yield row("with models, at once", at_once.events / at_once.whole_s, "events/s", rate)
    yield row(f"with models, at once: pace (goal {GOAL_PACE:g})", at_once.race_s / at_once.whole_s, "x real time")
    crossings = len(at_once.answers)
    yield row("with models, at once: answers", crossings, "laps")
    for name, measured in (("at once", at_once), (f"in time (goal p99 {GOAL_MS:g})", in_time)):
        for level in (50, 99):
            value, peer = (1000 * _quantile(each.answers, level) for each in (measured, alone))
            yield row(f"event to answer, {name}, p{level}", value, "ms", peer)
    yield row("made ahead, p99", 1000 * _quantile(in_time.ahead, 99), "ms")
    first, last = (at_once.memory[lap] for lap in (_early(at_once), max(at_once.memory)))
    yield row(f"memory at lap {max(at_once.memory)} less that at lap {_early(at_once)}", last - first, "MB")


def _early(measured: Measured) -> int:
    return sorted(measured.memory)[min(9, len(measured.memory) // 2)]


def _quantile(values: Sequence[float], level: int) -> float:
    return float(np.percentile(values, level)) if values else 0.0


def _text(row: Row) -> str:
    return f"{row['value']:,.0f}" if row["value"] >= 100 else f"{row['value']:.1f}"


def _peer(row: Row) -> str:
    return f"{row['ratio']:g} x {row['peer']}" if row["ratio"] else ""


if __name__ == "__main__":
    main()
