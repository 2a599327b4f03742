"""What the sport decides: points, and whose ids these are."""
