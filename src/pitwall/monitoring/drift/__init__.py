"""Drift of features and of calibration over races: what has moved since a model learned, with error rates that hold however often one looks."""

from pitwall.monitoring.drift.features import Settings, feature_drift
from pitwall.monitoring.drift.plan import Plan, plan_of
from pitwall.monitoring.drift.questions import question_drift
from pitwall.monitoring.drift.report import Alarm, DriftReport, FeatureDrift

__all__ = [
    "Alarm",
    "DriftReport",
    "FeatureDrift",
    "Plan",
    "Settings",
    "feature_drift",
    "plan_of",
    "question_drift",
]
