"""Sections of params.yaml with rules of their own; the others, and the whole, are in `pitwall.domain.params`."""
