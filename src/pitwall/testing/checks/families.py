"""The contract of a family of answers: it knows its own columns, refuses what is no answer, and tells good answers from bad ones.

What metrics and calibration are worth is tried on races whose chances are known: the honest answer must pass, and the faults that the
family ships with must show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError
from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.params import GateParams
from pitwall.domain.tables import Tables
from pitwall.ml.families import Calibration, Classes, Family, Metric
from pitwall.ml.families._family import Faults
from pitwall.ml.rows import row_kind
from pitwall.testing.worlds.answers import AnswerWorld, Draws, draws_of, metric_value, scored_rows
from pitwall.testing.worlds.tiny import tiny_tables

RACES, CARS, SEED = 120, 10, 0
CLOSE = 1e-9
NEAR = 0.05  # of a value that is right, for the answer that knows the chances
TABLE = ["low", "high", "n", "forecast", "observed", "band_low", "band_high"]


def check_family(family: Family, draws: Draws | None = None) -> None:
    """Check a family against its contract.

    Args:
        family: the plug-in.
        draws: how to draw races whose chances are known, for a family that has none in `pitwall.testing.worlds.answers`.

    Raises:
        AssertionError: it breaks the contract; says where.
    """
    world = draws_of(family, draws)(RACES, CARS, SEED)
    assert family.says.strip(), "say in words what an answer is"
    _check_columns(family, world)
    _check_refuses(family, world)
    _check_outcome(family)
    assert family.counted.rule.strip(), "say in words what counts as right, or why nothing does"
    for metric in (*family.metrics.values(), *family.whole.values(), *family.counted.metrics.values()):
        _check_metric(family, metric, world)
    if family.classes is not None:
        _check_classes(family, family.classes, world)
    _check_names(family)
    _check_faults(family, world)


def _check_columns(family: Family, world: AnswerWorld) -> None:
    columns, other = list(world.honest.columns), ["estimator", "role", *world.frame.columns]
    found = family.columns([*other, *(columns if family.table_order else reversed(columns))])
    assert found == columns, f"of a predictions table the answers are {columns}, in this order; `columns` says {found}"
    assert not family.columns(other), "a table without answers has no answer columns"


def _check_refuses(family: Family, world: AnswerWorld) -> None:
    """Answers are accepted, what is none is refused: a null, an infinite number, a column that lacks."""
    race = world.frame["race_id"]
    for good in (world.honest, world.perfect):
        family.check(good, race)
    null, infinite = world.honest.copy(), world.honest.copy()
    null.iloc[3, 0], infinite.iloc[3, -1] = np.nan, np.inf
    broken = {"a null": null, "an infinite number": infinite, "a missing column": world.honest.iloc[:, :-1]}
    for what, answer in broken.items():
        try:
            family.check(answer, race)
        except AnswerError as error:
            assert len(str(error)) > 20, "an error says what is wrong, what was expected and what to do"
            continue
        raise AssertionError(f"`check` accepts an answer with {what}")


def _check_outcome(family: Family) -> None:
    """The outcome has a row for each of the frame, its columns and their types, and nulls where a race has not been run."""
    tables = tiny_tables(upcoming=1)
    kind = row_kind("race_driver")
    frame = kind.spine(tables, "pre_race").sample(frac=1.0, random_state=3)
    found = family.outcome(tables, frame, kind.key, lambda given: _places(given, family.label_type))
    assert found.index.equals(frame.index), "the outcome must be aligned with the frame"
    assert list(found) == list(family.outcome_types), (
        f"the outcome has {list(family.outcome_types)}, found {list(found)}"
    )
    run = frame["race_id"].isin(tables["results"]["race_id"])
    known = found[family.known_by].notna()
    assert not known[~run].any(), "a race that has not been run has no outcome"
    assert known[run].any(), "races that were run have an outcome"
    found[known].astype(dict(family.outcome_types))


def _places(tables: Tables, kind: str) -> pd.Series:
    """Return a label of any type: made of the places."""
    place = tables.only("results").as_of()["results"].set_index(list(RACE_DRIVER))["place"]
    return (place <= 3 if kind == "bool" else place.astype(kind)).rename("label")


def _check_names(family: Family) -> None:
    named = (*family.metrics.items(), *family.whole.items(), *family.counted.metrics.items())
    wrong = [name for name, metric in named if metric.name != name]
    assert not wrong, f"{', '.join(wrong)}: a metric goes by its own name"
    for name in (family.tuned_by, family.calibration.error):
        assert name in family.metrics, f"{name} is none of the family's metrics: {', '.join(family.metrics)}"
    assert family.metrics[family.tuned_by].per_block is not None, "fits are tuned by a loss of each race"
    assert not family.metrics[family.tuned_by].higher_is_better, "fits are tuned by a loss: lower is better"
    limits = list(GateParams.model_fields)
    assert family.calibration.limit in limits, f"{family.calibration.limit} is no limit of gates: {', '.join(limits)}"


def _check_metric(family: Family, metric: Metric, world: AnswerWorld) -> None:
    """A metric has one value, whatever the order of rows, and does not rank the perfect answer below the honest one."""
    both = (metric.per_block is None) == (metric.sums is None) or (metric.sums is None) != (metric.statistic is None)
    assert not both, (
        f"{metric.name} is either a mean of races (`per_block`) or a statistic of sums (`sums`, `statistic`)"
    )
    assert metric.unit.strip(), f"{metric.name} has no unit"
    assert 0 < metric.margin_share <= 1, f"the margin's share of {metric.name} lies in (0, 1]"
    honest, perfect = (_value(family, metric, world, each) for each in (world.honest, world.perfect))
    rows = scored_rows(family, world, world.honest)
    turned = metric_value(metric, rows.sample(frac=1.0, random_state=2).reset_index(drop=True))
    assert np.isfinite([honest, perfect]).all(), f"{metric.name} is no finite number"
    assert abs(turned - honest) < 1e-6, f"{metric.name} must not depend on the order of rows"
    if metric.target is not None:
        assert abs(honest - metric.target) < NEAR, (
            f"{metric.name} of the honest answer is {honest:.3f}, not near {metric.target:g}"
        )
    elif metric.name != family.calibration.error:
        better = perfect - honest if metric.higher_is_better else honest - perfect
        assert better > -CLOSE, (
            f"{metric.name} says that {metric.better} is better, and the perfect answer is worse than the honest one"
        )


def _check_classes(family: Family, classes: Classes, world: AnswerWorld) -> None:
    """Who knows what comes true says the class that does; curves are of classes that there are, by numbers that can be ranked."""
    assert classes.rule.strip(), "say in words how an answer is read as a class"
    rows = scored_rows(family, world, world.perfect)
    names, said, true = classes.names(rows), classes.said(rows), classes.true(rows)
    assert len(set(names)) == len(names) > 1, f"classes have names of their own; found {names}"
    for what, number in (("said", said), ("true", true)):
        assert len(number) == len(rows), f"`{what}` has one class per row"
        assert np.isin(number, range(len(names))).all(), f"`{what}` is the number of one of {len(names)} classes"
    assert (said == true).all(), "the perfect answer is read as another class than the one that came true"
    chances = classes.chances(scored_rows(family, world, world.honest))
    assert chances, "name at least one class whose curve is drawn"
    assert set(chances) <= set(names), f"curves are of classes; found {', '.join(chances)}"
    assert all(len(each) == len(rows) and np.isfinite(each).all() for each in chances.values()), "a chance per row"


def _value(family: Family, metric: Metric, world: AnswerWorld, answer: pd.DataFrame) -> float:
    return metric_value(metric, scored_rows(family, world, answer))


def _check_faults(family: Family, world: AnswerWorld) -> None:
    """The loss tells answers that know nothing, and wrong ones, from honest ones; calibration tells bold ones."""
    loss, calibration = family.metrics[family.tuned_by], family.calibration
    spoilt = _spoilt(family, world)
    honest = _value(family, loss, world, world.honest)
    for name in ("flat", "turned"):
        worse = _value(family, loss, world, spoilt[name]) - honest
        assert worse > CLOSE, f"the loss {loss.name} does not see that answers are {name}: {worse:+.3g}"
    assert _calibrated(calibration, scored_rows(family, world, world.honest)), (
        f"{calibration.few_name}: the honest answer is refused"
    )
    assert not _calibrated(calibration, scored_rows(family, world, spoilt["bold"])), (
        f"{calibration.few_name}: answers that claim to know more than they do pass"
    )
    error = family.metrics[calibration.error]
    more = _value(family, error, world, spoilt["bold"]) - _value(family, error, world, world.honest)
    assert more > 0, f"{error.name} does not see that answers are bold: {more:+.3g}"
    table = calibration.table(scored_rows(family, world, world.honest))
    assert [name for name in TABLE if name not in table] == [], (
        f"the calibration table has {TABLE}, found {list(table)}"
    )


def _spoilt(family: Family, world: AnswerWorld) -> Mapping[str, pd.DataFrame]:
    said = world.honest.to_numpy(dtype=np.float64)
    found = {}
    for each in fields(Faults):
        matrix = np.asarray(getattr(family.faults, each.name)(said.copy()))
        assert matrix.shape == said.shape, f"{each.name} answers are rows x columns like the answers that they spoil"
        found[each.name] = pd.DataFrame(matrix, index=world.honest.index, columns=world.honest.columns)
    return found


def _calibrated(calibration: Calibration, rows: pd.DataFrame) -> bool:
    found = calibration.few(rows, 0.95)
    return bool(found.low <= calibration.target <= found.high)
