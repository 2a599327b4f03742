"""Show why folds are never shuffled: rank a model's estimators both ways, and see which ranking the next seasons confirm."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pitwall.domain.files import write_atomically
from pitwall.domain.tables import load_tables
from pitwall.ml.search.record import plain
from pitwall.ml.templates import answered_by
from pitwall.ml.training.comparing.fold_ranking import FoldRanking, rank_folds
from pitwall.ml.training.known_seasons import known_seasons
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.search.rankings import rankings_figure
from pitwall.workflows.train import make_frame
from pitwall.workflows.tune.study import FOLDER
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Ranked:
    """What was shown, as rows and as a picture."""

    ranking: FoldRanking
    picture: Path
    content: dict[str, Any]


def compare_folds(
    workspace: Workspace, name: str, only: Sequence[str] = (), on_fit: Callable[[int, int], None] | None = None
) -> Ranked:
    """Rank all estimators of a model under shuffled and under forward folds; see `rank_folds`.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        only: names of estimators; all when there is none.
        on_fit: called with how many estimators of how many are done.
    """
    job = workspace.job(name)
    with workspace.exclusive(f"tune compare {job.name}"):
        make_frame(workspace, job.name)
        known = known_seasons(job)
        read = {table for each in answered_by(job.model) for table in each.tables}
        tables = load_tables(workspace.project.tables, sorted({"races", "results", *read}))
    found = rank_folds(known, tables, only, on_fit)
    content = plain(
        {
            "model": job.name,
            "question": found.question[0],
            "loss": found.question[1],
            "shuffled": found.cut,
            "split_seasons": found.seasons[0],
            "next_seasons": found.seasons[1],
            "tau": {way: tau.row() for way, tau in found.tau.items()},
            "optimism": dict(found.optimism),
            "chosen": {way: asdict(each) for way, each in found.chosen.items()},
            "estimators": found.losses.rename_axis("estimator").reset_index().to_dict("records"),
        }
    )
    folder = workspace.project.reports / FOLDER / f"folds-{job.name}"
    write_atomically(folder / "folds.json", json.dumps(content, indent=1) + "\n")
    ranks = {each: found.losses[f"{each}_rank"].to_dict() for each in ("shuffled", "next", "forward")}
    told = {way: f"tau {tau.value:+.2f} ({tau.low:+.2f} to {tau.high:+.2f})" for way, tau in found.tau.items()}
    titles = {
        "shuffled": f"shuffled {found.cut}\n{told['shuffled']}",
        "next": f"the next seasons\n{_span(found.seasons[1])}",
    }
    figure = rankings_figure(
        ranks, {**titles, "forward": f"forward\n{told['forward']}"}, f"{job.name}: ranks of estimators"
    )
    return Ranked(found, write_png(figure, folder / "folds.png"), content)


def _span(seasons: tuple[int, ...]) -> str:
    return f"{seasons[0]} to {seasons[-1]}" if len(seasons) > 1 else str(seasons[0])
