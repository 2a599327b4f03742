"""A search keeps to its budget, survives what goes wrong, and is repeated by count, bit for bit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError, UnknownName, UsageError
from pitwall.domain.refs import folder_hash
from pitwall.ml.automl.budget import Budget, BudgetSpent, cpu_seconds
from pitwall.ml.automl.candidates import Bench
from pitwall.ml.automl.choice import BLEND, SINGLE, Chooser
from pitwall.ml.automl.engine import INTERRUPTED, Watch, replay, search
from pitwall.ml.automl.figures import draw_search
from pitwall.ml.automl.problem import Problem, compared_seasons
from pitwall.ml.automl.scores import Scores, asked_metric
from pitwall.ml.automl.settings import Settings
from pitwall.ml.automl.trials import Trial, Tried
from pitwall.ml.estimators import estimator
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import template
from pitwall.ml.training.splits import labelled

FEW = ("logistic", "xgboost")
SEED = 3


def files_of(recipe: Recipe, problem: Problem, folder: Path) -> str:
    """Return the hash of a recipe's own file and of what it writes after a fit on all rows."""
    folder.mkdir()
    recipe.save(folder)
    recipe.fit(*labelled(problem.template.model, problem.frame, problem.outcome)).save(folder)
    return folder_hash(folder)


def _stop_at(count: int):
    """Return what presses Ctrl-C after so many candidates."""

    def stop(now) -> None:
        if now.done == count:
            raise KeyboardInterrupt

    return stop


def turned(problem: Problem) -> Problem:
    """Return the same rows in another order."""
    order = np.random.default_rng(1).permutation(len(problem.frame))
    frame, outcome = (part.iloc[order].reset_index(drop=True) for part in (problem.frame, problem.outcome))
    return replace(problem, frame=frame, outcome=outcome)


def test_a_search_is_repeated_by_its_counts_to_the_same_bytes(problem, tmp_path: Path) -> None:
    asked, settings = problem("dnf"), Settings(60.0, "log_loss", only=FEW)
    found = search(asked, settings, seed=SEED, progress=_stop_at(4))
    assert len(found.trials) == 4 and set(found.counts) == set(FEW)
    again = replay(asked, settings, found.trials, seed=SEED)
    by_fact = replay(turned(asked), settings, found.recipe.facts["automl"]["counts"], seed=SEED)
    bytes_of = {files_of(each.recipe, asked, tmp_path / str(n)) for n, each in enumerate((found, again, by_fact))}
    assert len(bytes_of) == 1
    other = replay(asked, settings, {"xgboost": 2}, seed=SEED + 1)
    assert other.trials[1].params not in [trial.params for trial in found.trials]


def test_a_blend_is_one_registered_estimator_and_the_leaderboard_shows_the_rules(problem) -> None:
    asked = problem("dnf")
    found = replay(asked, Settings(metric="brier", only=FEW), {"logistic": 2, "xgboost": 2}, seed=SEED)
    assert found.recipe.estimator == "blend" or len(found.recipe.params.get("members", ())) == 0
    kinds = found.table.groupby("kind")["name"].agg(list)
    assert set(kinds["baseline"]) == set(asked.template.baselines)
    assert kinds["knows nothing"] == ["always_yes", "always_no"]
    assert len(kinds["way of choosing"]) == 2
    assert found.row["n"] == 2 * 8  # judged on the two seasons that it was not chosen by
    candidates = found.table[found.table["kind"] == "candidate"]
    assert candidates["value"].is_monotonic_increasing
    assert candidates["chosen"].sum() == pytest.approx(1.0)
    assert (candidates["behind"] >= 0).all()
    rule = found.table.set_index("name").loc[found.baseline]
    gain = rule["value"] - candidates["value"].iloc[0]
    assert candidates["gain"].iloc[0] == pytest.approx(gain)
    assert draw_search(found).axes[0].get_ylabel() == "brier"


def test_of_an_order_hits_are_compared_and_a_blend_is_fitted_and_explained(problem, tmp_path: Path) -> None:
    asked = problem("race_winner")
    found = replay(asked, Settings(metric="accuracy", only=("plackett_luce_trees", "lightgbm")), {"lightgbm": 1, "plackett_luce_trees": 2}, seed=SEED)  # fmt: skip
    assert found.metric == "hit_rate"
    assert 0 <= found.score <= 1
    assert found.trials[0].loss != found.trials[0].value  # ties are broken, and members picked, by the main loss
    assert files_of(found.recipe, asked, tmp_path / "model")
    assert "needs" in asked.left_out()["stack"]  # the frame lacks its columns
    with pytest.raises(StageError, match="needs"):
        search(asked, Settings(1.0, only=("stack",)), seed=SEED)


