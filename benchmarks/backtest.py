"""What the backtest engine costs beside a plain Python loop over the same fits, in the same run.

Subject and peer make the same fits of the same folds and predict the same races. The engine adds worker processes, hashing
and the cache; the loop adds nothing. What a whole backtest makes beyond that work (forecasts on shuffled frames for the
importance, all scores with intervals) is measured apart, beside the same loop. Rows go to `--json FILE`:
{work, subject, value, unit, peer, ratio}. `--small` runs on a tiny world that it makes itself.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from _meter import Meter
from _report import options, report

from pitwall.domain.project import find_project
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.backtest.cache import FoldCache
from pitwall.ml.backtest.engine import Forecasts, forecast_seasons, shared_workers
from pitwall.ml.backtest.fold import settled
from pitwall.ml.backtest.plan import Plan, make_plan
from pitwall.ml.backtest.scores import score
from pitwall.ml.search.workers import single_threaded, usable_cores


def plain_loop(plans: list[Plan]) -> int:
    """Fit and predict every fold one after the other; return the number of forecasts."""
    forecasts = 0
    for plan in plans:
        for entrant, season in plan.folds():
            task = plan.task(entrant, season)
            fitted = settled(task).fit(task.train, task.outcome)
            forecasts += len(fitted.answer(task.test))
    return forecasts


def engine(plans: list[Plan], workers: int) -> list[Forecasts]:
    """Run the engine on a cold cache."""
    with tempfile.TemporaryDirectory() as folder, shared_workers(workers) as opened:
        return [
            forecast_seasons(
                plan, workers=opened, on_progress=lambda _: None, cache=FoldCache(Path(folder) / plan.stage)
            )
            for plan in plans
        ]


def without_importance(plan: Plan) -> Plan:
    """Return the plan without forecasts on shuffled frames."""
    return replace(plan, entrants=tuple(replace(entrant, permuted={}) for entrant in plan.entrants))


def measure(plans: list[Plan], workers: int) -> list[dict[str, Any]]:
    """Return the rows of all three, the loop first so that the engine gains nothing from its imports."""
    with Meter() as loop:
        plain_loop(plans)
    with Meter() as same_work:
        engine([without_importance(plan) for plan in plans], workers)
    with Meter() as whole:
        for forecasts in engine(plans, workers):
            score(forecasts)
    fits = sum(len(plan.folds()) for plan in plans)
    stages, seasons = "+".join(plan.stage for plan in plans), plans[0].seasons
    work = f"backtest {stages} {seasons[0]}-{seasons[-1]}, {fits} fits, {workers} workers"
    peer = "plain loop of the same fits"
    measured = [
        (f"{what}, {subject}", ours, theirs, unit)
        for what, meter in (("the same work", same_work), ("with importance and scores", whole))
        for subject, ours, theirs, unit in (
            ("wall time", meter.wall, loop.wall, "s"),
            ("CPU time", meter.cpu, loop.cpu, "s"),
            ("peak memory of all processes", meter.peak / 2**20, loop.peak / 2**20, "MiB"),
        )
    ]
    return [
        {
            "work": work,
            "subject": subject,
            "value": round(ours, 2),
            "unit": unit,
            "peer": peer,
            "ratio": round(ours / theirs, 3),
        }
        for subject, ours, theirs, unit in measured
    ]


def main() -> None:
    """Parse the command line, measure, print."""
    parser = options(__doc__, "a tiny world, to see that it runs")
    parser.add_argument("--seasons", help="e.g. 2015:2024; default: the held-out seasons of params.yaml")
    parser.add_argument("--stage", action="append", help="default: all of params.yaml")
    parser.add_argument("--workers", type=int, default=usable_cores())
    chosen = parser.parse_args()
    single_threaded()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(_plans(chosen, Path(folder)), chosen.workers)
    report(rows, chosen.json)


def _plans(chosen: argparse.Namespace, folder: Path) -> list[Plan]:
    if chosen.small:
        from pitwall.testing.worlds.backtest import tiny_project

        project, params = tiny_project(folder, estimator="plackett_luce_trees")
        return [make_plan(project, params, "pre_race", seasons=[2023, 2024], only=[])]
    from pitwall.domain.params import load_params

    project = find_project()
    params = load_params(project.params)
    stages = chosen.stage or params.models["order"].stages
    seasons = parse_seasons(chosen.seasons) if chosen.seasons else None
    return [make_plan(project, params, stage, seasons=seasons) for stage in stages]


if __name__ == "__main__":
    main()
