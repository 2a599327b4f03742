"""From raw tables to canonical ones: clean, shape, stamp, version."""
