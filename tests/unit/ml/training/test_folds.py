"""Folds go forward by whole races, in a window and with an embargo where asked for; what shuffles is refused where it is asked for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, TimeSeriesSplit
from typer.testing import CliRunner

import pitwall as pw
from pitwall.cli._app import app
from pitwall.domain.errors import ShuffledFolds, StageError, UsageError
from pitwall.domain.params import FoldParams, Params, TrainingParams, parse_params
from pitwall.ml.backtest.cache import fold_key
from pitwall.ml.backtest.fold import FoldTask, settled
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.training.folds import asked_folds, fact_of, refitted_on, with_folds, within
from pitwall.ml.training.splits import walk_forward

RACES = [(season, number) for season in (2019, 2020, 2021, 2022) for number in (1, 2, 3)]


def laps(cars: int = 2, turned: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return twelve races of four seasons, numbered against the calendar, with rows of two cars each; nobody retires."""
    rows = [(100 - index, car, *race) for index, race in enumerate(RACES) for car in range(cars)]
    frame = pd.DataFrame(rows[::-1] if turned else rows, columns=["race_id", "driver_id", "season", "round"])
    return frame, pd.DataFrame({"label": pd.array([False] * len(frame), dtype="boolean")})


def learned(how: FoldParams, season: int = 2022, turned: bool = False) -> list[tuple[int, int]]:
    frame, outcome = laps(turned=turned)
    fold = next(walk_forward("dnf", frame, outcome, [season], how))
    assert len(fold.train) == len(fold.outcome) == 2 * fold.train["race_id"].nunique(), "races are whole"
    assert set(fold.test["season"]) == {season}
    assert fold.test["race_id"].nunique() == 3
    return sorted(set(zip(fold.train["season"], fold.train["round"], strict=True)))


@pytest.mark.parametrize("turned", [False, True])
def test_what_a_fold_learns_from(turned: bool) -> None:
    before = [race for race in RACES if race[0] < 2022]
    assert learned(FoldParams(), turned=turned) == before
    assert learned(FoldParams(folds="rolling", window_seasons=2), turned=turned) == before[3:]
    assert learned(FoldParams(folds="rolling", window_seasons=9), turned=turned) == before
    assert learned(FoldParams(embargo_races=2), turned=turned) == before[:-2]
    assert learned(FoldParams(folds="rolling", window_seasons=1, embargo_races=1), turned=turned) == before[-3:-1]


def test_an_embargo_that_leaves_nothing_is_said() -> None:
    frame, outcome = laps()
    with pytest.raises(StageError, match="3 races left out in between"):
        next(walk_forward("dnf", frame, outcome, [2020], FoldParams(embargo_races=3)))


def test_as_usual_a_fold_is_the_very_rows_and_no_setting_is_in_any_hash() -> None:
    rows = laps()
    assert within(rows, FoldParams()) is rows
    assert refitted_on(rows, {}) is rows
    assert fact_of(TrainingParams()) == {}
    assert "folds" not in str(Params().model_dump())
    assert FoldParams().told() == ""


def test_the_model_that_answers_learns_from_the_window_it_was_judged_by_up_to_the_newest_race() -> None:
    how = TrainingParams(folds="rolling", window_seasons=2, embargo_races=2)
    facts = fact_of(how)
    assert facts == {"folds": {"folds": "rolling", "window_seasons": 2, "embargo_races": 2}}
    frame, outcome = refitted_on(laps(), facts)
    assert sorted(set(zip(frame["season"], frame["round"], strict=True))) == RACES[6:]
    assert len(outcome) == len(frame)
    assert how.told() == "rolling folds: the last 2 seasons before the scored one, 2 races left out in between"


class Spy:
    """An estimator that remembers which rows it was fitted on while settling."""

    name, role, settles = "spy", "model", True

    def fit(self, data):
        self.seen = sorted(set(data.frame["race_id"])), sorted(set(data.validation[0]["season"]))
        self.params = {"rounds": 3}
        return self


