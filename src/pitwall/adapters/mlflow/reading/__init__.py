"""Much at once: many runs from the tables of the database, and all files of a run."""
