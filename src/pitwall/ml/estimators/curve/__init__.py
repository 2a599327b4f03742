"""Estimators of a curve, one file each."""
