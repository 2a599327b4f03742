"""Model cards: what a version is for, what it was made from, how good it is and where it fails, on one page."""
