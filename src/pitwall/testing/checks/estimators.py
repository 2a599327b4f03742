"""The contract of an estimator, whatever its family answers: valid answers for any rows, the same bytes twice, no order of rows."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError
from pitwall.domain.keys import SPINE_NAMES
from pitwall.domain.refs import folder_hash
from pitwall.ml.estimators import Estimator, Explains, FitInput, Fitted, Heard, learns_in_rounds, traits_of
from pitwall.ml.estimators._estimator import Params
from pitwall.ml.families import Family, family
from pitwall.ml.families.order.plackett_luce import expected_place
from pitwall.testing.worlds.answers import AnswerWorld, Draws, draws_of, metric_value, scored_rows

FIELD_SIZES = (1, 2, 18, 26, 40)
SEED = 7
FORMATS = {".json": "JSON", ".npz": "npz", ".ubj": "UBJ", ".txt": "text", ".cbm": "CBM"}
LEARNED = 0.9  # of the loss of an answer that knows nothing, on rows that were learned from


def check_estimator(plugin: Estimator, of: str | Family = "order", draws: Draws | None = None) -> None:
    """Check an estimator against its contract.

    Args:
        plugin: the plug-in.
        of: its family, or the name of one.
        draws: how to draw labelled races of a family of your own (see `pitwall.testing.worlds.answers`).

    Raises:
        AssertionError: it breaks the contract; says where.
    """
    trial = _Trial(plugin, family(of) if isinstance(of, str) else of, draws)
    assert getattr(plugin, "family", trial.family.name) == trial.family.name, (
        "a plug-in's own `family` is the one it is of"
    )
    frame, outcome = trial.rows(trial.draw())
    late = frame["season"] >= 2004
    later = (frame[late].reset_index(drop=True), outcome[late].reset_index(drop=True))
    train = (frame[~late].reset_index(drop=True), outcome[~late].reset_index(drop=True))
    steps: list[int] = []
    fitted = plugin.fit(FitInput(*train, plugin.default(), SEED, later, lambda step, _: steps.append(step)))
    trial.answers(fitted, frame)
    _check_settled(trial, train, fitted.params, frame)
    _check_row_order(trial, train, fitted.params, frame)
    _check_sizes(trial, train, fitted.params)
    _check_gaps(trial, train, fitted.params)
    if plugin.role == "model":
        assert steps == sorted(steps), "report must be called with growing steps"
        assert steps, "a model must report its validation loss as it learns, or no trial can be pruned"
        assert fitted.validation_loss is not None, "a model must measure its validation loss"
    _check_traits(plugin, fitted, steps)
    _check_learns(trial)
    if trial.family.name == "order":
        _check_order(trial, train, fitted.params)


@dataclass(frozen=True)
class _Trial:
    plugin: Estimator
    family: Family
    draws: Draws | None

    def draw(self, races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
        return draws_of(self.family, self.draws)(races, cars, seed, signal)

    def rows(self, world: AnswerWorld) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the frame with the columns that the estimator asks for, and the outcome."""
        if self.plugin.needs is None:
            return world.frame, world.outcome
        spine = world.frame[[name for name in world.frame if name in SPINE_NAMES]]
        asked = {name: world.frame.get(name, world.signal) for name in self.plugin.needs}
        return spine.assign(**asked), world.outcome

    def fit(self, rows: tuple[pd.DataFrame, pd.DataFrame], params: Params, heard: Heard | None = None) -> Fitted:
        return self.plugin.fit(FitInput(*rows, params, SEED, heard=heard))

    def answers(self, fitted: Fitted, frame: pd.DataFrame) -> pd.DataFrame:
        """Return an answer that is one of the family, a row for each of the frame."""
        answer = fitted.answer(frame)
        assert answer.index.equals(frame.index), "one answer per frame row, with the frame's index"
        try:
            self.family.check(answer, frame["race_id"])
        except AnswerError as error:
            raise AssertionError(str(error)) from error
        return answer

    def said(self, fitted: Fitted, frame: pd.DataFrame) -> np.ndarray:
        """Return an answer as a matrix, rows x answer columns."""
        return np.asarray(self.answers(fitted, frame), dtype=np.float64)


Rows = tuple[pd.DataFrame, pd.DataFrame]


def _features(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame if name not in SPINE_NAMES]


def _check_settled(trial: _Trial, train: Rows, params: Params, frame: pd.DataFrame) -> None:
    """Settled parameters fit without validation, twice to the same bytes, and survive a save and a load.

    The second time they stand in another order: that of a recipe's file is not that of a search. And nobody hears how it goes: who
    listens changes nothing that is learned.
    """
    told: list[tuple[str, int, float]] = []
    once = trial.fit(train, params, lambda *said: told.append(said))
    again = trial.fit(train, dict(reversed(params.items())))
    _check_curve(trial.plugin, told)
    with tempfile.TemporaryDirectory() as where:
        first, second = Path(where, "first"), Path(where, "second")
        for folder, fitted in ((first, once), (second, again)):
            folder.mkdir()
            fitted.save(folder)
        assert folder_hash(first) == folder_hash(second), "two fits with one seed must write identical files"
        loaded = trial.plugin.load(first)
        assert np.array_equal(trial.said(loaded, frame), trial.said(once, frame)), "a loaded model must answer the same"
        assert loaded.params == once.params, "a loaded model must know its parameters"
    _check_contributions(loaded, frame)


