"""Who takes part, as far as it is known: from practice alone, or from a list that may be a part of the field."""
