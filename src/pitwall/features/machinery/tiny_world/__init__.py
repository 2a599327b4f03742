"""A tiny racing world in memory, in which custom features are tried out."""
