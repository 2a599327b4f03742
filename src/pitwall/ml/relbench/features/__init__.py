"""What a model reads of a tick."""
