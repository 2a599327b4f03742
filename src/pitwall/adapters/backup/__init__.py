"""The local state of a project in one archive, and back: what only lives in `.pitwall/`."""