def test_an_interruption_keeps_the_best_so_far(problem) -> None:
    found = search(problem("dnf"), Settings(60.0, ensemble=False, only=FEW), seed=SEED, progress=_stop_at(3))
    assert (found.stopped, len(found.trials)) == (INTERRUPTED, 3)
    assert found.recipe.estimator in FEW
    assert found.algorithm == found.leaderboard[0]["estimator"]


def test_an_estimator_that_fails_ends_no_search(problem, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no licence")

    monkeypatch.setattr(type(estimator("binary", "logistic")), "fit", broken)
    found = replay(problem("dnf"), Settings(only=FEW), {"logistic": 1, "xgboost": 1}, seed=SEED)
    assert {trial.estimator: trial.state for trial in found.trials} == {"logistic": "FAILED", "xgboost": "COMPLETE"}
    assert "no licence" in found.trials[0].reason
    with pytest.raises(StageError, match="no licence"):
        replay(problem("dnf"), Settings(only=("logistic",)), {"logistic": 1}, seed=SEED)


def test_an_estimator_whose_default_does_not_fit_in_is_named(problem, monkeypatch) -> None:
    dear = lambda _, started: float("inf") if started.trial.estimator == "xgboost" else 0.0  # noqa: E731
    monkeypatch.setattr(Bench, "costs", dear)
    found = search(problem("dnf"), Settings(60.0, ensemble=False, only=FEW), seed=SEED, progress=_stop_at(2))
    assert set(found.counts) == {"logistic"}
    assert "were not left" in found.left_out["xgboost"]


def test_a_budget_that_is_spent_says_so(problem) -> None:
    spent = Budget(1.0, started=cpu_seconds() - 2.0)
    assert spent.left == 0
    with pytest.raises(BudgetSpent):
        spent.check()
    with pytest.raises(StageError, match="Give more"):
        search(problem("dnf"), Settings(1e-6, only=FEW), seed=SEED)


def test_a_choice_is_never_judged_on_what_it_was_made_by(problem) -> None:
    """Of two candidates one is right in early seasons, the other in the last: who was best before is asked about the last."""
    asked = problem("dnf")
    scores = Scores.of(asked, asked_metric(asked.template, "log_loss"))
    true = np.zeros(len(asked.rows))
    true[scores.kept] = scores.label
    last = (asked.rows["season"] == asked.seasons[-1]).to_numpy()
    early = np.where(last, 0.5, 0.05 + 0.9 * true)
    late = np.where(last, 0.05 + 0.9 * true, 0.5)
    tried = [_tried(scores, name, p) for name, p in (("early", early), ("late", late))]
    nested = Chooser(scores, tried).choose(ensemble=True).nested
    now = len(scores.within(asked.seasons[-1:]).rows)
    for way in (SINGLE, BLEND):
        assert (nested[way]["p"].to_numpy()[-now:] == 0.5).all()
    turned_round = [_tried(scores, name, p) for name, p in (("early", late), ("late", early))]
    assert Chooser(scores, turned_round).choose(ensemble=True).nested[SINGLE]["p"].iloc[-1] == 0.5


def _tried(scores: Scores, name: str, p: np.ndarray) -> Tried:
    answer = pd.DataFrame({"p": p})
    part = scores.part(answer)
    trial = Trial(0, name, 0, {}, {}, "COMPLETE", 0.0, 0.0, 0.1, 0.1)
    return Tried(trial, answer, scores.cost(part), scores.losses(part))


def test_what_cannot_be_compared_is_refused(problem) -> None:
    with pytest.raises(UsageError, match="nobody wins by it"):
        asked_metric(template("lap_time"), "coverage_80")
    with pytest.raises(UnknownName, match="brier"):
        asked_metric(template("dnf"), "brie")
    with pytest.raises(UnknownName, match="flaml"):
        Settings(engine="flame")
    with pytest.raises(UsageError, match="above 0"):
        Settings(0.0)
    with pytest.raises(StageError, match="no season"):
        replace(problem("dnf"), seasons=())
    with pytest.raises(UnknownName, match="logistic"):
        replay(problem("dnf"), Settings(), {"logistics": 1}, seed=SEED)


def test_candidates_are_compared_on_the_newest_half_of_the_seasons_at_most() -> None:
    assert compared_seasons([2001, 2002, 2003, 2004, 2005], 4) == (2004, 2005)
    assert compared_seasons(list(range(2001, 2011)), 4) == (2007, 2008, 2009, 2010)
    assert compared_seasons([2001], 4) == ()


def test_only_news_is_told(problem) -> None:
    lines: list[str] = []
    replay(problem("dnf"), Settings(only=("logistic",)), {"logistic": 3}, seed=SEED, progress=Watch(lines.append))
    assert 1 <= len(lines) <= 3
    assert "candidates, best" in lines[0]
