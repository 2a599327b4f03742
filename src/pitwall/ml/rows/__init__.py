"""Kinds of rows to be forecast, and the blocks that they come in."""
