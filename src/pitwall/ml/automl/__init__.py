"""Find the best estimator of a question, or a blend of several, for a budget of CPU seconds: every family, forward folds, no held-out season."""
