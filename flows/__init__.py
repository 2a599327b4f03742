"""Prefect flows, each read like prose. Run one with `python -m flows.NAME`, or through `pitwall run|train|promote`."""

import logging

# What pitwall says while it works is progress: shown on the screen and kept with the run (Prefect shows warnings only).
logging.getLogger("pitwall").setLevel(logging.INFO)
