"""What features there are, how they are spread, and which the data cannot support."""
