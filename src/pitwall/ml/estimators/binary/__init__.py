"""Estimators of yes or no: each answers with `p`, the probability that it happens to a row."""
