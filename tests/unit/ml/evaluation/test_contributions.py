"""What adds to an answer, in every family: exact where an estimator can tell, by exchanged groups elsewhere; in a card as bars."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from pitwall.domain.ports import ModelVersion
from pitwall.ml.cards.reads import NAME, loaded, reads
from pitwall.ml.cards.subject import Described
from pitwall.ml.estimators import Explains, FitInput, estimator
from pitwall.ml.evaluation.contributions import EXCHANGES, contributions, groups_of, unit_of
from pitwall.ml.forecasting.explanations import SHOWN, reasons
from pitwall.ml.models import model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.rows import feature_columns
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.report.content.blocks import Picture, Table, Text
from pitwall.testing.checks.gates import good_candidate
from pitwall.testing.worlds.answers import WORLDS

OF = {
    "order": ("order", "pre_race"),
    "binary": ("dnf", "pre_race"),
    "regression": ("lap_time", "in_race"),
    "multiclass": ("pit_window", "pre_race"),
}


@dataclass(frozen=True)
class Mute:
    """A fitted estimator that answers and tells nothing else."""

    fitted: object

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        return self.fitted.answer(frame)


def fitted(family: str, name: str) -> tuple[FittedModel, pd.DataFrame]:
    """Return a model of the family's world, which has a lap of every car, and the frame that it learned from."""
    world, plugin = WORLDS[family](races=30, cars=8), estimator(family, name)
    frame = world.frame.assign(lap=1)
    of, stage = OF[family]
    features = feature_columns(world.frame) if plugin.needs is None else list(plugin.needs)
    frame = frame.assign(**{each: world.signal for each in features if each not in frame})
    known = [each for each in frame if each not in feature_columns(world.frame) or each in features]
    made = plugin.fit(FitInput(frame[known].drop(columns="lap"), world.outcome, plugin.default(), 0))
    return FittedModel(Recipe(of, name, tuple(features), made.params, 0, stage), made), frame


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("order", "conditional_logit"),
        ("binary", "logistic"),
        ("regression", "linear"),
        ("regression", "xgboost"),
        ("multiclass", "logistic"),
        ("multiclass", "xgboost"),
    ],
)
def test_exact_contributions_are_the_distance_to_the_average_row_of_the_race(family: str, name: str) -> None:
    made, frame = fitted(family, name)
    assert isinstance(made.fitted, Explains)
    found = contributions(made, frame)
    score = made.fitted.scores(made.recipe.select(frame))
    if score.ndim == 2:  # classes: what is told is the log odds of the last against the first
        score = score[:, -1] - score[:, 0]
        chances = np.log(made.answer(frame).to_numpy())
        assert chances[:, -1] - chances[:, 0] == pytest.approx(score, abs=1e-4)
    score = pd.Series(score)
    distance = score - score.groupby(frame["race_id"]).transform("mean")
    assert found.features.sum(axis=1).to_numpy() == pytest.approx(distance.to_numpy(), abs=1e-4)
    assert found.groups.sum(axis=1).to_numpy() == pytest.approx(distance.to_numpy(), abs=1e-4)
    assert np.abs(distance).max() > 0.1, "a score that is the same everywhere explains nothing"


def test_a_feature_that_the_estimator_leaves_out_adds_nothing_to_its_group() -> None:
    made, frame = fitted("binary", "logistic")
    wider = FittedModel(replace(made.recipe, features=(*made.recipe.features, "idle")), made.fitted)
    found = contributions(wider, frame.assign(idle=1.0))
    assert not found.groups["idle"].any()
    assert found.groups.drop(columns="idle").equals(contributions(made, frame).groups)
    assert "idle" not in found.features


def test_a_race_of_one_row_is_held_against_those_learned_from() -> None:
    made, frame = fitted("binary", "logistic")
    alone = FittedModel(replace(made.recipe, model="safety_car"), made.fitted)
    races = frame.drop_duplicates("race_id").reset_index(drop=True)
    now, before = races.tail(1).reset_index(drop=True), races.head(20)
    found = contributions(alone, now, before)
    score, usual = (made.fitted.scores(made.recipe.select(rows)) for rows in (now, before))
    assert found.features.sum(axis=1).to_numpy() == pytest.approx(score - usual.mean(), abs=1e-9)
    assert not contributions(alone, now).groups.to_numpy().any(), "with nothing beside it nothing is told"
    (why,) = reasons(alone, now, lambda: before)
    assert len(why.features) <= SHOWN
    assert [abs(each.contribution) for each in why.groups] == sorted(
        (abs(each.contribution) for each in why.groups), reverse=True
    )


