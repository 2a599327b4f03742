"""One rule stops every loop at the same value: plain, XGBoost's, PyTorch's and Optuna's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.tracking import BestWeights, EarlyStopping, report_or_prune, xgboost_callback
from pitwall.tracking.early_stopping.direction import mode_of

VALUES = st.lists(st.integers(0, 5) | st.just(math.nan), max_size=25)


def _stops_by_definition(values, patience, mode, min_delta, warmup):
    """Return the first number at which no value of the last `patience` was better than the best before it, looked up anew each time."""
    sign = 1 if mode == "max" else -1
    best_at, best = -1, None
    for at, value in enumerate(values):
        if math.isfinite(value) and (best is None or sign * (value - best) > min_delta):
            best_at, best = at, value
        if at + 1 > warmup and at - best_at >= patience:
            return at
    return None


@given(VALUES, st.integers(1, 4), st.sampled_from(["min", "max"]), st.sampled_from([0.0, 1.0]), st.integers(0, 6))
def test_the_rule_stops_where_its_definition_does(values, patience, mode, min_delta, warmup):
    stopping = EarlyStopping(patience, mode, min_delta, warmup)
    found = next((at for at, value in enumerate(values) if stopping(value)), None)
    assert found == _stops_by_definition(values, patience, mode, min_delta, warmup)


def test_an_improvement_as_large_as_the_margin_is_none_and_values_that_are_none_count():
    stopping = EarlyStopping(2, min_delta=0.1)
    assert [stopping(value) for value in (1.0, 0.9, 0.85, 0.85, math.inf)] == [False, False, False, False, True]
    assert (stopping.best, stopping.best_at) == (0.85, 2)
    never = EarlyStopping(3)
    assert [never(math.nan) for _ in range(3)] == [False, False, True]
    assert never.best is None


@pytest.mark.parametrize("wrong", [{"patience": 0}, {"warmup": -1}, {"min_delta": -0.1}, {"min_delta": math.nan}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(UsageError, match="patience is 1 or more"):
        EarlyStopping(**wrong)


def test_the_direction_is_said_or_read_from_the_name_and_never_guessed():
    named = ["loss", "val/log_loss", "lap_time", "accuracy", "f1", "brier_skill"]
    assert [mode_of(name) for name in named[:5]] == ["min", "min", "min", "max", "max"]
    for name in (named[5], "downforce"):  # says both, says nothing
        with pytest.raises(UsageError, match='say mode="min" or "max"'):
            mode_of(name)
    with pytest.raises(UnknownName, match="did you mean 'max'"):
        EarlyStopping(mode="maxi")


def test_xgboost_stops_where_the_rule_does():
    import xgboost

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(120, 3)), rng.normal(size=120)
    parts = [xgboost.DMatrix(X[half], y[half]) for half in (slice(60), slice(60, None))]
    evals, settings = [(parts[0], "train"), (parts[1], "later")], {"eta": 1.0, "nthread": 1}
    seen, stopping = {}, EarlyStopping(4)
    booster = xgboost.train(
        settings, parts[0], 60, evals=evals, evals_result=seen, callbacks=[xgboost_callback(stopping, "rmse", "later")],
        verbose_eval=False,
    )  # fmt: skip
    losses = seen["later"]["rmse"]
    assert booster.num_boosted_rounds() == len(losses) == stopping.best_at + 5 < 60
    assert min(losses) == losses[stopping.best_at]
    with pytest.raises(UsageError, match="does not measure held_out rmse; it measures train rmse, later rmse"):
        xgboost.train(
            settings, parts[0], 2, evals=evals, callbacks=[xgboost_callback(EarlyStopping(4), "rmse", "held_out")],
            verbose_eval=False,
        )  # fmt: skip


def test_a_loop_of_torch_ends_with_the_best_epochs_weights():
    class Model:
        weights = None

        def state_dict(self):
            return {"w": self.weights}

        def load_state_dict(self, kept):
            self.weights = kept["w"]

    model = Model()
    best = BestWeights(model, EarlyStopping(2))
    best.restore()
    for epoch, loss in enumerate([3.0, 1.0, 2.0, math.nan, 0.5]):
        model.weights = [epoch]
        if best(loss):
            break
    assert epoch == 3
    best.restore()
    assert model.weights == [1]


def test_a_trial_is_pruned_where_the_rule_stops():
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    reached = []

    def objective(trial):
        stopping = EarlyStopping(2)
        for step, loss in enumerate([2.0, 1.0, math.nan, 1.5, 0.1]):
            reached.append(step)
            report_or_prune(trial, stopping, loss, step)

    study = optuna.create_study(pruner=optuna.pruners.NopPruner())
    study.optimize(objective, n_trials=1)
    (trial,) = study.trials
    assert (trial.state.name, reached[-1], trial.intermediate_values) == ("PRUNED", 3, {0: 2.0, 1: 1.0, 3: 1.5})
