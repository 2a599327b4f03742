"""What every source goes through before its rows are canonical tables."""
