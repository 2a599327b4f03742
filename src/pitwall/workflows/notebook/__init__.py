"""What a notebook calls: `pw.ModelBuilder`, `pw.FeatureStore`, `pw.ModelRegistry` and their like, on the same use cases as everybody."""

import warnings

# Optuna loads a progress bar that asks for widgets nobody draws here; the warning would stand in the first cell of every notebook.
warnings.filterwarnings("ignore", message="IProgress not found")
