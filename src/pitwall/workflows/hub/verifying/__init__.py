"""Verify a bundle once more, and train its model again where the data are: what comes out is its badge."""
