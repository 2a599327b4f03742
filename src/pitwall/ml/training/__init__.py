"""From frames to a registered candidate, step by step."""
