"""Estimators of the finishing order, one file each."""
