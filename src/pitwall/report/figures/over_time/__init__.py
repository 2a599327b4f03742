"""Figures of what goes on in time: over the rounds of a season, over the races that were forecast."""
