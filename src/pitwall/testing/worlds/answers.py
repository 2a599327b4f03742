"""Races whose chances are known, for each family of answers: features, what came true, and the honest answer.

Contract checks of families, estimators and templates draw from them. A family that ships no world here brings its own, as a function
of the same form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri

from pitwall.domain.errors import UnknownName
from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.ml.families import Family, Metric
from pitwall.ml.families.curve.answer import QUANTILES as SLOPES
from pitwall.ml.families.curve.answer import SLOPE, curves
from pitwall.ml.families.first_three import PLACES, PODIUM, WIN
from pitwall.ml.families.multiclass import PREFIX, likeliest
from pitwall.ml.families.order.answer import places
from pitwall.ml.families.order.plackett_luce import position_probabilities
from pitwall.ml.families.regression.metrics import MEAN, QUANTILES
from pitwall.ml.families.survival import median
from pitwall.ml.families.survival.answer import STEPS as DURATIONS
from pitwall.ml.families.survival.answer import curves as lasting
from pitwall.ml.rows.machinery.race_blocks import race_blocks
from pitwall.testing.worlds.labelled import labelled_races


@dataclass(frozen=True)
class AnswerWorld:
    """Rows of some races.

    Attributes:
        frame: spine columns and features; every number is known, but for a tenth of some features.
        outcome: of the family's columns.
        honest: the answer of somebody who knows the chances that were drawn from.
        perfect: the answer of somebody who has seen what came true.
        question: an answer -> what is said about one question (a probability, a mean).
        label: what came true of that question.
        signal: a feature that tells most, in the unit of the answer: what a rule would repeat.
    """

    frame: pd.DataFrame
    outcome: pd.DataFrame
    honest: pd.DataFrame
    perfect: pd.DataFrame
    question: Callable[[pd.DataFrame], pd.Series]
    label: pd.Series
    signal: pd.Series


class Draws(Protocol):
    """Draw a world of a family."""

    def __call__(self, races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
        """Return races of so many cars; the larger the signal, the less is left to luck."""


def order_world(races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
    """Draw finishing orders in which the grid decides."""
    frame, outcome = labelled_races(races, cars, seed, signal)
    grid = frame["grid"].to_numpy()
    honest = position_probabilities(-signal / 2 * np.log(grid), frame["race_id"].to_numpy())
    perfect = np.eye(cars)[outcome["place"].to_numpy() - 1]
    label = outcome["place"].eq(1)
    return AnswerWorld(
        frame, outcome, places(honest), places(perfect), lambda said: said["place_1"], label, frame["grid"]
    )


def binary_world(races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
    """Draw events that cars at the front of the grid are likelier to see."""
    frame, _ = labelled_races(races, cars, seed, signal)
    p = pd.Series(expit(signal * (0.6 - 1.2 * (frame["grid"] - 0.5) / cars)))
    label = pd.Series(np.random.default_rng([seed, 2]).random(len(frame)) < p)
    honest, perfect = pd.DataFrame({"p": p}), pd.DataFrame({"p": label.astype("float64")})
    return AnswerWorld(frame, pd.DataFrame({"label": label}), honest, perfect, lambda said: said["p"], label, p)


def regression_world(races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
    """Draw seconds that grow with the grid, of some races with more luck than of others."""
    frame, _ = labelled_races(races, cars, seed, signal)
    mean = 80.0 + np.log(frame["grid"])
    spread = (1.0 + frame["race_id"] % 3) / signal
    value = mean + spread * np.random.default_rng([seed, 3]).normal(size=len(frame))
    levels = ndtri(np.array(list(QUANTILES.values())))

    def said(middle: pd.Series, size: pd.Series) -> pd.DataFrame:
        table = pd.DataFrame(middle.to_numpy()[:, None] + size.to_numpy()[:, None] * levels, columns=list(QUANTILES))
        table.insert(0, MEAN, middle)
        return table

    outcome = pd.DataFrame({"value": value})
    return AnswerWorld(
        frame, outcome, said(mean, spread), said(value, 0.0 * spread), lambda each: each[MEAN], value, pd.Series(mean)
    )


def curve_world(races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
    """Draw slopes of three compounds that circuits add to, of some races with more luck than of others."""
    frame, _ = labelled_races(races, cars, seed, signal)
    compound, circuit = frame["driver_id"] % 3 + 1, 0.01 * (frame["circuit_id"] - 4)
    usual = {f"wear_{name}": 0.02 * number for number, name in COMPOUNDS.items()}
    rng = np.random.default_rng([seed, 4])
    known = {name: np.where(rng.random(len(frame)) < 0.1, np.nan, value) for name, value in usual.items()}
    frame = frame.assign(compound_id=compound, circuit_wear=circuit, circuit_wear_sights=3.0, **known)
    mean = 0.02 * compound + circuit
    spread = (1.0 + frame["race_id"] % 3) / (50 * signal)
    value = mean + spread * rng.normal(size=len(frame))
    levels = ndtri(np.array(list(SLOPES.values())))

    def said(middle: pd.Series, size: pd.Series) -> pd.DataFrame:
        return curves(middle.to_numpy()[:, None] + size.to_numpy()[:, None] * levels, frame.index)

    outcome = pd.DataFrame({"value": value})
    return AnswerWorld(
        frame, outcome, said(mean, spread), said(value, 0.0 * spread), lambda each: each[SLOPE], value, mean
    )


def multiclass_world(races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
    """Draw one of three classes in an order, the first one likelier at the front of the grid."""
    frame, _ = labelled_races(races, cars, seed, signal)
    classes = ["early", "mid", "late"]
    level = signal * (0.6 - 1.2 * (frame["grid"].to_numpy() - 0.5) / cars)
    to_first, to_second = expit(level - 0.7), expit(level + 0.7)
    chances = np.column_stack([to_first, to_second - to_first, 1.0 - to_second])
    drawn = np.random.default_rng([seed, 4]).random(len(frame))
    code = (drawn[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    label = pd.Series(pd.Categorical.from_codes(code, classes, ordered=True))
    honest, perfect = (
        pd.DataFrame(said, columns=[f"{PREFIX}{name}" for name in classes]) for said in (chances, np.eye(3)[code])
    )
    return AnswerWorld(
        frame,
        pd.DataFrame({"label": label}),
        honest,
        perfect,
        lambda said: likeliest(said, classes),
        label,
        frame["grid"],
    )


def survival_world(races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
    """Draw durations that end sooner at the front of the grid; a fifth of the rows is lost to sight, all at a flag that is known before."""
    frame, _ = labelled_races(races, cars, seed, signal)
    frame = frame.assign(set_compound=frame["driver_id"] % 3 + 1.0)
    hazard = expit(signal * (0.2 - 1.2 * (frame["grid"].to_numpy() - 0.5) / cars))
    rng = np.random.default_rng([seed, 5])
    ends = rng.geometric(hazard)
    room = rng.integers(2, 12, len(frame))
    lost = np.where(rng.random(len(frame)) < 0.2, rng.integers(1, room), room)
    ended, laps = ends <= lost, np.minimum(ends, lost)
    outcome = pd.DataFrame({"laps": laps.astype(np.float64), "ended": ended, "room": room.astype(np.float64)})
    honest = lasting(np.tile(hazard[:, None], DURATIONS), frame.index)
    perfect = lasting((np.arange(1, DURATIONS + 1) == np.where(ended, laps, 0)[:, None]) * 1.0, frame.index)
    label = outcome["laps"].where(ended, -outcome["laps"])
    return AnswerWorld(frame, outcome, honest, perfect, median, label, pd.Series(hazard))


def first_three_world(races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0) -> AnswerWorld:
    """Draw winners and podiums of finishing orders in which the grid decides."""
    world = order_world(races, cars, seed, signal)
    true = world.outcome["place"].to_numpy()
    honest, perfect = (
        pd.DataFrame({WIN: said[:, 0], PODIUM: np.minimum(said[:, :PLACES].sum(axis=1), 1.0)})
        for said in (world.honest.to_numpy(), np.eye(cars)[true - 1])
    )
    return replace(
        world, outcome=world.outcome[["place"]], honest=honest, perfect=perfect, question=lambda said: said[WIN]
    )


WORLDS: dict[str, Draws] = {
    "first_three": first_three_world,
    "order": order_world,
    "binary": binary_world,
    "multiclass": multiclass_world,
    "regression": regression_world,
    "curve": curve_world,
    "survival": survival_world,
}


def draws_of(family: Family, draws: Draws | None = None) -> Draws:
    """Return how to draw worlds of a family: as the caller says, else as it stands here.

    Raises:
        UnknownName: the family has none here and the caller gave none.
    """
    if draws is not None:
        return draws
    if family.name not in WORLDS:
        raise UnknownName(
            "world of a family (a family of your own brings one, as the argument `draws`)", family.name, WORLDS
        )
    return WORLDS[family.name]


def scored_rows(family: Family, world: AnswerWorld, answer: pd.DataFrame) -> pd.DataFrame:
    """Return what metrics read of an answer: ids, outcome, answer columns, the scored columns and the label."""
    ids = world.frame[["race_id", "driver_id", "season"]]
    said = family.scored(world.question(answer), answer)
    kept = answer.drop(columns=[name for name in answer if name in said])
    rows = pd.concat([ids, world.outcome.drop(columns="label", errors="ignore"), kept, said], axis=1)
    return rows.assign(label=world.label)


def metric_value(metric: Metric, rows: pd.DataFrame) -> float:
    """Return a metric over all races of some rows."""
    blocks = race_blocks(rows["race_id"].to_numpy())
    if metric.per_block is not None:
        return float(metric.per_block(rows, blocks).mean())
    assert metric.sums is not None
    assert metric.statistic is not None
    return float(metric.statistic(metric.sums(rows, blocks).sum(axis=0, keepdims=True), blocks.count)[0])


def blank_answer(family: Family, race: pd.Series, draws: Draws | None = None) -> pd.DataFrame:
    """Return some valid answer for rows of races of any size, with the index of `race`."""
    draw = draws_of(family, draws)
    parts = [draw(1, len(rows), seed=1).honest.set_axis(rows.index) for _, rows in race.groupby(race, sort=False)]
    joined = pd.concat(parts).reindex(race.index)
    return joined if family.fill is None else joined.fillna(family.fill)


def even_answer(classes: list[str], index: pd.Index) -> pd.DataFrame:
    """Return the answer that a question's classes are all as likely."""
    return pd.DataFrame(1.0 / len(classes), index=index, columns=[f"{PREFIX}{name}" for name in classes])
