"""What every row kind stands on: rows of many races as padded blocks."""
