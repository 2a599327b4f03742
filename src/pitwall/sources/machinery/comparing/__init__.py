"""Two sources of the same races: which of their rows are the same fact, and where they disagree."""