def _check_curve(plugin: Estimator, told: list[tuple[str, int, float]]) -> None:
    """Who learns in rounds tells one loss on the training rows after each of them; others tell nothing."""
    assert [step for _, step, _ in told] == list(range(1, len(told) + 1)), "rounds are told from 1, each once"
    assert len({name for name, _, _ in told}) <= 1, "one loss is told, of one thing that is learned"
    assert bool(told) == learns_in_rounds(plugin), (
        "an estimator whose traits say that later races stop its learning tells `FitInput.heard` how its rounds go, and no other does"
    )


def _check_contributions(fitted: Fitted, frame: pd.DataFrame) -> None:
    """Where an estimator explains itself, contributions and one base for all rows are the score."""
    if isinstance(fitted, Explains):
        added = fitted.contributions(frame)
        assert added.index.equals(frame.index), "contributions have the frame's rows"
        assert set(added.columns) <= set(frame.columns), "contributions are told by feature"
        scores = fitted.scores(frame)
        told = scores if scores.ndim == 1 else scores[:, -1] - scores[:, 0]
        base = told - added.sum(axis=1).to_numpy()
        assert np.ptp(base) < 1e-4, "contributions and one base must sum to the score"


def _check_traits(plugin: Estimator, fitted: Fitted, steps: list[int]) -> None:
    """What people are told of an estimator is so: the formats of its files, and whether later races stop its learning."""
    traits = traits_of(plugin)
    told = set(traits.files.split(", "))
    with tempfile.TemporaryDirectory() as where:
        fitted.save(Path(where))
        wrote = {FORMATS.get(path.suffix, path.suffix) for path in Path(where).rglob("*.*")}
    assert wrote <= told, (
        f"its traits say that it writes {', '.join(sorted(told))}; it wrote {', '.join(sorted(wrote))}"
    )
    assert not traits.stops or len(steps) > 1, (
        "its traits say that later races stop its learning; it looked at them once"
    )


def _check_row_order(trial: _Trial, train: Rows, params: Params, frame: pd.DataFrame) -> None:
    shuffled = np.random.default_rng(1).permutation(len(train[0]))
    rows, known = (part.iloc[shuffled].reset_index(drop=True) for part in train)
    moved, expected = trial.fit((rows, known), params), trial.said(trial.fit(train, params), frame)
    assert np.allclose(trial.said(moved, frame), expected, atol=1e-9), "the order of training rows must not matter"
    back = np.random.default_rng(2).permutation(len(frame))
    turned = trial.said(moved, frame.iloc[back].reset_index(drop=True))
    assert np.allclose(turned, expected[back], atol=1e-9), "the order of rows to predict must not matter"


def _check_sizes(trial: _Trial, train: Rows, params: Params) -> None:
    """A race may have any number of rows."""
    fitted = trial.fit(train, params)
    for cars in FIELD_SIZES:
        trial.answers(fitted, trial.rows(trial.draw(1, cars, seed=3))[0])


def _check_gaps(trial: _Trial, train: Rows, params: Params) -> None:
    """A row, a column or a whole race without data (a newcomer, no qualifying, 1950) still gets an answer."""
    fitted, features = trial.fit(train, params), _features(train[0])
    race = trial.rows(trial.draw(1, 20, seed=3))[0]
    newcomer, without, bare = race.copy(), race.copy(), race.copy()
    newcomer.loc[0, features] = np.nan
    without[features[:1]] = np.nan
    bare[features] = np.nan
    for gaps in (newcomer, without, bare):
        trial.answers(fitted, gaps)
    blind = train[0].copy()
    blind[features] = np.nan
    trial.answers(trial.fit((blind, train[1]), params), race)


def _check_learns(trial: _Trial) -> None:
    """A model that sees the answer in a few races must answer better of them than one that knows nothing."""
    few = trial.family.name == "order"  # a rule of orders must do so as well, and needs few races to
    world = trial.draw(races=30, cars=6, signal=12.0) if few else trial.draw(signal=12.0)
    frame, outcome = trial.rows(world)
    answer = trial.answers(trial.fit((frame, outcome), trial.plugin.default()), frame)
    if trial.family.name == "order":
        won = np.asarray(answer, dtype=np.float64)[(outcome["place"] == 1).to_numpy(), 0].mean()
        enough = 2 / 6 if trial.plugin.role == "model" else 1.5 / 6  # a rule knows one thing, which may say little
        assert won > enough, f"P(win) of the winners should be well above 1/6 on races it has seen, is {won:.2f}"
    elif trial.plugin.role == "model":
        metric = trial.family.metrics[trial.family.tuned_by]
        nothing = answer.copy()
        nothing[:] = trial.family.faults.flat(answer.to_numpy(dtype=np.float64))
        ours, flat = (metric_value(metric, scored_rows(trial.family, world, each)) for each in (answer, nothing))
        assert ours < LEARNED * flat, (
            f"{metric.name} should be well below {flat:.3g} on races it has seen, is {ours:.3g}"
        )


def _check_order(trial: _Trial, train: Rows, params: Params) -> None:
    """With all else equal a better grid slot never expects a worse place."""
    if "grid" not in train[0]:
        return
    alike = trial.rows(trial.draw(1, 18, seed=3))[0].sort_values("grid", ignore_index=True)
    others = [name for name in _features(alike) if name != "grid"]
    expected = expected_place(trial.said(trial.fit(train, params), alike.assign(**dict.fromkeys(others, 1.0))))
    assert (np.diff(expected) > -1e-6).all(), "a better slot must not expect a worse place"
