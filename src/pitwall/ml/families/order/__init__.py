"""The family of finishing orders."""
