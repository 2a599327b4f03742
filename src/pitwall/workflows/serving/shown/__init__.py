"""What a server answers as people look at it: forecasts as documents, what may be chosen, what a what-if changes, stored forecasts with their scores."""
