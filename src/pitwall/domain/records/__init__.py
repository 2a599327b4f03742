"""What is written once and read for ever: aliases, the chain of promotions, forecasts."""
