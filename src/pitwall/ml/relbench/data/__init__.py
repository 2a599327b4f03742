"""What the benchmark gives: its tables of questions, and the rows that may be read for each."""
