"""Estimators of how long something lasts, one file each."""
