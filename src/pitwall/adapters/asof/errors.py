"""The one error of the store, so that a caller can tell a wrong question from a broken tool."""


class AsofError(ValueError):
    """The store was asked for something that it cannot answer; says what was found and what was expected."""
