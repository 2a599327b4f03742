"""What features of pit stops share: the level of a lane, and the stops that are known so far."""
