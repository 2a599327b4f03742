"""Stop a training that no longer improves: one rule, and what puts it into XGBoost, a loop of PyTorch and a trial of Optuna."""

from pitwall.tracking.early_stopping.rule import EarlyStopping, should_stop

__all__ = ["EarlyStopping", "should_stop"]
