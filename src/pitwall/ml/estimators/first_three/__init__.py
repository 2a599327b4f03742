"""Estimators of the first three: frequencies to beat, and one that draws the places one after another."""
