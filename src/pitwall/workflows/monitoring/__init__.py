"""Watching what runs: each use case brings its numbers from the project to `pitwall.monitoring`, and says what came of it."""
