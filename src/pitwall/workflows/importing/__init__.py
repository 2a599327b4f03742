"""A notebook as a model: what its tagged cells declare becomes an order, and nothing else of it is kept."""
