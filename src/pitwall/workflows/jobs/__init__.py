"""Jobs: what people start on a page and come back to, run by Prefect, told honestly whatever was killed meanwhile."""
