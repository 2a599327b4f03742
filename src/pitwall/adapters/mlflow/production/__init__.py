"""Runs at any address of MLflow, inside of a project or not: the tracker of `pw.ProductionExperimentTracker`."""
