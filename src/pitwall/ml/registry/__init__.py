"""The life of a model version: offered, approved, promoted, rolled back, archived; every step a row of the history."""
