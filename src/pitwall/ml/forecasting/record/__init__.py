"""What a track record counts: the scores of stored forecasts, their sums, and forecasts of people."""
