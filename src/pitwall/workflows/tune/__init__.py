"""Search for a model's settings, compare strategies of search, and show why folds are never shuffled."""
