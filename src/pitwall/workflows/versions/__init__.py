"""Registered models as people look at them: the list, one model with its champions, one version with what the gates said of it."""
