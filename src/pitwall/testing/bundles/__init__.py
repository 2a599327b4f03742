"""Bundles for tests: honest ones, and hostile ones of every kind that public advisories tell of, all made by code."""
