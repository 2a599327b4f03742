"""The documentation of an experiment: its five sections, what is filled in from the run, and where it is kept."""
