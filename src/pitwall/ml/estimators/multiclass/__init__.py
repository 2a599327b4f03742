"""Estimators of classes: rates to beat, a line and trees."""
