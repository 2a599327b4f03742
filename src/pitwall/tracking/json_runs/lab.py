"""The tracker under the name that a program of a lab imports: `from pitwall.tracking import ExperimentTracker`."""

from pitwall.tracking.json_runs.tracker import JsonTracker as ExperimentTracker

__all__ = ["ExperimentTracker"]
