"""Prefect flows, each read like prose. Run one with `python -m flows.NAME`, or through `pitwall run|train|promote`."""
