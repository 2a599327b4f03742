"""Fetch raw files, and look at them where they can do no harm."""
