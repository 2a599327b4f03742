"""What came from the sources, for people: the status of what is kept, and what the newest snapshot changed."""
