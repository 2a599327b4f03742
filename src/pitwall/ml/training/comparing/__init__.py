"""Estimators beside each other where no training may look: under folds that are shuffled, to show what comes of it."""
