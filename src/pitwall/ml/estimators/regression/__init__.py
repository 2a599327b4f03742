"""Estimators of a number, one file each."""
