"""What a user names and tells: whom names mean, and the tables of a user's files."""
