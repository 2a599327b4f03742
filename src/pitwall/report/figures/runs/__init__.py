"""Pictures of runs and of the versions that they made: how they learned, which settings gave what, bars side by side."""
