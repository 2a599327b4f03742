"""Who may ask the server what, and how much: the words, a limit per minute in memory, a quota per day in slices."""