def test_other_rows_are_read_only_where_a_race_is_one_row() -> None:
    made, frame = fitted("binary", "logistic")

    def beside() -> pd.DataFrame:
        raise AssertionError("nobody asked")

    assert len(reasons(made, frame, beside)) == len(frame)


def test_exchanged_groups_tell_what_the_model_reads_and_nothing_of_what_it_does_not() -> None:
    made, frame = fitted("binary", "logistic")
    exact = contributions(made, frame).groups
    mute = contributions(FittedModel(made.recipe, Mute(made.fitted)), frame)
    assert mute.features is None
    assert list(mute.groups) == list(exact)
    strongest = exact.abs().mean().idxmax()
    assert mute.groups.abs().mean().idxmax() == strongest
    assert np.corrcoef(mute.groups[strongest], exact[strongest])[0, 1] > 0.95
    wider = replace(made.recipe, features=(*made.recipe.features, "idle"))
    idle = contributions(FittedModel(wider, Mute(made.fitted)), frame.assign(idle=np.arange(len(frame))))
    assert not idle.groups["idle"].any()


def test_exchanged_values_are_those_of_the_own_race_and_of_others_where_there_is_none() -> None:
    made, frame = fitted("binary", "logistic")
    one = frame.groupby("race_id").head(1).reset_index(drop=True)
    assert not contributions(FittedModel(made.recipe, Mute(made.fitted)), one).groups.to_numpy().any()
    alone = FittedModel(replace(made.recipe, model="safety_car"), Mute(made.fitted))
    found = contributions(alone, one, frame).groups
    donors = frame.iloc[np.linspace(0, len(frame) - 1, EXCHANGES).astype(int)]
    name, columns = next(iter(groups_of(alone).items()))
    changed = [one.assign(**{column: donor[column] for column in columns}) for _, donor in donors.iterrows()]
    said = [logit(made.answer(each)["p"].to_numpy()) for each in changed]
    expected = logit(made.answer(one)["p"].to_numpy()) - np.mean(said, axis=0)
    assert found[name].to_numpy() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("family", OF)
def test_every_family_is_explained_in_its_unit(family: str) -> None:
    rule = {**dict.fromkeys(OF, "overall_rate"), "order": "grid_frequency", "regression": "last_lap"}[family]
    made, frame = fitted(family, rule)
    found = contributions(made, frame)
    assert found.features is None
    assert np.isfinite(found.groups.to_numpy()).all()
    assert found.groups.to_numpy().any() == bool(made.recipe.features)
    assert unit_of(model(OF[family][0])) == {"regression": "s"}.get(family, "nats")


def test_a_card_shows_what_groups_add_as_a_table_and_a_picture() -> None:
    candidate = good_candidate()
    plugin = estimator("order", "grid_frequency")
    frame = candidate.frame
    made = plugin.fit(
        FitInput(*labelled("order", frame, outcomes("order", candidate.tables, frame)), plugin.default(), 0)
    )
    whole = FittedModel(Recipe("order", "grid_frequency", ("grid",), made.params, 0, "pre_race"), made)
    version = ModelVersion(candidate.name, 1, "run0000", "0123456789abcdef", {})
    (section,) = reads(Described(version, candidate, {}, whole))
    text, table, picture = section.blocks
    assert section.name == NAME
    assert isinstance(text, Text)
    assert "exchanged for those of other rows" in text.text
    assert isinstance(table, Table)
    assert [row[2] for row in table.rows] == ["grid"]
    assert float(table.rows[0][1]) > 0.05
    assert isinstance(picture, Picture)
    assert picture.png.startswith(b"\x89PNG")
    assert reads(Described(version, candidate, {})) == (), "without the model there is nothing to say"
    bare = FittedModel(replace(whole.recipe, features=()), made)
    assert reads(Described(version, candidate, {}, bare))[0].blocks == (Text("No features: it counts outcomes alone."),)
    assert loaded(whole, frame) is whole
    assert loaded(whole, frame.drop(columns="grid")) is None
