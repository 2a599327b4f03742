"""Two runs of the same job, one by the version before and one by this one, read so that they can be compared."""
