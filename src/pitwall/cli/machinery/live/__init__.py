"""A race under way in a terminal: the table, lines where there is none, the keys, the menu."""
