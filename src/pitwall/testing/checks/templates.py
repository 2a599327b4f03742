"""The contract of a template, whatever family its model is of: a label and an answer by the model's rows, a loss, rules to beat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.estimators import baselines
from pitwall.ml.evaluation.scoring import called
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.models import Model, model
from pitwall.ml.templates import Template
from pitwall.testing.worlds.answers import Draws, blank_answer, even_answer

LOOKED_AT = 8  # races of which a call is held against what was known then


def check_template(template: Template, tables: Tables, draws: Draws | None = None) -> None:
    """Check a template against its contract.

    Args:
        template: the plug-in.
        tables: canonical tables with all versions, e.g. `tiny_tables(upcoming=1)`.
        draws: how to draw answers of a family of your own (see `pitwall.testing.worlds.answers`).

    Raises:
        AssertionError: it breaks the contract; says where.
    """
    asked = model(template.model)
    _check_words(template, asked)
    label = _check_label(template, asked, tables)
    answer, predictions = _check_answer(template, asked, tables, label, draws)
    _check_call(template, asked, tables, predictions)
    if template.cars is not None:
        _check_cars(template, tables, label)
        sizes = predictions.groupby("race_id").size()
        sums = answer.groupby(predictions["race_id"]).sum()
        assert np.allclose(sums, _limits(template, tables, sizes)), (
            "the probabilities of a race must sum to cars(season)"
        )


def _check_words(template: Template, asked: Model) -> None:
    """Whatever it names exists, and the loss is one that gates can compare race by race."""
    family = asked.answers
    unknown = [name for name in template.metrics if name not in family.metrics]
    assert not unknown, f"{', '.join(unknown)}: no metric of the {family.name} family ({', '.join(family.metrics)})"
    loss = family.metrics[template.loss]
    assert loss.per_block is not None, f"the main loss {loss.name} has no value of one race; gates compare races"
    assert loss.better == "lower", (
        f"of the main loss {loss.name} {loss.better} values are better; gates want the lower one"
    )
    rules = baselines(family.name)
    missing = [name for name in template.baselines if name not in rules]
    assert not missing, f"{', '.join(missing)}: no baseline of the {family.name} family ({', '.join(rules)})"
    never = [stage for stage in template.stages if stage not in asked.kind.stages]
    assert not never, f"{asked.kind.nouns[1]} are never forecast at {', '.join(never)}"
    assert template.question.endswith("?"), "a question ends with a question mark"
    assert template.title.strip(), "a column of a table needs a title"


def _check_label(template: Template, asked: Model, tables: Tables) -> pd.Series:
    family, key = asked.answers, list(asked.kind.key)
    label = template.label(tables)
    assert list(label.index.names) == key, f"the label's index must be {key}, found {label.index.names}"
    assert label.index.is_unique, "a row has one label"
    known = label.dropna()
    assert len(known), "no label is known in these tables; give tables in which something came true"
    try:
        settled = known.astype(family.label_type)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"the label must be {family.label_type} once it is known: {error}") from error
    assert (_numbers(settled) == _numbers(known)).all(), (
        f"the label must be {family.label_type} once it is known, found {known.dtype}"
    )
    read = template.label(tables.only(*template.tables))
    assert read.equals(label), f"the label reads other tables than it says ({', '.join(template.tables)})"
    races = tables["races"]
    run = races[races["race_id"].isin(known.index.get_level_values("race_id"))]
    last = tables["results"]["event_timestamp"].max()
    assert (run["starts_at"] <= last).all(), "a race that has not been run has no label yet"
    return label


def _numbers(label: pd.Series) -> pd.Series:
    """Return a label as numbers; classes as theirs, in the order of the question."""
    if not isinstance(label.dtype, pd.CategoricalDtype):
        return label.astype("float64")
    assert label.cat.ordered, "classes are an ordered categorical: the order of the question"
    return label.cat.codes


def _check_answer(
    template: Template, asked: Model, tables: Tables, label: pd.Series, draws: Draws | None
) -> tuple[pd.Series, pd.DataFrame]:
    spine = asked.kind.spine(tables, template.stages[0])
    if isinstance(label.dtype, pd.CategoricalDtype):
        blank = even_answer(list(label.cat.categories), spine.index)
    else:
        blank = blank_answer(asked.answers, spine["race_id"], draws)
    predictions = prediction_table("blank", "model", spine, blank, asked.kind)
    answer = template.answer(predictions)
    assert answer.index.equals(predictions.index), "one answer per row, aligned with the predictions"
    assert answer.notna().all(), "every row has an answer"
    if asked.answers.label_type == "bool":
        assert answer.between(0, 1).all(), "probabilities lie in [0, 1]"
    return answer, predictions


def _check_call(template: Template, asked: Model, tables: Tables, predictions: pd.DataFrame) -> None:
    """What a class is called by was known before the weekend: it stays when all that came later is taken away."""
    call = template.call
    if call is None:
        return
    assert asked.answers.classes is not None, f"answers of the {asked.answers.name} family are no classes to be called"
    shares = call.shares(tables)
    assert np.allclose(shares.sum(axis=1), 1.0), "the known shares of the classes sum to 1"
    assert (shares > 0).all(axis=None), "a class that never came true has a share above 0: it divides"
    races = tables["races"].drop_duplicates("race_id").set_index("race_id")["practice_at"].sort_values()
    asked_of = races[races.index.isin(predictions["race_id"])]
    for race, instant in asked_of.iloc[:: -(-len(asked_of) // LOOKED_AT)].items():
        then = call.shares(tables.cut(instant))
        assert np.allclose(then.loc[race], shares.loc[race]), (
            f"the shares before race {race} are others once later races are known: {dict(shares.loc[race].round(3))} in place of "
            f"{dict(then.loc[race].round(3))}; count only what was known before the weekend, by a label that no later race changes"
        )
    said = called(template, predictions, tables)
    assert said is not None
    assert set(said) <= set(shares), (
        f"called are classes of the question ({', '.join(shares)}), found {', '.join(set(said))}"
    )


def _check_cars(template: Template, tables: Tables, label: pd.Series) -> None:
    """Where a race has a known number of events, so many come true."""
    per_race = label.groupby("race_id").agg(["sum", "size"])
    assert per_race["sum"].tolist() == _limits(template, tables, per_race["size"]), (
        "the event must come true for cars(season) cars of each race"
    )


def _limits(template: Template, tables: Tables, sizes: pd.Series) -> list[int]:
    assert template.cars is not None
    seasons = tables["races"].drop_duplicates("race_id").set_index("race_id")["season"]
    return [min(template.cars(int(seasons[race])), size) for race, size in sizes.items()]
