"""The hidden state of the synthetic world."""
