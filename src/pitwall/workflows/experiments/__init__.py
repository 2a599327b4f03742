"""Experiments as people look at them: the list of runs, one run with its results, two beside each other, and a run to take away."""
