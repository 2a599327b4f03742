"""What a fetched snapshot must pass before it is kept."""
