"""The backtest flow: every season as a task of its own, then scores, page and picture from what they left in the cache."""

from __future__ import annotations

import sys
import time
from typing import Any

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.search.workers import usable_cores
from tasks import backtest as work
from tasks import data


@flow(name="backtest", task_runner=ThreadPoolTaskRunner(max_workers=usable_cores()))  # type: ignore[arg-type]
def backtest(template: str = "", stage: str = "", seasons: str = "") -> dict[str, Any]:
    """Backtest questions of one model (`race_winner,podium`; all) at stages (all) over seasons (`2015:2024`; the held-out ones)."""
    started = time.perf_counter()
    asked = _names(template)
    chosen = _names(stage) or work.stages(asked)
    with data.exclusive("backtest"):
        years = work.seasons_of(chosen, parse_seasons(seasons) if seasons else None, asked)
        fits = [work.season.submit(each, year, years, asked) for each in chosen for year in reversed(years)]
        done = [fit.result() for fit in fits]
        folder = work.report(chosen, years, asked, time.perf_counter() - started)
    return {"report": folder, "seasons": done}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(backtest, "flows.backtest", "template", "stage", "seasons"))
