"""Trees as every estimator uses them: the same bytes twice, stopped by later races, a file that gives them back."""

import numpy as np
import pytest

from pitwall.ml.estimators import estimator
from pitwall.ml.estimators.shared.trees import (
    PATIENCE,
    TreeRows,
    Watch,
    boost,
    load_booster,
    margins,
    save_booster,
)

SHAPE = {
    "eta": 0.3,
    "max_depth": 3,
    "min_child_weight": 1.0,
    "reg_lambda": 1.0,
    "subsample": 0.7,
    "colsample_bytree": 0.7,
}
NAMES = ("a", "b")


def rows(seed, count=300):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, 2))
    values[::7, 1] = np.nan
    return TreeRows(values, NAMES, np.sign(values[:, 0]) + rng.normal(0, 0.5, count))


def grown(**changes):
    chosen = {"seed": 7, "objective": "reg:squarederror", "eval_metric": "rmse", **changes}
    return boost(rows(1), SHAPE, chosen.pop("rounds", 60), **chosen)


def test_one_seed_gives_the_same_bytes_and_a_file_gives_the_same_answers(tmp_path):
    first, again, other = grown(), grown(), grown(seed=8)
    assert first.save_raw("ubj") == again.save_raw("ubj") != other.save_raw("ubj")
    save_booster(first, tmp_path / "trees.ubj")
    asked = rows(2)
    told = margins(first, asked.values)
    np.testing.assert_array_equal(margins(load_booster(tmp_path / "trees.ubj"), asked.values), told)
    assert np.corrcoef(told, asked.target)[0, 1] > 0.7


def test_later_rows_stop_the_growth_and_every_round_is_told():
    told = []
    watched = grown(rounds=400, watch=Watch(rows(2), lambda step, loss: told.append((step, loss))))
    steps, losses = zip(*told, strict=True)
    assert list(steps) == list(range(len(steps)))
    assert watched.num_boosted_rounds() == np.argmin(losses) + 1 < 400
    assert len(steps) == watched.num_boosted_rounds() + PATIENCE


def test_a_hopeless_trial_is_stopped_by_what_it_raises():
    class Pruned(Exception):
        pass

    def stop(step, loss):
        raise Pruned

    with pytest.raises(Pruned):
        grown(watch=Watch(rows(2), stop))


def test_a_margin_is_what_the_trees_stand_on():
    flat = rows(1)
    lifted = TreeRows(flat.values, NAMES, flat.target + 100, margin=np.full(len(flat.target), 100.0))
    kept = {"seed": 7, "objective": "reg:squarederror"}
    on_top = boost(lifted, SHAPE, 30, **kept)
    bare = margins(boost(flat, SHAPE, 30, **kept), flat.values)
    np.testing.assert_allclose(margins(on_top, flat.values, lifted.margin) - 100, bare, atol=1e-3)


def test_weights_count():
    half = rows(1)
    weight = (half.values[:, 0] > 0).astype(float)
    told = margins(
        boost(
            TreeRows(half.values, NAMES, half.target, weight=weight), SHAPE, 60, seed=7, objective="reg:squarederror"
        ),
        half.values,
    )
    assert told[weight == 0].mean() > 0 > half.target[weight == 0].mean()


@pytest.mark.parametrize("family", ["curve", "multiclass"])
def test_the_space_has_the_shape_of_trees(family):
    class Lowest:
        def suggest_float(self, name, low, high, *, log=False):
            return low

        def suggest_int(self, name, low, high, *, log=False):
            return low

    assert set(estimator(family, "xgboost").space(Lowest())) == {*SHAPE, "rounds"}
