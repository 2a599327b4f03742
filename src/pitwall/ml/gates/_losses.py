"""Losses per race for the gates that compare two models on the races that both predicted."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.bootstrap import Interval, paired_difference
from pitwall.ml.gates._gate import Candidate
from pitwall.ml.metrics import race_scores
from pitwall.ml.templates import Template
from pitwall.ml.templates._template import KEY

CAR = ["race_id", "season", "round", "driver_id", "constructor_id"]


def labelled(template: Template, predictions: pd.DataFrame, tables: Tables) -> tuple[pd.DataFrame, pd.Series]:
    """Return the predictions of races that were run, and the template's label per row."""
    label = template.label(tables).reindex(pd.MultiIndex.from_frame(predictions[KEY]))
    known = pd.Series(label.to_numpy(), index=predictions.index)
    run = known.notna().groupby(predictions["race_id"]).transform("all")
    kept = predictions[run].reset_index(drop=True)
    return kept, known[run].astype(bool).reset_index(drop=True)


def race_losses(template: Template, predictions: pd.DataFrame, tables: Tables) -> pd.Series:
    """Return the template's main loss per race, by race_id."""
    kept, label = labelled(template, predictions, tables)
    return race_scores(kept, template.probability(kept), label)[template.loss]


def same_races(ours: pd.DataFrame, theirs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of races that both models predicted with the same cars.

    Another data source may use the same race numbers for other races; those are not common.
    """
    fields = [rows[CAR].sort_values(CAR).groupby("race_id").agg(tuple).apply(tuple, axis=1) for rows in (ours, theirs)]
    shared = fields[0].index.intersection(fields[1].index)
    common = [race for race in shared if fields[0][race] == fields[1][race]]
    return ours[ours["race_id"].isin(common)], theirs[theirs["race_id"].isin(common)]


def gain(candidate: Candidate, template: Template, other: pd.DataFrame) -> Interval:
    """Return how much less the candidate loses than the other model, per race, with its paired interval."""
    ours, theirs = same_races(candidate.own, other)
    limits = candidate.params.gates
    losses = race_losses(template, ours, candidate.tables)
    return paired_difference(
        losses.to_numpy(),
        race_losses(template, theirs, candidate.tables).reindex(losses.index).to_numpy(),
        limits.bootstrap_draws,
        candidate.params.seed,
        limits.confidence,
    )


def too_few(interval: Interval, minimum: int) -> str:
    """Return what to say when an interval stands on too few races, else nothing."""
    if interval.n >= minimum:
        return ""
    return f"only {interval.n} races to judge on, gates.min_races asks for {minimum}; "
