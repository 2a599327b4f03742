"""Watchers that are started from a page: processes of their own, whose state is read from what they leave in files."""
