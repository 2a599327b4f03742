"""Runs as a folder of JSON files, by the standard library alone: what works offline, in a browser, and in a lesson."""

from pitwall.tracking.json_runs.runs import JsonRuns

__all__ = ["JsonRuns"]
