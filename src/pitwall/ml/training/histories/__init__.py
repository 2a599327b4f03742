"""Histories that a training logs: of its last fit, and of the trials of its search."""
