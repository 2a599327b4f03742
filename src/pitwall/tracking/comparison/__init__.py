"""Runs beside each other: which are meant, what each reached, where they differ, and which is best. Pure functions on records and histories."""
