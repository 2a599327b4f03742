"""The page of a week: what it shows, its pictures, and where it lies."""
