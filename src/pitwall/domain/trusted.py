"""Classes that a file of skops may name beside those that skops knows: what scikit-learn's own trees are made of, and nothing else."""

TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor", "sklearn.tree._tree.Tree")
