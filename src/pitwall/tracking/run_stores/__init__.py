"""What a store of runs is to those who log to it and read it: its two sides, words for statuses, parameters with types, finals, instants."""
