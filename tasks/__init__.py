"""Prefect tasks: retries and logging around one call into `pitwall` each. Only references travel between them."""
