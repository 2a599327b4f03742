"""What may be thrown away: snapshots, runs with their models, logs and caches that nothing leads to any more."""
