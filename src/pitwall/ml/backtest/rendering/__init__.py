"""A backtest as page, picture and table."""
