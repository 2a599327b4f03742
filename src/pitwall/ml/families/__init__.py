"""Families of answers: what a model says, what comes true, how it is scored."""
