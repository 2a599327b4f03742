"""Runs that people read, compare, draw and edit, whichever store they are in; what they are told of them, and what they write about them."""
