"""The append-only store of raw snapshots."""
