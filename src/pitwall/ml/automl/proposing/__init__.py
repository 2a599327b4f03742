"""Who proposes what is tried next: which estimator (`bandit`), and which configuration of it (`samplers`)."""
