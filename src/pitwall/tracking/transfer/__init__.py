"""Whole runs from one store to another, or through a Parquet file, and proof that nothing was lost or changed on the way."""
