"""Backtests: what the forecasts of past seasons would have been worth, each season predicted from those before it.

`plan` says what to fit, `engine` fits it in worker processes (`fold` is all that a worker sees, `cache` keeps what it
gave, `sources` knows which code decides it), `scores` and `slices` judge, `result`, `report`, `charts` and `picture` show.
"""
