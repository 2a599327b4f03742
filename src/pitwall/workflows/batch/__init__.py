"""Answers about many races at once, as a table."""
