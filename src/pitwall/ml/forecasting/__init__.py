"""The forecast of one race: who takes part (`lineup`), what the champion says (`making`), why (`why`), and how it is shown."""
