"""Small projects and seasons to test in."""
