"""Pictures that people ask for by name."""
