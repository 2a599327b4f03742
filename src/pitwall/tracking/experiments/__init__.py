"""Experiments of a notebook: runs that are started, logged to and compared by hand, on any store of runs."""
