"""What the public sees of the synthetic world."""
