"""From the history of the OpenF1 API to files of laps."""
