"""What a track record counts: the scores of stored forecasts, their sums, forecasts of people, and what a replay may know."""
