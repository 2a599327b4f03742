"""The sections of a run manifest."""
