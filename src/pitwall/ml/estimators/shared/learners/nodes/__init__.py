"""Trees as arrays of nodes: what scikit-learn grows is served without it."""
