"""Models that travel between people: bundles, packed and signed here, verified before a byte of them is read there (docs/hub.md)."""