def test_settling_goes_by_the_folds_of_tuning(monkeypatch) -> None:
    frame, outcome = laps()
    before = frame["season"] < 2022
    spy = Spy()
    monkeypatch.setattr(Recipe, "plugin", property(lambda _: spy))
    recipe = Recipe("dnf", "logistic", (), {}, 0, "pre_race", {})
    task = FoldTask(recipe, "model", 2022, frame[before], outcome[before], frame[~before], settle=1)
    assert settled(task).params == {"rounds": 3}
    assert spy.seen == ([95, 96, 97, 98, 99, 100], [2021])
    settled(replace(task, inner=FoldParams(embargo_races=1)))
    assert spy.seen == ([96, 97, 98, 99, 100], [2021]), "the last race before the validation season is left out"
    keys = {fold_key(replace(task, inner=how), lambda _: "") for how in (FoldParams(), FoldParams(embargo_races=1))}
    assert len(keys) == 2, "another way to settle is another entry of the cache"


@pytest.mark.parametrize("section", ["training", "tuning"])
def test_parameters_name_folds_and_refuse_what_shuffles(section: str) -> None:
    found = parse_params({section: {"folds": "rolling", "window_seasons": 8, "embargo_races": 1}})
    assert getattr(found, section).way == FoldParams(folds="rolling", window_seasons=8, embargo_races=1)
    for word in ("shuffled", "kfold", "StratifiedKFold", "random", "cross_validation"):
        with pytest.raises(ShuffledFolds, match="learns from races after the ones it scores"):
            parse_params({section: {"folds": word}})
    with pytest.raises(UsageError, match="Input should be 'expanding' or 'rolling'"):
        parse_params({section: {"folds": "tumbling"}})
    with pytest.raises(UsageError, match="`folds: rolling` needs window_seasons"):
        parse_params({section: {"folds": "rolling"}})
    with pytest.raises(UsageError, match=f"unknown parameter '{section}.window'"):
        parse_params({section: {"window": 8}})


def test_what_is_asked_for_in_words() -> None:
    assert asked_folds() is None
    assert asked_folds("expanding") == FoldParams()
    assert asked_folds(window_seasons=5) == asked_folds("rolling", 5) == FoldParams(folds="rolling", window_seasons=5)
    asked = with_folds(Params(), FoldParams(embargo_races=1))
    assert (asked.training.embargo_races, asked.tuning.embargo_races, asked.tuning.trials) == (1, 1, 20)
    with pytest.raises(UsageError, match="^folds: .*needs window_seasons"):
        asked_folds("rolling")


@pytest.mark.parametrize("splitter", [KFold(5, shuffle=True, random_state=1), TimeSeriesSplit(3)])
def test_notebooks_refuse_splitters_with_the_reason(splitter) -> None:
    with pytest.raises(ShuffledFolds, match="it cuts rows and knows no races"):
        pw.backtest("race_winner", folds=splitter)
    with pytest.raises(ShuffledFolds, match="it cuts rows and knows no races"):
        pw.ReproducibleExperiment(pw.ExperimentConfig({"seed": 1}), splits=splitter)
    with pytest.raises(ShuffledFolds, match="found kfold"):
        pw.backtest("race_winner", folds="kfold")


def test_the_command_line_refuses_shuffled_folds_before_anything_else() -> None:
    found = CliRunner().invoke(app, ["backtest", "--folds", "shuffled"])
    assert isinstance(found.exception, ShuffledFolds)
    assert "team-mates in the same race" in str(found.exception)
    assert found.exception.exit_code == 2


def test_races_are_counted_by_the_calendar_and_not_by_their_numbers() -> None:
    frame, _ = laps()
    assert np.all(np.diff(frame.drop_duplicates("race_id")["race_id"]) < 0), "the newest race has the smallest number"
