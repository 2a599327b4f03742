"""What a person opens in a browser: the server on loopback, and a table of runs with the columns that matter."""
