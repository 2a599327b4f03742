"""Races that nobody drives, and feeds that misbehave."""
