"""The laps of one race as people look at them: gaps, places, stints and pace, from whichever table of laps holds the race."""
