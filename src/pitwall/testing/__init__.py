"""What a test needs: contract checks for every kind of plug-in, fakes, and a tiny world."""
