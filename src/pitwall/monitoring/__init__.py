"""Has the world moved, which of two is better, and are we entitled to say so: statistics that may be looked at after every race.

Pure functions of numbers: they know no project, no model and no tool. `pitwall.workflows.monitoring` and `.duel` bring them their numbers.
"""
