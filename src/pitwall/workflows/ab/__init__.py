"""Two versions of one model side by side on real races: declared, run, shown, rehearsed, and told when there is a verdict."""
