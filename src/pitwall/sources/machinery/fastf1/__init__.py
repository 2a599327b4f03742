"""From a loaded session of the library FastF1 to files of laps."""
