"""How a race of the synthetic world goes."""
