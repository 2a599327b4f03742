"""Read raw files in the forms that people have."""
