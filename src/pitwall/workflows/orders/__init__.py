"""Training orders: what a wizard asks for, as a file that trains the same model again."""
