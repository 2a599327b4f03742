"""The reproducibility checklists, and how a run is held against them."""
